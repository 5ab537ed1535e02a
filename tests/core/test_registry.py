import sys
from pathlib import Path

import pytest

from edgedocs.core.errors import BadInput
from edgedocs.core.registry import Registry


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry[str]:
    package = tmp_path / "shapes_for_test"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "base.py").touch()
    (package / "circle.py").write_text("SHAPE = 'round'\n")
    (package / "square.py").write_text("SHAPE = 'four corners'\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield Registry("shape", "shapes_for_test", "SHAPE", helpers=frozenset({"base"}))
    for name in [name for name in sys.modules if name.startswith("shapes_for_test")]:
        del sys.modules[name]


def test_a_module_of_the_package_is_a_plugin_and_a_helper_is_not(registry: Registry[str]) -> None:
    assert registry.names() == ["circle", "square"]
    assert list(registry) == ["round", "four corners"]
    assert "base" not in registry


def test_plugins_are_imported_when_asked_for(registry: Registry[str]) -> None:
    registry.names()
    assert "shapes_for_test.circle" not in sys.modules
    registry.get("circle")
    assert "shapes_for_test.circle" in sys.modules
    assert "shapes_for_test.square" not in sys.modules


def test_an_unknown_name_lists_the_known_and_the_nearest(registry: Registry[str]) -> None:
    with pytest.raises(BadInput, match=r"unknown shape 'circel'; expected one of circle, square\n.*'circle'"):
        registry.get("circel")


def test_a_plugin_from_elsewhere_can_be_added_once(registry: Registry[str]) -> None:
    registry.add("triangle", "three corners")
    assert registry.get("triangle") == "three corners"
    with pytest.raises(BadInput, match="registered already"):
        registry.add("circle", "again")
