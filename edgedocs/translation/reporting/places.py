"""Places: the files that findings are about, as other programs name them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgedocs.translation.checks.base import Finding
    from edgedocs.translation.tree import Tree


def file_of(tree: Tree, finding: Finding) -> tuple[Path, int | None]:
    """The file in which to look at a finding, and the line: the translation, or the source where that has nothing."""
    translation = tree.translations / finding.language / finding.page
    if finding.line is None and finding.source_line is not None:
        return tree.source / finding.page, finding.source_line
    return translation, finding.line


def relative(path: Path) -> str:
    """The path from the working directory, with forward slashes."""
    return Path(os.path.relpath(path)).as_posix()
