"""Building the site in all its languages, and serving it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.tasks.console import FINDINGS, CommandError, say, step
from tools.tasks.server import SiteServer

if TYPE_CHECKING:
    from pathlib import Path

    from tools.tasks.environment import Environment


def site(environment: Environment, *, port: int, serve: bool) -> int:
    """Build the site strictly and, unless told not to, serve it until interrupted."""
    folder = environment.root / "site"
    server = SiteServer(folder, port) if serve else None
    try:
        environment.provide("site")
        build(environment, folder)
        if server is not None:
            _serve(server)
    finally:
        if server is not None:
            server.server_close()
    return 0


def build(environment: Environment, folder: Path) -> None:
    """Build the site into a folder; a warning is an error."""
    with step(f"build the site, all languages, into {folder}"):
        # Without the variable Material prints a page about the future of its own project. With --quiet MkDocs would
        # not say which warning made it fail.
        outcome = environment.run("-m", "mkdocs", "build", "--strict", "--site-dir", folder, NO_MKDOCS_2_WARNING="1")
    if outcome != 0:
        raise CommandError("the site was not built", remedy="mend what is said above", exit_code=FINDINGS)


def _serve(server: SiteServer) -> None:
    say(f"\nThe site is at {server.address} (Ctrl-C ends it)")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        say("\nEnded.")
