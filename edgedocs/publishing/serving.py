"""Serving: the site on this machine, built anew when a source changes."""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from edgedocs.core.errors import CannotRun
from edgedocs.publishing.checking import building
from edgedocs.publishing.checking.finding import FindingsError, in_order
from edgedocs.publishing.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mkdocs.config.defaults import MkDocsConfig

    from edgedocs.publishing.checking.building import Built
    from edgedocs.publishing.checking.finding import Finding

HOST = "127.0.0.1"
POLLING = 0.25
"""Seconds between two looks at the sources."""


def serve_site(
    config_file: Path, port: int, language: str | None, report: Callable[[str, Sequence[Finding], float], None]
) -> None:
    """Serve a site on the loopback interface until interrupted; what is wrong is told and does not end it.

    Args:
        config_file: ``mkdocs.yml``.
        port: the port to listen on.
        language: the one language to build, which is faster; all by default.
        report: is given the site's address, what is wrong, and the seconds, after each build.

    Raises:
        CannotRun: if the port is taken.
        FindingsError: if the configuration is wrong at the start.
    """
    from mkdocs.livereload import LiveReloadServer, _serve_url

    site = Path(tempfile.mkdtemp(prefix="edgedocs-serve-")).resolve()
    try:
        config = building.load(config_file, site, language)
        mount = urlsplit(config.site_url or "/").path
        address = _serve_url(HOST, port, mount)
        first: list[MkDocsConfig] = [config]
        memory = Memory()

        def rebuild() -> None:
            try:
                start = time.monotonic()
                loaded = first.pop() if first else building.load(config_file, site, language)
                loaded.site_url = address
                built = build_again(loaded, memory, address)
                report(address, in_order(built.findings), time.monotonic() - start)
            except FindingsError as error:
                report(address, error.findings, 0.0)

        server = LiveReloadServer(rebuild, HOST, port, str(site), mount_path=mount, polling_interval=POLLING)
        rebuild()
        server.watch(str(config_file))
        server.watch(config.docs_dir)  # the plug-in watches the sources instead
        config.plugins.on_serve(server, config=config, builder=rebuild)
        for folder in config.watch:
            server.watch(folder)
        try:
            with suppress(KeyboardInterrupt):
                server.serve()  # type: ignore[no-untyped-call]
        except OSError as error:
            raise CannotRun(
                f"cannot listen on port {port}: {error.strerror}", remedy="choose another with --port"
            ) from error
        finally:
            if server.serve_thread.is_alive():
                server.shutdown()
    finally:
        shutil.rmtree(site, ignore_errors=True)


def build_again(config: MkDocsConfig, memory: Memory, serve_url: str | None = None) -> Built:
    """Build a site with what earlier builds made of sources that are as they were: the pages are those of a new build.

    Args:
        config: what to build, read anew for each build.
        memory: of the earlier builds, which learns from this one.
        serve_url: the address that a server gives the pages.
    """
    building.plugin_of(config).memory = memory
    built = building.build(config, serve_url)
    if built.complete:
        memory.forget()
    return built
