"""Generated page: a page of the site that comes from no file of the documentation."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class GeneratedPage:
    """A page that is made when the site is built.

    Args:
        name: its path below the documentation folder, without suffix: ``"reference/formats"``.
        text: its Markdown; headings have ids, and there is no code block.
        origin: what it is made of: ``"edgedocs/catalog.json"``.
        translations: the same page in further languages, by code; in others readers see the text at hand.
    """

    name: str
    text: str
    origin: str
    translations: Mapping[str, GeneratedPage] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """What messages call it."""
        return f"{self.name}.md (made of {self.origin})"


def locate(root: Path, relative: str) -> Path:
    """A file that a page is made of: of the project, or of an installed package if the project does not have it.

    Args:
        root: the project's folder.
        relative: the file's path there; of a package, beginning with the package's name.
    """
    path = root / relative
    if path.exists():
        return path
    package = PurePosixPath(relative).parts[0]
    spec = find_spec(package) if package.isidentifier() else None
    for folder in (spec.submodule_search_locations or []) if spec else []:
        installed = Path(folder).parent / relative
        if installed.exists():
            return installed
    return path
