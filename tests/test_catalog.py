from edgedocs.catalog import availability, catalog
from edgedocs.cli.models import CATALOG_FILE
from edgedocs.core import files


def test_the_committed_catalog_is_what_the_library_can_do() -> None:
    assert files.read_json(CATALOG_FILE) == catalog(), "run `edgedocs catalog --write`"


def test_an_unavailable_runner_says_why_and_what_to_do() -> None:
    found = availability()
    assert {entry["name"] for entry in found} == {runner["name"] for runner in catalog()["runners"]}
    for entry in found:
        if not entry["available"]:
            assert entry["reason"]
            assert entry["remedy"]
