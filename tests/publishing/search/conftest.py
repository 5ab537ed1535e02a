"""A site in five languages that is searched, from a server and from its folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.publishing.site import run_python, serving
from tests.publishing.test_browser import ARGUMENTS
from tests.requirements import require, require_browser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext

collect_ignore = ["fixture"]


@pytest.fixture(scope="package")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site."""
    folder = tmp_path_factory.mktemp("searched")
    project = Path(shutil.copytree(Path(__file__).with_name("fixture"), folder / "project"))
    result = run_python(project, "-m", "mkdocs", "build", "--site-dir", str(folder / "host" / "handbook"))
    assert result.returncode == 0, result.stderr
    return folder / "host" / "handbook"


@pytest.fixture(scope="package")
def address(searched: Path) -> Iterator[str]:
    with serving(searched.parent) as host:
        yield f"{host}/handbook"


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    require("playwright")
    chromium = require_browser()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield context
