"""What a test may need beyond the base install; missing is a visible skip here and a failure where all is required."""

import json
import os
import shutil
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NPM_PACKAGES = Path(__file__).with_name("npm")


def require(module: str) -> None:
    """Skip the calling test, with the reason, if ``module`` is not installed; fail it when EDGEDOCS_REQUIRE_ALL=1."""
    if PathFinder.find_spec(module) is None:  # on disk: an earlier test may have shut it out of this process
        _missing(f"needs the Python package {module}")


def require_browser() -> Path:
    """The path of a Chromium on this machine; otherwise as :func:`require`."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return Path(found)
    return _missing("needs Chromium")


def require_npm(name: str) -> Path:
    """The folder of a package of npm, in the version that the lock file says; otherwise as :func:`require`."""
    lock = json.loads((NPM_PACKAGES / "package-lock.json").read_text(encoding="utf-8"))
    version = lock["packages"][f"node_modules/{name}"]["version"]
    folder = NPM_PACKAGES / "node_modules" / name
    installed = folder / "package.json"
    if not installed.exists() or json.loads(installed.read_text(encoding="utf-8"))["version"] != version:
        npm = "" if shutil.which("npm") else ", and npm to install it"
        return _missing(f"needs the npm package {name} {version}{npm}: npm ci in tests/npm, as `make test` does")
    return folder


def require_network_namespaces() -> None:
    """Skip or fail as :func:`require` if examples cannot be given a network of their own here."""
    from edgedocs.examples.network import can_close

    if not can_close():
        _missing("needs Linux with network namespaces for ordinary users")


def _missing(reason: str) -> Path:
    if os.environ.get("EDGEDOCS_REQUIRE_ALL") == "1":
        pytest.fail(f"{reason}, and EDGEDOCS_REQUIRE_ALL=1 forbids skipping")
    pytest.skip(reason)
