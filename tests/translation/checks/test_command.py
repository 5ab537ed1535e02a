"""The command `edgedocs translate check` and what it writes for other programs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from click.testing import CliRunner, Result

from edgedocs.cli import cli
from edgedocs.translation import record
from edgedocs.translation.checks import Finding
from edgedocs.translation.reporting.github import annotation
from tests.translation.trees import edit, make_tree

KEYS = ["check", "severity", "language", "page", "line", "source_line", "message", "remedy"]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tree = make_tree(tmp_path)
    record(tree, "cs", "sizes.md")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def damaged(root: Path) -> Path:
    edit(root / "translations/cs/sizes.md", "**32**", "**23**")
    return root


def check(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["translate", "check", *arguments])


def document(*arguments: str) -> dict[str, Any]:
    return dict(json.loads(check("--json", *arguments).stdout))


def test_clean(root: Path) -> None:
    result = check()
    assert result.exit_code == 0
    assert "none" in result.stdout


def test_findings(damaged: Path) -> None:
    result = check()
    assert result.exit_code == 1
    assert "32 in the source, 23 here" in result.stdout
    assert "remedy: " in result.stdout
    found = document()
    assert sorted(found) == ["findings", "summary"]
    assert [list(one) for one in found["findings"]] == [KEYS]
    assert found["findings"][0]["check"] == "numbers"
    assert found["summary"]["severities"] == {"error": 1, "warning": 0, "info": 0}


def test_choosing(damaged: Path) -> None:
    assert check("--only", "links").exit_code == 0
    assert check("--only", "numbers", "--language", "cs", "sizes.md").exit_code == 1
    assert "numbers" in check("--list").stdout


@pytest.mark.parametrize(
    "arguments",
    [("--only", "nothing"), ("--language", "xx"), ("nothing.md",), ("--update-baseline",), ("--baseline", "none.json")],
)
def test_usage(damaged: Path, arguments: tuple[str, ...]) -> None:
    result = check(*arguments)
    assert getattr(result.exception, "exit_code", result.exit_code) == 2


def test_baseline(damaged: Path) -> None:
    assert check("--baseline", "known.json", "--update-baseline").exit_code == 0
    assert check("--baseline", "known.json").exit_code == 0
    # Edits elsewhere move the line; the finding is known all the same.
    edit(damaged / "translations/cs/sizes.md", "# Velikosti", "\n\n# Velikosti")
    assert check("--baseline", "known.json").exit_code == 0
    edit(damaged / "translations/cs/sizes.md", "- Stojí málo.", "- Stojí 5 korun.")
    found = document("--baseline", "known.json")
    assert [one["message"] for one in found["findings"]] == ["numbers that the source lacks: 5"]
    assert found["summary"]["known"] == 1
    edit(damaged / "translations/cs/sizes.md", "**23**", "**32**")
    edit(damaged / "translations/cs/sizes.md", "5 korun", "málo")
    assert [one["check"] for one in document("--baseline", "known.json")["summary"]["no_longer_found"]] == ["numbers"]
    assert "no longer found" in check("--baseline", "known.json").stdout
    assert check("--only", "links", "--baseline", "known.json", "--update-baseline").exit_code == 0
    assert len(json.loads(Path("known.json").read_text(encoding="utf-8"))["findings"]) == 1
    assert check("--baseline", "known.json", "--update-baseline").exit_code == 0
    assert json.loads(Path("known.json").read_text(encoding="utf-8"))["findings"] == []


def test_a_known_finding_whose_text_changes_is_new(damaged: Path) -> None:
    check("--baseline", "known.json", "--update-baseline")
    edit(damaged / "translations/cs/sizes.md", "Blok má", "Každý blok má")
    assert check("--baseline", "known.json").exit_code == 1


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 1, "findings": [1]}', '{"version": 1, "findings": [{}]}']
)
def test_broken_baseline(damaged: Path, text: str) -> None:
    Path("known.json").write_text(text, encoding="utf-8")
    assert getattr(check("--baseline", "known.json").exception, "exit_code", 0) == 2


def test_sarif(damaged: Path) -> None:
    """What section 3 of the OASIS standard asks of a log, and what GitHub asks of one beyond that."""
    assert check("--sarif", "out.sarif").exit_code == 1
    log = json.loads(Path("out.sarif").read_text(encoding="utf-8"))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules) > 10
    assert all(rule["shortDescription"]["text"] and rule["fullDescription"]["text"] for rule in rules)
    assert all(rule["defaultConfiguration"]["level"] in {"none", "note", "warning", "error"} for rule in rules)
    [result] = run["results"]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == "numbers"
    assert result["level"] == "error"
    assert result["message"]["text"]
    assert re.fullmatch("[0-9a-f]{16}", result["partialFingerprints"]["edgedocs/v1"])
    places = [*result["locations"], *result["relatedLocations"]]
    for place, base in zip(places, ("translations/cs/sizes.md", "docs/sizes.md"), strict=True):
        artifact = place["physicalLocation"]["artifactLocation"]
        assert unquote(artifact["uri"]) == base
        assert artifact["uriBaseId"] in run["originalUriBaseIds"]
        assert place["physicalLocation"]["region"]["startLine"] >= 1


def test_github(damaged: Path) -> None:
    result = check("--github")
    assert result.exit_code == 1
    pattern = (
        r"::error file=translations/cs/sizes\.md,line=\d+,title=numbers \(cs\)::numbers differ[^\n]*%0Aremedy: [^\n]*\n"
    )
    assert re.fullmatch(pattern, result.stdout)


def test_github_escapes(root: Path) -> None:
    tree = make_tree(root)
    finding = Finding("cs", "a,b:c%.md", 3, None, "links", "info", "75 %\nlost", "do")
    line = annotation(tree, finding)
    assert line == "::notice file=translations/cs/a%2Cb%3Ac%25.md,line=3,title=links (cs)::75 %25%0Alost%0Aremedy: do"
