import json
import sys
from pathlib import Path

import pytest

from edgedocs.cli import main
from tests.translation.trees import SEGMENTS, edit, make_tree


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_tree(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["edgedocs", "translate", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)


@pytest.mark.usefixtures("project")
def test_record_then_status(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "status") == 1
    assert "edgedocs translate record cs sizes.md" in capsys.readouterr().out
    assert run(monkeypatch, "record", "cs", "sizes.md") == 0
    assert capsys.readouterr().out == f"recorded translations/cs/sizes.md, {SEGMENTS} segments\n"
    assert run(monkeypatch, "record", "cs", "docs/sizes.md", "--json") == 0
    documents = json.loads(capsys.readouterr().out)["recorded"]
    assert documents == [{"path": "translations/cs/sizes.md", "segments": SEGMENTS, "changed": False}]
    assert run(monkeypatch, "status") == 0
    assert f"{SEGMENTS} fresh" in capsys.readouterr().out


def test_one_changed_paragraph(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "record", "cs", "sizes.md")
    edit(project / "docs" / "sizes.md", "A block holds", "Each block holds")
    capsys.readouterr()
    assert run(monkeypatch, "status", "--json") == 1
    (page,) = json.loads(capsys.readouterr().out)["pages"]
    assert page["segments"] == {"fresh": SEGMENTS - 1, "stale": 1}
    assert [(c["state"], c["source_line"], c["line"]) for c in page["changes"]] == [("stale", 8, 18)]
    assert run(monkeypatch, "status") == 1
    shown = capsys.readouterr().out
    assert "Each block holds" in shown
    assert "A block" not in shown


def test_refusal_lists_lines_of_both_files(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(project / "translations" / "cs" / "sizes.md", "{ #sizes }", "{ #velikosti }")
    assert run(monkeypatch, "record", "cs", "sizes.md") == 1
    shown = capsys.readouterr()
    assert "error: translations/cs/sizes.md: does not correspond to docs/sizes.md" in shown.err
    assert "source line 6, translation line 6: heading ids differ" in shown.err
    assert "remedy: " in shown.err
    assert shown.out == ""


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["record", "de", "sizes.md"], "unknown language 'de'"),
        (["record", "cs", "none.md"], "no page 'none.md'"),
        (["record", "cs", "../outside.md"], "leaves the folder"),
        (["record", "cs"], "PAGE"),
        (["record", "cs", "sizes.md", "--state", "edited"], "edited"),
        (["status", "--language", "de"], "unknown language 'de'"),
        (["status", "--source", "none"], "no such folder"),
        (["status", "--translations", "docs"], "no translations here"),
    ],
)
@pytest.mark.usefixtures("project")
def test_bad_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], what: str
) -> None:
    assert run(monkeypatch, *arguments) == 2
    assert what in capsys.readouterr().err
    assert run(monkeypatch, *arguments, "--json") == 2
    assert json.loads(capsys.readouterr().err)["exit_code"] == 2


def test_damaged_page_is_one_error_with_its_line(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "record", "cs", "sizes.md")
    edit(project / "translations" / "cs" / "sizes.md", '"language_code": "cs"', '"language_code": "cs')
    capsys.readouterr()
    assert run(monkeypatch, "status", "--json") == 2
    shown = capsys.readouterr()
    assert json.loads(shown.out)["pages"][0]["state"] == "failed"
    assert json.loads(shown.err)["where"] == "translations/cs/sizes.md:7"


@pytest.mark.parametrize("command", ["status", "record"])
def test_help_has_examples(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert run(monkeypatch, command, "--help") == 0
    assert f"edgedocs translate {command}" in capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_record_says_what_it_takes_for_a_machines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "record", "cs", "sizes.md") == 0
    told = f"{SEGMENTS} segments are recorded as a machine's, which sync may translate again"
    assert capsys.readouterr().err == f"{told}; if people wrote them: --state reviewed\n"
    for options in ([], ["--state", "reviewed"], []):
        assert run(monkeypatch, "record", "cs", "sizes.md", *options) == 0
        assert capsys.readouterr().err == ""
