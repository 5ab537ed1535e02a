"""The inventory and ``edgedocs examples list``, which prints it."""

import json

import pytest
from click.testing import CliRunner

from edgedocs.cli.examples import examples
from edgedocs.core.errors import BadInput
from edgedocs.examples.inventory import Inventory
from edgedocs.examples.project import Project
from tests.examples.conftest import OUTPUT

PAGE = (
    '```python {#x}\n--8<-- "a/x.py"\n```\n\n'
    + OUTPUT
    + '\n```python {#y output="environment" reason="time"}\nprint(1)\n```\n'
    + '\n```text {output-of="y"}\n2\n```\n\n```cpp {shown="a template"}\n{}\n```\n'
)


@pytest.fixture
def listed(site):
    site.write("snippets/a/x.py", "print('one')\n")
    site.page(f"# A\n\n{PAGE}")
    return site


def run(site, *arguments):
    result = CliRunner().invoke(
        examples, ["list", "--docs", str(site.docs), *arguments], standalone_mode=False, catch_exceptions=False
    )
    return result.return_value, result.output


def test_every_block_is_listed_and_counted(listed):
    code, output = run(listed, "--json")
    document = json.loads(output)
    assert code == 0
    assert document["summary"] == {"shown": 1, "unverified": 4, "rendered": 5}
    assert [(entry["id"], entry["line"], entry["kind"]) for entry in document["examples"]] == [
        ("a#x", 3, "python"),
        ("a#x", 7, "output"),
        ("a#y", 11, "python"),
        ("a#y", 15, "output"),
        ("a#line-19", 19, "shown"),
    ]
    assert list(document) == ["examples", "summary"]
    for entry in document["examples"]:
        assert list(entry) == ["id", "page", "line", "kind", "verdict", "reason", "seconds", "output"]
    assert document["examples"][0]["page"] == "docs/a.md"
    assert document["examples"][-1]["reason"] == "a template"


def test_the_verdicts_of_the_last_run_are_listed(listed):
    assert listed.pytest("docs", "--update-outputs").returncode == 0
    document = json.loads(run(listed, "--json")[1])
    assert document["summary"] == {"environment": 2, "passed": 2, "shown": 1, "rendered": 5}
    first, _, third, *_ = document["examples"]
    assert (first["verdict"], third["verdict"], third["reason"]) == ("passed", "environment", "time")
    assert 0 < first["seconds"] < 30


def test_a_change_makes_a_verdict_void(listed):
    assert listed.pytest("docs", "--update-outputs").returncode == 0
    listed.write("snippets/a/x.py", "print('two')\n")
    assert json.loads(run(listed, "--json")[1])["examples"][0]["verdict"] == "unverified"
    assert listed.pytest().returncode == 1
    code, output = run(listed)
    assert code == 1
    assert "docs/a.md:3" in output
    assert "2 environment, 2 failed, 1 shown, 5 rendered" in output


def test_a_wrong_page_is_listed_as_a_problem(listed):
    listed.page("```python\n1\n```\n", "b")
    code, output = run(listed, "--json")
    assert code == 2
    (problem,) = json.loads(output)["problems"]
    assert problem["where"] == "docs/b.md:1"


def test_a_damaged_store_of_verdicts_is_no_store(listed):
    listed.write(".pytest_cache/v/edgedocs/verdicts", "{")
    assert json.loads(run(listed, "--json")[1])["summary"]["unverified"] == 4
    listed.write(".pytest_cache/v/edgedocs/verdicts", '{"a#x": 1}')
    assert json.loads(run(listed, "--json")[1])["summary"]["unverified"] == 4


def test_a_missing_folder_is_told(tmp_path):
    with pytest.raises(BadInput, match="no such folder"):
        Project.open(tmp_path / "none")


def test_records_of_a_page_that_is_gone_are_told(listed):
    listed.write("snippets/gone/x.facts.json", "{}")
    code, output = run(listed, "--json")
    assert code == 2
    (problem,) = json.loads(output)["problems"]
    assert (problem["where"], problem["expected"]) == ("snippets/gone", "a page docs/gone.md")


def test_chosen_pages_alone(listed):
    listed.page("```python {#z}\n1\n```\n", "b")
    inventory = Inventory.of(listed.project, [listed.docs / "b.md"])
    assert [entry.id for entry in inventory.entries] == ["b#z"]


def test_the_output_is_what_readers_are_shown(site):
    site.page(
        "```python {#x}\nprint('one')\n```\n\n"
        + OUTPUT
        + '\n```python {#y}\n2\n```\n\n```text {output-of="y"}\nby hand\n```\n'
        + "\n```console {#c}\n$ echo one\none\n$ echo two\ntwo\n```\n\n```pycon {#d}\n>>> 1\n1\n>>> 2\n2\n```\n"
        + '\n```cpp {shown="no compiler"}\nint x;\n```\n'
    )
    outputs = [entry["output"] for entry in json.loads(run(site, "--json")[1])["examples"]]
    assert outputs == [None, None, "by hand\n", "by hand\n", "one\ntwo\n", "1\n2\n", None]
    site.write("snippets/a/x.out", "one\n")
    outputs = [entry["output"] for entry in json.loads(run(site, "--json")[1])["examples"]]
    assert outputs[:2] == ["one\n", "one\n"]
