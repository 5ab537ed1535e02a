import re
from pathlib import Path

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


def test_the_readme_names_the_families_of_the_catalog() -> None:
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    sentence = re.search(r"Families that become GGUF, as `edgedocs catalog` lists them: (.*?)\. Each", text, re.DOTALL)
    assert sentence is not None
    assert re.findall(r"`(\w+)`", sentence[1]) == [
        one["name"] for one in files.read_json(CATALOG_FILE)["architectures"]
    ]
