"""Removing what the commands made."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tools.tasks.console import say

if TYPE_CHECKING:
    from pathlib import Path

MADE = (
    ".venv",
    ".venv-vllm",
    "site",
    "build",
    "dist",
    ".cache",
    ".hypothesis",
    ".import_linter_cache",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    "tests/npm/node_modules",
)


def clean(root: Path) -> int:
    """Remove the environment, the built site and the caches; nothing that git tracks."""
    for name in MADE:
        folder = root / name
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)
            say(f"removed {name}")
    return 0
