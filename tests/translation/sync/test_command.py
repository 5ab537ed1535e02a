"""``edgedocs translate sync``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edgedocs.cli.translate.sync import sync
from edgedocs.core.errors import BadInput
from edgedocs.translation import Tree, record
from tests.translation.trees import SEGMENTS, edit, make_tree, write


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    made = make_tree(tmp_path)
    record(made, "cs", "sizes.md")
    (made.translations / "x-pseudo").mkdir()
    return made


def run(tree: Tree, *arguments: str) -> Result:
    folders = ["--source", str(tree.source), "--translations", str(tree.translations)]
    return CliRunner().invoke(sync, [*arguments, *folders])


def test_dry_run_shows_and_writes_nothing(tree: Tree) -> None:
    before = sorted(path for path in tree.translations.rglob("*"))
    result = run(tree, "--dry-run", "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    (plan,) = document["languages"]
    assert plan["language"] == "x-pseudo"
    assert plan["segments"] == {"missing": SEGMENTS}
    assert plan["translate"] == SEGMENTS
    assert set(plan) == {"language", "pages", "segments", "translate", "tokens", "cost"}
    assert sorted(path for path in tree.translations.rglob("*")) == before


def test_dry_run_of_an_endpoint_counts_tokens_and_cost_without_asking(tree: Tree) -> None:
    endpoint = ("--translator", "openai", "--endpoint", "http://127.0.0.1:9/v1")
    result = run(tree, "--dry-run", "--json", *endpoint, "--price", "1", "2")
    summary = json.loads(result.stdout)["summary"]
    assert summary["tokens"]["sent"] > 0
    assert summary["cost"] > 0


def test_brings_a_language_in_step(tree: Tree) -> None:
    result = run(tree, "--language", "x-pseudo", "--translator", "pseudo")
    assert result.exit_code == 0, result.output
    assert "in step" in result.output
    assert f"{SEGMENTS} translated" in result.output
    again = run(tree, "--language", "x-pseudo", "--translator", "pseudo")
    assert (again.exit_code, again.output) == (0, "everything is in step\n")


def test_one_page_by_its_path(tree: Tree) -> None:
    write(tree.source, {"other.md": "Other.\n"})
    result = run(tree, "other.md", "--translator", "pseudo", "--language", "x-pseudo", "--json")
    document = json.loads(result.stdout)
    assert [page["page"] for page in document["pages"]] == ["other.md"]
    assert document["summary"]["in_step"] == 1
    assert not tree.translation_path("x-pseudo", "sizes.md").exists()


def test_what_failed_is_shown_with_its_reason(tree: Tree) -> None:
    edit(tree.source / "sizes.md", "The end.", "Nobody has translated this.")
    result = run(tree, "--translator", "memory", "--language", "cs")
    assert result.exit_code == 1
    assert "Nobody has translated this." in result.output
    assert "no page has a translation" in result.output


def test_unknown_language_names_the_command_that_adds_one(tree: Tree) -> None:
    result = run(tree, "--language", "fi", "--translator", "pseudo")
    assert isinstance(result.exception, BadInput)
    assert "edgedocs translate add-language fi" in str(result.exception)


def test_translator_must_be_named(tree: Tree) -> None:
    result = run(tree)
    assert result.exit_code == 2
    assert "--translator" in result.output


def test_defaults_come_from_the_settings(tree: Tree) -> None:
    write(tree.translations, {"translate.toml": '[translator]\nname = "pseudo"\njobs = 2\n'})
    assert run(tree, "--language", "x-pseudo").exit_code == 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ('[translator]\napi_key = "x"\n', "EDGEDOCS_API_KEY"),
        ("[translator]\nname = 3\n", "a text"),
        ('[translator]\nprice = [1, "2"]\n', "two numbers"),
        ('[translator]\njobs = "4"\n', "a number"),
        ("translator = 1\n", "no table"),
    ],
)
def test_malformed_settings(tree: Tree, settings: str, message: str) -> None:
    write(tree.translations, {"translate.toml": settings})
    result = run(tree)
    assert isinstance(result.exception, BadInput)
    assert message in str(result.exception)


def test_a_key_goes_only_where_it_belongs(monkeypatch: pytest.MonkeyPatch) -> None:
    from edgedocs.cli.translate.sync import _key

    monkeypatch.delenv("EDGEDOCS_API_KEY", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "hosted")
    assert _key("https://api.openai.com/v1") == "hosted"
    assert _key("http://127.0.0.1:8080/v1") is None
    assert _key("https://api.openai.com.example/v1") is None
    monkeypatch.setenv("EDGEDOCS_API_KEY", "own")
    assert _key("http://127.0.0.1:8080/v1") == "own"


def test_a_trial_language_is_made_when_pseudo_fills_it(tree: Tree) -> None:
    planned = run(tree, "--language", "x-trial", "--dry-run", "--json")
    assert json.loads(planned.stdout)["summary"]["translate"] == SEGMENTS
    assert not (tree.translations / "x-trial").exists()
    refused = run(tree, "--language", "x-trial", "--translator", "memory")
    assert "add-language" in str(refused.exception)
    assert run(tree, "--language", "x-trial", "--translator", "pseudo").exit_code == 0
    assert tree.language("x-trial").notices["machine"].startswith("«Å ɱåçĥîñ")
    assert run(tree, "--language", "x-trial", "--translator", "pseudo").output == "everything is in step\n"


def test_a_trial_language_is_none_of_the_site(tree: Tree) -> None:
    from edgedocs.publishing.languages import find

    run(tree, "--language", "x-trial", "--translator", "pseudo")
    assert [language.code for language in find("en", Tree(tree.source, tree.translations))] == ["en", "cs"]
