"""Translated page: header, body and records of one file, taken apart and put together again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgedocs.core import files
from edgedocs.core.errors import BadInput
from edgedocs.pages.block import count_lines
from edgedocs.pages.scanner import scan
from edgedocs.translation import header as headers
from edgedocs.translation import records
from edgedocs.translation.interop import footers, notebooks
from edgedocs.translation.normalization import BYTE_ORDER_MARK
from edgedocs.translation.segments import Outline, split

if TYPE_CHECKING:
    from pathlib import Path

    from edgedocs.translation.header import Header
    from edgedocs.translation.records import Record


@dataclass(frozen=True)
class TranslatedPage:
    """A localized page.

    Args:
        header: from which source it was made; None if the page does not say.
        body: the page that readers see, with the file's line ends.
        records: one for each segment when it was recorded; None if the page has none.
        body_line: line of the file on which the body starts.
    """

    header: Header | None
    body: str
    records: tuple[Record, ...] | None
    body_line: int = 1

    @classmethod
    def load(cls, path: Path) -> TranslatedPage:
        """Read a file and take it apart; a notebook as the page that it is.

        Raises:
            BadInput: if it cannot be read, or as :meth:`parse`.
        """
        where = path.as_posix()
        return cls.parse(notebooks.page_text(files.read_text(path), path), where)

    @classmethod
    def parse(cls, text: str, where: str) -> TranslatedPage:
        """Take a page apart.

        Args:
            text: the file's text, line ends as they are; of a notebook, the text of the page that it is.
            where: its path, for messages.

        Raises:
            BadInput: if header or records are malformed, twice there or out of place, or it is a notebook's JSON.
        """
        if notebooks.is_notebook(where) and text.lstrip(BYTE_ORDER_MARK).lstrip().startswith("{"):
            raise BadInput("a notebook, which is not handled here", where=where, expected="a page of Markdown")
        header = headers.parse(text, where)
        span = headers.find(text)
        start = span[1] if span else len(text) - len(text.removeprefix(BYTE_ORDER_MARK))
        body = text[start:]
        body_line = 1 + count_lines(text[:start].removeprefix(BYTE_ORDER_MARK))
        found = records.find(body)
        entries = None
        if found:
            entries = records.parse(body[found[0] :], where, body_line + count_lines(body[: found[0]]))
            body = body[: found[0]]
        _refuse_strays(body, where, body_line)
        return cls(header, body, entries, body_line)

    def render(self) -> str:
        """The file's text; line ends of header and records are those of the body."""
        newline = "\r\n" if "\r\n" in self.body else "\n"
        before = headers.render(self.header) if self.header else ""
        after = f"\n{records.render(self.records)}" if self.records is not None else ""
        last = "" if not after or self.body.endswith(("\n", "\r")) or not self.body else newline
        return before.replace("\n", newline) + self.body + last + after.replace("\n", newline)

    def outline(self, where: str) -> Outline:
        """Its segments and fixed pieces, with their lines in the file; a footer on how it was made is none of them."""
        return split(footers.split(self.body)[0], where, self.body_line)


def _refuse_strays(body: str, where: str, body_line: int) -> None:
    """A second header or a second set of records is what a merge by hand leaves: which of the two holds is unknown."""
    if records.MARKER not in body and headers.LABEL not in body:
        return
    for block in scan(body):
        content = block.text.lstrip().removeprefix("<!--").lstrip()
        marked = block.text.lstrip().startswith(records.MARKER) or content.startswith(headers.LABEL)
        if marked and block.kind != "fence":
            raise BadInput(
                "a header or segment records in the middle of the page, or twice",
                where=f"{where}:{block.line + body_line - 1}",
                expected="one header at the top, one comment with records at the end",
                remedy="delete what is out of place, check the translation and run `edgedocs translate record`",
            )
