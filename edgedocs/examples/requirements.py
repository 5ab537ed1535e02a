"""Requirements: whether what an example needs is installed here."""

from __future__ import annotations

import importlib.util
from importlib import metadata
from pathlib import Path
from typing import Any

from edgedocs.core.files import read_json

CATALOG = Path(__file__).parent.parent / "catalog.json"


def missing(requires: tuple[str, ...], catalog: Path = CATALOG) -> list[str]:
    """What is missing of the requirements of an example, each as a phrase; empty if all is there.

    Args:
        requires: names of runners or converters in the catalog, or of Python modules or distributions.
        catalog: the catalog, as ``edgedocs catalog --json`` prints it.
    """
    phrases = []
    parts = _parts(catalog)
    for name in requires:
        absent = [module for module in parts.get(name, [name]) if not _installed(module)]
        if absent == [name]:
            phrases.append(f"{name}, which is not installed")
        elif absent:
            phrases.append(f"{name}, which needs {' and '.join(absent)}")
    return phrases


def distributions(requires: tuple[str, ...], catalog: Path = CATALOG) -> list[str]:
    """The installed distributions that the requirements of an example come from, sorted."""
    parts = _parts(catalog)
    providers = metadata.packages_distributions() if requires else {}
    modules = [module for name in requires for module in parts.get(name, [name])]
    return sorted({distribution for module in modules for distribution in providers.get(module, [module])})


def _parts(catalog: Path) -> dict[str, list[str]]:
    """The modules that each runner and converter needs."""
    document: dict[str, Any] = read_json(catalog) if catalog.is_file() else {}
    return {part["name"]: part["requires"] for kind in ("converters", "runners") for part in document.get(kind, [])}


def _installed(name: str) -> bool:
    try:
        if name.isidentifier():
            return importlib.util.find_spec(name) is not None
        return metadata.version(name) is not None
    except (ImportError, ValueError, metadata.PackageNotFoundError):
        return False
