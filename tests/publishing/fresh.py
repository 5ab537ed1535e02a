"""A build in a process that has built nothing before.

Where the system can, each is forked from one that has only imported what building needs, which saves a second.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

from edgedocs.publishing.checking import building

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs.config.defaults import MkDocsConfig

MODULES = (
    "edgedocs.publishing.plugin",
    "edgedocs.publishing.reference.interface",
    "griffe",
    "material.plugins.search.plugin",
    "mkdocs.commands.build",
    "mkdocs_static_i18n.plugin",
    "pymdownx.superfences",
    "tests.publishing.fresh",
)


def load(project: Path, site: Path, language: str | None, address: str | None) -> MkDocsConfig:
    """The configuration of a build, as ``edgedocs site serve`` reads it."""
    config = building.load(project / "mkdocs.yml", site, language)
    if address is not None:
        config.site_url = address
    return config


def told(built: building.Built) -> list[str]:
    """What a build found wrong."""
    return sorted(str(finding) for finding in built.findings)


def _build(project: Path, site: Path, language: str | None, address: str | None) -> tuple[list[str], bool]:
    built = building.build(load(project, site, language, address), address)
    return told(built), built.complete


class Builder:
    """Builds, each in a process of its own."""

    def __init__(self) -> None:
        known = multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("forkserver" if "forkserver" in known else "spawn")
        context.set_forkserver_preload(list(MODULES))
        self.processes = ProcessPoolExecutor(1, context, max_tasks_per_child=1)

    def build(
        self, project: Path, site: Path, language: str | None = None, address: str | None = None
    ) -> tuple[list[str], bool]:
        """What is wrong with a site, and whether it was built whole."""
        return self.processes.submit(_build, project, site, language, address).result(timeout=120)
