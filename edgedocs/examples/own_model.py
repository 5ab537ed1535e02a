"""Own model: the reader runs the examples of a page on a model of theirs, which EDGEDOCS_MODEL names.

What the page shows was recorded with ``tiny``. On another model the same code gives other figures, which is no mistake
of the page. So the example must still run to its end, with its assertions; what it gives is compared, and where that
differs it is shown to the reader as the result on their model. Nothing is recorded and no verdict is kept.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import BadInput

if TYPE_CHECKING:
    import pytest

    from edgedocs.examples.example import Example
    from edgedocs.examples.outcome import Outcome

VARIABLE = "EDGEDOCS_MODEL"
SHIPPED = "tiny"
"""The name of the model that comes along, with which pages are recorded."""

REASON = "differs on your model: shown, not compared"


def own_model() -> Path | None:
    """The reader's own model, or None if the examples run on the one that comes along."""
    name = os.environ.get(VARIABLE) or SHIPPED
    return None if name == SHIPPED else Path(name).resolve()


def require(model: Path, update: bool) -> None:
    """Check once, before any example runs, what would make all of them fail.

    Args:
        model: the reader's own model.
        update: whether outputs are to be recorded.

    Raises:
        BadInput: if there is no such file or folder, or something is to be recorded.
    """
    if not model.exists():
        raise BadInput(
            f"{VARIABLE} names a model that is not there",
            where=model,
            expected="a checkpoint folder",
            remedy=f"correct it, or unset {VARIABLE} to run the examples on {SHIPPED}",
        )
    if update:
        raise BadInput(
            "nothing is recorded from a model of your own",
            where=model,
            expected=f"the model that comes along, {SHIPPED}",
            remedy=f"unset {VARIABLE}, or leave --update-outputs out",
        )


def varies(example: Example) -> bool:
    """Whether what an example gives may depend on the model.

    A console names its models itself, and a doctest states its result.
    """
    return example.kind == "python"


def shown(outcome: Outcome) -> str:
    """What the reader sees of an example on their model: what it printed, and its facts."""
    facts = "".join(f"{name} = {value!r}\n" for name, value in outcome.facts.items())
    return f"{outcome.output.rstrip()}\n{facts}".lstrip("\n")


def report(terminal: pytest.TerminalReporter, model: Path, verdicts: dict[str, dict[str, Any]]) -> None:
    """Show the reader what the examples gave on their model where that is not what the page shows."""
    differing = {name: verdict["shown"] for name, verdict in verdicts.items() if "shown" in verdict}
    terminal.section("your model")
    terminal.write_line(f"{model}: assertions hold where an example did not fail; nothing is recorded")
    for name, text in differing.items():
        terminal.write_line(f"\n{name} ({REASON})")
        terminal.write_line(text.rstrip())
