"""Wording: a segment as the text that a translator is asked about, and an answer as the segment's translation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgedocs.translation.masking import Masked, PlaceholdersDiffer, mask
from edgedocs.translation.normalization import unify_line_ends
from edgedocs.translation.sync import scalars

if TYPE_CHECKING:
    from collections.abc import Collection

    from edgedocs.translation.segments import Segment


@dataclass(frozen=True)
class Wording:
    """What of a segment is to be translated.

    Args:
        masked: its text without what a translator must not touch.
        writer: for a value of front matter, what writes it with other texts.
        count: how many texts, one a line, the value holds.
    """

    masked: Masked
    writer: scalars.Writer | None = None
    count: int = 1

    @property
    def has_words(self) -> bool:
        """Whether there is anything to translate; if not, the translation is the source."""
        return self.masked.has_words

    def text(self, answer: str) -> str:
        """The translation that an answer gives.

        Raises:
            PlaceholdersDiffer: if a placeholder is lost, doubled or new, or a list has another number of texts.
        """
        restored = self.masked.restore(unify_line_ends(answer).strip())
        if self.writer is None:
            return restored
        texts = restored.split("\n") if self.count > 1 else [" ".join(restored.split("\n"))]
        if len(texts) != self.count or not all(text.strip() for text in texts):
            raise PlaceholdersDiffer((f"{len(texts)} lines; expected {self.count}, one for each text of a list",))
        return self.writer([text.strip() for text in texts])


def wording(segment: Segment, names: Collection[str] = ()) -> Wording:
    """What of a segment is to be translated.

    Args:
        segment: of the source.
        names: names of addresses that the page defines.
    """
    if segment.kind != "front-matter":
        return Wording(mask(segment.text, names))
    value = scalars.read(segment.text)
    if value is None:
        return Wording(Masked("", (), segment.text))
    texts, writer = value
    return Wording(mask("\n".join(text.replace("\n", " ") for text in texts)), writer, len(texts))
