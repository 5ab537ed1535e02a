"""Labels: the few words that the site adds to a page, in the language of the part of the site."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput
from edgedocs.translation.language import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


@cache
def defaults() -> Mapping[str, str]:
    """The labels in English, by key."""
    return read_toml(Path(__file__).with_name("labels.toml"))


@dataclass(frozen=True)
class Labels:
    """The labels of one language.

    Args:
        language: the language's code.
        texts: its own texts, by key; for others the English ones stand in.
        where: the file that holds its texts, for messages.
        reasons: why code blocks are shown and not run, by the reason as the source page has it.

    Raises:
        BadInput: if a key is unknown, or a text has a placeholder that the English one lacks.
    """

    language: str
    texts: Mapping[str, str]
    where: str
    reasons: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, text in self.texts.items():
            if key not in defaults():
                raise BadInput(
                    f"unknown label {key!r}", where=f"{self.where} [site]", expected=f"one of {', '.join(defaults())}"
                )
            if not _placeholders(text) <= _placeholders(defaults()[key]):
                raise BadInput(
                    f"label {key!r} has a placeholder that the English text lacks",
                    where=f"{self.where} [site]",
                    expected=f"those of {defaults()[key]!r}",
                )

    def __getitem__(self, key: str) -> str:
        return self.texts.get(key, defaults()[key])

    @property
    def missing(self) -> list[str]:
        """Keys for which English stands in."""
        return [key for key in defaults() if key not in self.texts]

    def day(self, when: date) -> str:
        """A date, written out."""
        from babel.dates import format_date

        locale = "en_001" if self.language == "en" else self.language.replace("-", "_")  # not the order of one country
        return str(format_date(when, "long", locale=locale))


def _placeholders(text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        return {text}
