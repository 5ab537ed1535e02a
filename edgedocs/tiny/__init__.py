"""The shipped model ``tiny``: its checkpoint, model card, held-out text and the code that made them."""

from __future__ import annotations

from pathlib import Path

from edgedocs.core import files
from edgedocs.core.errors import BadInput

FOLDER = Path(__file__).parent


def held_out(language: str = "en") -> str:
    """Text that ``tiny`` was never shown, for measuring: ``en``, ``cs``, ``sl``, ``et`` or ``pl``.

    Raises:
        BadInput: if there is none in this language.
    """
    languages = sorted(file.stem for file in (FOLDER / "heldout").glob("*.txt"))
    if language not in languages:
        raise BadInput(f"no held-out text in {language!r}", expected=f"one of {', '.join(languages)}")
    return files.read_text(FOLDER / "heldout" / f"{language}.txt")
