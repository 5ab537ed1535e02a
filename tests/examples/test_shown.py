"""Shown blocks that are linted: as test items, in the inventory, with places."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from edgedocs.cli.examples import examples
from edgedocs.core.errors import BadInput
from edgedocs.examples.linters import bash, linter_for
from edgedocs.examples.outcome import ExampleError

WRONG = '# A\n\ntext\n\n```json {#settings shown=\'a template\'}\n{"a": 1,\n "a": 2}\n```\n'
RIGHT = WRONG.replace(' "a": 2', ' "b": 2')
SCRIPT = "# A\n\n```bash {#script shown='installs'}\nif true\n```\n"


def shown(site):
    found = site.collect()
    found.raise_problems()
    (block,) = found.shown
    return block


def inventory(site, *arguments):
    command = ["list", "--docs", str(site.docs), "--json", *arguments]
    return json.loads(CliRunner().invoke(examples, command, standalone_mode=False, catch_exceptions=False).output)


@pytest.fixture
def no_bash(tmp_path, monkeypatch):
    """A PATH on which there is no bash, for this process and those that it starts."""

    def remove():
        monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
        bash._bash.cache_clear()

    yield remove
    bash._bash.cache_clear()


def test_a_finding_names_page_and_line_in_the_page_and_in_the_block(site):
    site.page(WRONG)
    with pytest.raises(ExampleError) as caught:
        shown(site).check()
    message = str(caught.value)
    assert message.startswith("docs/a.md:5: the json block a#settings cannot be right\n")
    assert "docs/a.md:7: line 2: the key 'a' stands in line 1 already" in message
    assert "remedy: " in message


def test_an_indented_block_has_the_same_places(site):
    site.page('!!! note\n\n    ```toml {#t shown="why"}\n    a = 1\n    a = 2\n    ```\n')
    with pytest.raises(ExampleError, match=r"docs/a\.md:5: line 2: Cannot overwrite"):
        shown(site).check()


def test_an_included_file_is_linted_whole_and_named(site):
    site.write("snippets/a/x.py", "# --8<-- [start:top]\nx = 1\n# --8<-- [end:top]\nx = (\n")
    site.page('```python {#x shown="needs another machine"}\n--8<-- "a/x.py:top"\n```\n')
    with pytest.raises(ExampleError, match=r"snippets/a/x\.py:4: line 4: '\(' was never closed"):
        shown(site).check()


def test_blocks_without_a_linter_need_no_id(site):
    site.page('```cpp {shown="why"}\nint main(\n```\n\n```console {shown="why"}\n$ a\n```\n')
    found = site.collect()
    assert not found.problems
    assert not found.shown


@pytest.mark.parametrize("language", ["json", "yaml", "yml", "toml", "python", "py", "bash", "sh", "dockerfile"])
def test_blocks_with_a_linter_need_an_id(site, language):
    site.page(f'```{language} {{shown="why"}}\n{{}}\n```\n')
    with pytest.raises(BadInput, match=f"docs/a.md:1: a shown {language} block without an id"):
        shown(site)


def test_pytest_runs_a_linted_block_under_its_id(site):
    site.page(WRONG)
    result = site.pytest("docs", "-rA")
    assert result.returncode == 1
    assert "FAILED docs/a.md::a#settings" in result.stdout
    assert "docs/a.md:7: line 2: the key 'a' stands in line 1 already" in result.stdout
    assert "Traceback" not in result.stdout
    site.page(RIGHT)
    result = site.pytest("docs/a.md::a#settings")
    assert result.returncode == 0
    assert "1 passed" in result.stdout
    assert "1 shown (1 linted, 0 not linted)" in result.stdout


def test_the_inventory_lints_what_it_lists(site):
    site.page(WRONG)
    (entry,) = inventory(site)["examples"]
    assert (entry["id"], entry["kind"], entry["verdict"]) == ("a#settings", "shown", "failed")
    assert "docs/a.md:7: line 2" in entry["reason"]
    site.page(RIGHT)
    document = inventory(site)
    assert document["summary"] == {"linted": 1, "rendered": 1}
    assert document["examples"][0]["reason"] == "a template"


def test_without_bash_a_script_is_not_linted_and_everybody_sees_it(site, no_bash):
    site.page(SCRIPT)
    if linter_for("bash").absent() is None:
        assert inventory(site)["summary"] == {"failed": 1, "rendered": 1}
    no_bash()
    (entry,) = inventory(site)["examples"]
    assert (entry["verdict"], entry["reason"]) == ("not-linted", "not linted: no bash")
    result = site.pytest("docs", "-rs")
    assert result.returncode == 0, result.stdout
    assert "SKIPPED [1] docs/a.md: block a#script is not linted: no bash" in result.stdout
    assert "1 shown (0 linted, 1 not linted)" in result.stdout
    result = site.pytest("docs", "--require-all")
    assert result.returncode == 1
    assert "docs/a.md:3: block a#script is not linted: no bash" in result.stdout


def test_examples_lint_tells_blocks_and_numbers_and_runs_nothing(site):
    mark = Path(site.root / "ran")
    site.page(f"{WRONG}\nIt takes 5 MB.\n\n```python {{#x}}\nopen({str(mark)!r}, 'w')\n```\n")
    runner = CliRunner()
    result = runner.invoke(examples, ["lint", "--docs", str(site.docs), "--json"], standalone_mode=False)
    assert result.return_value == 1
    assert [
        (each["kind"], each["severity"], each["page"], each["line"], each["text"])
        for each in json.loads(result.output)["findings"]
    ] == [
        ("shown-block", "error", "docs/a.md", 5, "a#settings"),
        ("typed-number", "warning", "docs/a.md", 10, "5 MB"),
    ]
    result = runner.invoke(examples, ["lint", "--docs", str(site.docs)], standalone_mode=False)
    assert "docs/a.md:10: warning: '5 MB' looks measured and was typed by hand" in result.output
    assert "2 findings; 1 linted, 0 not linted" in result.output
    assert not mark.exists()
    site.page(RIGHT)
    result = runner.invoke(examples, ["lint", "--docs", str(site.docs), "--json"], standalone_mode=False)
    assert (result.return_value, json.loads(result.output)["findings"]) == (0, [])
    site.page("```python\n1\n```\n")
    assert runner.invoke(examples, ["lint", "--docs", str(site.docs)], standalone_mode=False).return_value == 2
