"""Extras: Python packages beyond the base install, and how to get them."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec


def missing(packages: Iterable[str]) -> str | None:
    """The first of the Python packages that is not installed; nothing is imported."""
    return next((package for package in packages if find_spec(package) is None), None)


def install_remedy(extra: str | None) -> str:
    """How to install an extra of EdgeDocs."""
    return f"in a copy of the project's repository: python -m pip install '.[{extra}]'"
