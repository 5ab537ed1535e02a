"""A site in five languages that is searched, from a server and from its folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.publishing.site import run_python, serving

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


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield context
