"""``pytest docs/``, run for real in a small documentation."""

import json
from types import SimpleNamespace

import pytest

from edgedocs.examples.pytest_plugin import ExamplesPlugin
from tests.examples.conftest import OUTPUT
from tests.requirements import require

TWO = '```python {#x}\n--8<-- "a/x.py"\n```\n\n' + OUTPUT + "\n```python {#second}\nassert True\n```\n"


@pytest.fixture
def verified(site):
    """A documentation of two pages that verifies."""
    site.write("snippets/a/x.py", "print('one')\n")
    site.page(f"# A\n\n{TWO}")
    site.page('# B\n\n```pycon {#d}\n>>> 1 + 1\n2\n```\n\n```cpp {shown="a template"}\n{}\n```\n', "guide/b")
    assert site.pytest("docs", "--update-outputs").returncode == 0
    return site


def test_everything_runs_and_is_counted(verified):
    result = verified.pytest("docs", "-vv")
    assert result.returncode == 0, result.stdout
    assert "docs/a.md::a#x PASSED" in result.stdout
    assert "docs/guide/b.md::guide/b#d PASSED" in result.stdout
    assert (
        "docs: 5 code blocks rendered, 3 examples, 3 verified (3 passed, 0 environment, 0 failed), 0 not run, "
        "1 outputs, 0 parts, 1 shown" in result.stdout
    )


@pytest.mark.parametrize(
    ("arguments", "passed"),
    [
        (("docs/a.md::a#second",), 1),
        (("docs/guide/b.md::guide/b#d",), 1),
        (("docs", "-k", "second or guide"), 2),
        (("docs/a.md",), 2),
    ],
)
def test_examples_can_be_chosen(verified, arguments, passed):
    result = verified.pytest(*arguments)
    assert result.returncode == 0, result.stdout
    assert f"{passed} passed" in result.stdout


def test_examples_run_in_parallel(verified):
    require("xdist")
    result = verified.pytest("docs", "-n", "2")
    assert result.returncode == 0, result.stdout
    assert "3 passed" in result.stdout
    assert "docs: 5 code blocks rendered, 3 examples, 3 verified (3 passed" in result.stdout
    assert verdicts(verified) == {"a#x": "passed", "a#second": "passed", "guide/b#d": "passed"}


def test_the_last_failure_alone_can_be_run_again(verified):
    verified.write("snippets/a/x.py", "print('two')\n")
    assert "1 failed, 2 passed" in verified.pytest().stdout
    assert "1 failed" in verified.pytest("docs", "--lf").stdout
    verified.write("snippets/a/x.py", "print('one')\n")
    assert "1 passed" in verified.pytest("docs", "--lf").stdout


def test_a_difference_names_page_example_and_file(verified):
    verified.write("snippets/a/x.out", "0ne\n")
    result = verified.pytest()
    assert result.returncode == 1
    assert "docs/a.md:3: example a#x printed something else than snippets/a/x.out shows" in result.stdout
    assert "1 -0ne\n1 +one" in result.stdout
    assert "remedy: " in result.stdout
    assert "FAILED docs/a.md::a#x" in result.stdout
    assert "Traceback" not in result.stdout


def test_update_outputs_mends_it(verified):
    verified.write("snippets/a/x.out", "0ne\n")
    assert verified.pytest("docs", "--update-outputs").returncode == 0
    assert verified.read("snippets/a/x.out") == "one\n"
    assert verified.pytest().returncode == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```python\n1\n```\n", "docs/a.md:1: a python block without an id"),
        ("```python {#x}\n1\n```\n\n```python {#x}\n2\n```\n", "docs/a.md:5: the id 'x' is taken"),
        ("```pyton {#x}\n1\n```\n", "docs/a.md:1: nothing says what this pyton block is for"),
    ],
)
def test_a_wrong_page_is_an_error_and_no_traceback(verified, text, message):
    verified.page(text)
    result = verified.pytest()
    assert result.returncode not in (0, 5)
    assert message in result.stdout
    assert "Traceback" not in result.stdout
    assert "collection.py" not in result.stdout


