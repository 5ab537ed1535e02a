"""Provenance: what a page rests on: the runs of its examples, its source, its translation; said in its footer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from edgedocs.publishing.labels import Labels
    from edgedocs.publishing.notices import State


@dataclass(frozen=True)
class Provenance:
    """What a page rests on.

    Args:
        state: how it stands to its source.
        source: the file of the source page, from the project's folder on.
        file: the file of the page's own text; empty if the page is made when the site is built.
        translated: when the translation was made; None if that is not known or it is none.
        runs: what was recorded of the runs of its examples: date, versions, machine.
        examples: how many examples it has.
        requires: what they require, beside the library itself.
    """

    state: State
    source: str
    file: str
    translated: date | None = None
    runs: tuple[Mapping[str, Any], ...] = ()
    examples: int = 0
    requires: tuple[str, ...] = field(default=())

    def lines(self, labels: Labels) -> list[str]:
        """The footer's sentences, in the language of the part of the site.

        Args:
            labels: the words of that language.
        """
        return [line for line in (self._verified(labels), self._with(), self._origin(labels)) if line]

    def _verified(self, labels: Labels) -> str:
        days = sorted(day for run in self.runs if (day := as_day(run.get("date"))))
        if not days:
            return ""
        if days[0] == days[-1]:
            return labels["page_verified"].format(date=labels.day(days[0]))
        return labels["page_verified_between"].format(first=labels.day(days[0]), last=labels.day(days[-1]))

    def _with(self) -> str:
        """Versions and processors of all runs, in the order of their names."""
        versions = {f"{name} {version}" for run in self.runs for name, version in (run.get("versions") or {}).items()}
        pythons = {f"Python {run['python']}" for run in self.runs if run.get("python")}
        machines = {
            f"{run['processor']} ({run['system']})" for run in self.runs if run.get("processor") and run.get("system")
        }
        return " · ".join([*sorted(versions), *sorted(pythons), *sorted(machines)])

    def _origin(self, labels: Labels) -> str:
        if not self.file:
            return labels["page_made"].format(file=self.source)
        if self.state == "source":
            return labels["page_source"].format(file=self.file)
        if self.state == "untranslated":
            return labels["page_untranslated"].format(file=self.source)
        day = labels.day(self.translated) if self.translated else "–"
        return labels[f"page_{self.state}"].format(file=self.source, date=day)


def as_day(text: object) -> date | None:
    """The date of a recorded time."""
    try:
        return datetime.fromisoformat(str(text)).date()
    except ValueError:
        return None


def edit_address(repository: str, uri: str, documents: str, file: str) -> str | None:
    """Where readers can edit a page's text; None if nothing says where.

    Args:
        repository: the configuration's ``repo_url``.
        uri: its ``edit_uri``, which leads to the folder of the source pages.
        documents: the name of that folder.
        file: the file of the text, from the project's folder on.
    """
    base = f"{repository.rstrip('/')}/{uri.lstrip('/')}" if repository else uri
    if not uri or not file or "://" not in base:
        return None
    above = base.removesuffix("/").removesuffix(documents)
    if above == base.removesuffix("/"):
        return base + file.removeprefix(f"{documents}/") if file.startswith(f"{documents}/") else None
    return above + file


def runs_of(records: Iterable[Any]) -> tuple[Mapping[str, Any], ...]:
    """The provenances of records that tell of a run."""
    return tuple(record.provenance for record in records if record.provenance.get("date"))
