import json

import pytest

from edgedocs.examples.requirements import CATALOG, distributions, missing, missing_names


@pytest.fixture
def catalog(tmp_path):
    path = tmp_path / "catalog.json"
    parts = {
        "runners": [{"name": "fine", "requires": ["json"]}, {"name": "lame", "requires": ["json", "no_such_module"]}],
        "converters": [{"name": "plain", "requires": []}],
    }
    path.write_text(json.dumps(parts))
    return path


def test_what_is_there_is_not_missing(catalog):
    assert missing(("fine", "plain", "json", "numpy", "pytest-xdist"), catalog) == []


def test_a_distribution_may_be_called_otherwise_than_its_module():
    assert missing(("PyYAML", "yaml")) == []


def test_what_is_missing_is_named(catalog):
    assert missing(("lame",), catalog) == ["lame, which needs no_such_module"]
    assert missing(("no_such_module", "no-such-package"), catalog) == [
        "no_such_module, which is not installed",
        "no-such-package, which is not installed",
    ]


def test_a_missing_catalog_leaves_the_modules(tmp_path):
    assert missing(("json",), tmp_path / "none.json") == []


def test_the_shipped_catalog_is_read():
    assert CATALOG.is_file()
    assert missing(("onnxruntime",)) == []


def test_distributions_of_modules(catalog):
    assert distributions(("numpy", "fine"), catalog) == ["json", "numpy"]


def test_a_misspelled_name_is_told(catalog):
    assert missing(("fines",), catalog) == ["fines, which is not installed (did you mean fine?)"]
    assert missing_names(("fines", "lame", "plain", "json"), catalog) == ["fines", "lame"]