def test_a_page_that_is_not_utf8_is_an_error(verified):
    (verified.docs / "c.md").write_bytes(b"one\n\xff\n")
    result = verified.pytest()
    assert result.returncode == 2
    assert "c.md:2: byte 4 (0xff) is not UTF-8" in result.stdout


def test_a_missing_requirement_is_a_skip_with_page_and_reason(verified):
    verified.page('# C\n\n```python {#x requires="no_such_module"}\n1\n```\n', "c")
    result = verified.pytest("docs", "-rs")
    assert result.returncode == 0
    assert (
        "SKIPPED [1] docs/c.md: example c#x is not run: it requires no_such_module, which is not installed"
        in result.stdout
    )
    assert "3 verified (3 passed, 0 environment, 0 failed), 1 not run" in result.stdout
    result = verified.pytest("docs", "--require-all")
    assert result.returncode == 1
    assert "example c#x is not run: it requires no_such_module" in result.stdout


def test_other_tests_of_the_same_project_are_left_alone(verified):
    verified.write("tests/test_own.py", "def test_own():\n    pass\n")
    verified.write("tests/note.md", "```python\nno example\n```\n")
    result = verified.pytest(".")
    assert result.returncode == 0, result.stdout
    assert "4 passed" in result.stdout


def test_snippets_may_lie_elsewhere(site):
    site.write(
        "docs/conftest.py",
        "from edgedocs.examples.pytest_plugin import wire\n\npytest_addoption = wire(__file__, 'code')\n",
    )
    site.write("docs/code/a/x.py", "print(1)\n")
    site.page(f"# A\n\n{TWO}")
    assert site.pytest("docs", "--update-outputs").returncode == 0
    assert site.read("docs/code/a/x.out") == "1\n"


def verdicts(site):
    kept = json.loads(site.read(".pytest_cache/v/edgedocs/verdicts"))
    return {name: value["name"] for name, value in kept.items()}


@pytest.mark.parametrize("name", ["build", "dist", "venv"])
def test_a_folder_of_pages_may_have_any_name(site, name):
    """Pytest passes by folders of these names by itself; the site has their pages."""
    site.page("```python {#x}\nassert False\n```\n", f"{name}/b")
    result = site.pytest()
    assert f"FAILED docs/{name}/b.md::{name}/b#x" in result.stdout
    assert "docs: 1 code blocks rendered, 1 examples, 1 verified (0 passed, 0 environment, 1 failed)" in result.stdout


def test_what_pytest_is_asked_to_ignore_stays_ignored(site):
    site.page("```python {#x}\n1\n```\n")
    site.page("```python {#x}\nassert False\n```\n", "build/b")
    site.page("```python {#x}\nassert False\n```\n", "venv/lib/c")
    site.write("docs/venv/pyvenv.cfg", "home = /usr/bin\n")
    assert "1 passed" in site.pytest("docs", "--ignore=docs/build").stdout


def test_hidden_files_are_no_pages(site):
    """They are not published."""
    site.page("```python {#x}\n1\n```\n")
    site.page("```python {#x}\nassert False\n```\n", ".draft")
    site.page("```python {#x}\nassert False\n```\n", ".drafts/b")
    result = site.pytest()
    assert "1 passed" in result.stdout
    assert "docs: 1 code blocks rendered, 1 examples, 1 verified" in result.stdout


def test_a_damaged_record_of_what_cannot_run_is_an_error_and_no_traceback(site):
    site.page('```python {#x requires="no_such_module"}\n1\n```\n')
    site.write("snippets/a/x.facts.json", "{")
    result = site.pytest("docs", "--update-outputs")
    assert "x.facts.json:1:2: no JSON" in result.stdout
    assert "Traceback" not in result.stdout
    assert "recording.py" not in result.stdout


def test_properties_of_other_tests_are_left_alone(site):
    report = SimpleNamespace(user_properties=[("other", {"cached": True})], when="call", passed=True)
    assert ExamplesPlugin(site.project).pytest_report_teststatus(report) is None
