"""The fixture is a documentation of its own, whose conftest.py must never run."""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.publishing.once import made_once
from tests.publishing.site import build_handbook, serving
from tests.requirements import require, require_browser

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

collect_ignore = ["fixture"]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for the tests of a module: while Playwright is at work, others cannot run an event loop."""
    require("playwright")
    chromium = require_browser()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def handbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of a copy of this repository's handbook, below a folder in which it may stand on a host.

    It is built once in a run, whatever the number of processes that run the tests, and none of them may change it.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # all processes of this run have theirs in it
    return made_once(folder / "handbook", build_handbook) / "site"


@pytest.fixture(scope="module")
def handbook_address(handbook: Path) -> Iterator[str]:
    """Where the handbook is served, without a slash at the end."""
    with serving(handbook) as address:
        yield address


@contextmanager
def watched(page: Page, allowed: tuple[str, ...]) -> Iterator[None]:
    """Fail on an error in the page's console, and on a request whose address does not begin as ``allowed``."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: request.url.startswith(allowed) or complaints.append(request.url))
    yield
    assert complaints == []


@pytest.fixture
def unused_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
