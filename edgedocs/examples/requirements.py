"""Requirements: whether what an example needs is installed here."""

from __future__ import annotations

import difflib
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
    parts = _parts(catalog)
    phrases = []
    for name, absent in _absent(requires, parts).items():
        if absent != [name]:
            phrases.append(f"{name}, which needs {' and '.join(absent)}")
            continue
        # A name that is misspelled would never be installed, and its example never run.
        close = [] if name in parts else difflib.get_close_matches(name, parts, n=1)
        phrases.append(f"{name}, which is not installed" + (f" (did you mean {close[0]}?)" if close else ""))
    return phrases


def missing_names(requires: tuple[str, ...], catalog: Path = CATALOG) -> list[str]:
    """The names among the requirements of an example of which something is missing here."""
    return list(_absent(requires, _parts(catalog)))


def _absent(requires: tuple[str, ...], parts: dict[str, list[str]]) -> dict[str, list[str]]:
    """The modules that are missing, by the requirement that needs them."""
    found = {name: [module for module in parts.get(name, [name]) if not _installed(module)] for name in requires}
    return {name: modules for name, modules in found.items() if modules}


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
    """Whether there is a module or a distribution of this name."""
    try:
        if name.isidentifier() and importlib.util.find_spec(name) is not None:
            return True
        return metadata.version(name) is not None
    except (ImportError, ValueError, metadata.PackageNotFoundError):
        return False
