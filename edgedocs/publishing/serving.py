"""Serving: the site on this machine, built anew when a source changes."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from edgedocs.core.errors import CannotRun
from edgedocs.publishing.checking import building
from edgedocs.publishing.checking.finding import FindingsError, in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mkdocs.config.defaults import MkDocsConfig

    from edgedocs.publishing.checking.finding import Finding

HOST = "127.0.0.1"


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

        def rebuild() -> None:
            try:
                _build(first.pop() if first else building.load(config_file, site, language), address, report)
            except FindingsError as error:
                report(address, error.findings, 0.0)

        server = LiveReloadServer(builder=rebuild, host=HOST, port=port, root=str(site), mount_path=mount)
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


def _build(config: MkDocsConfig, address: str, report: Callable[[str, Sequence[Finding], float], None]) -> None:
    import time

    start = time.monotonic()
    config.site_url = address
    built = building.build(config, serve_url=address)
    report(address, in_order(built.findings), time.monotonic() - start)
