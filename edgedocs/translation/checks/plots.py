"""Labels of plots that have no translation."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from edgedocs.translation.checks.base import Check, Finding, Severity
from edgedocs.translation.plots import FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.translation.pairs import PagePair
    from edgedocs.translation.plots import PlotLabel


class Plots(Check):
    """Each label of a plot has a line in plots.tsv, and each line there a label that a plot has.

    Lines without a plot are found in a run over all pages.
    """

    name = "plots"
    severity: ClassVar[Severity] = "warning"

    def page(self, pair: PagePair) -> Iterator[Finding]:
        """See :class:`.base.Check`."""
        known = pair.context.plot_labels
        if pair.translation is None or known is None:
            return
        for plot in pair.context.plots:
            for label in plot.labels:
                if label not in known:
                    yield self.in_page(
                        pair,
                        f"the label {label!r} of {plot.target} is not translated",
                        f"add a line to {FILE_NAME} of the language: {label}, the translation, a note, "
                        "separated by tabs; a name that stays is its own translation",
                        source_line=plot.line,
                    )


CHECK = Plots()


def unused(language: str, label: PlotLabel) -> Finding:
    """That no plot of any page has a label."""
    return Finding(
        language,
        FILE_NAME,
        label.line,
        None,
        CHECK.name,
        CHECK.severity,
        f"no plot has the label {label.label!r}",
        "remove the line, or write the label as the plot has it now",
    )
