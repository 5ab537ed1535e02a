"""Generated page: a page of the site that comes from no file of the documentation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GeneratedPage:
    """A page that is made when the site is built.

    Args:
        name: its path below the documentation folder, without suffix: ``"reference/formats"``.
        text: its Markdown; headings have ids, and there is no code block.
        origin: what it is made of: ``"edgedocs/catalog.json"``.
    """

    name: str
    text: str
    origin: str

    @property
    def shown(self) -> str:
        """What messages call it."""
        return f"{self.name}.md (made of {self.origin})"
