"""``edgedocs site check`` and ``build``: all that is wrong, in all languages, with file and line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from edgedocs.core.errors import BadInput
from edgedocs.publishing.checking.finding import Finding
from edgedocs.publishing.checking.site import build_site, check_site
from tests.publishing.site import ENVIRONMENT, ROOT, copy_fixture


def command(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "edgedocs", "site", *arguments],
        cwd=project,
        env={**ENVIRONMENT, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def changed(project: Path, file: str, old: str, new: str) -> Path:
    path = project / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")
    return project


def found(project: Path) -> list[Finding]:
    return check_site(project / "mkdocs.yml").findings


def places(findings: list[Finding]) -> list[tuple[str, int, str]]:
    return [(finding.file, finding.line, finding.check) for finding in findings]


def test_clean_project_has_no_findings_and_leaves_no_site(tmp_path: Path) -> None:
    project = copy_fixture(tmp_path)
    result = command(project, "check", "--json")
    assert result.returncode == 0, result.stdout + result.stderr
    report = json.loads(result.stdout)
    assert report["findings"] == []
    assert report["summary"]["languages"] == 2
    assert report["summary"]["pages"] == 10
    assert report["summary"]["html_files"] == 12  # with a page for what is missing in each language
    assert report["summary"]["links"] > 100
    assert not (project / "site").exists()


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "words"),
    [
        (
            "docs/01-numbers.md",
            "01-numbers/halve.py",
            "01-numbers/gone.py",
            ("docs/01-numbers.md", 10, "sources"),
            "gone",
        ),
        (
            "docs/01-numbers.md",
            "{ #bits }",
            "{ #numbers }",
            ("docs/01-numbers.md", 27, "sources"),
            "'numbers' is taken",
        ),
        ("docs/guide/deep.md", "halve.saving", "halve.loss", ("docs/guide/deep.md", 3, "sources"), "unknown fact"),
        (
            "translations/cs/index.md",
            "[čísly](01",
            "[čísly](02-gone",
            ("translations/cs/index.md", 3, "links"),
            "02-gone",
        ),
        ("translations/cs/index.md", "#bits", "#bytes", ("translations/cs/index.md", 3, "links"), "#bytes"),
        ("mkdocs.yml", "- edgedocs", "- edgedocs: {snipets: here}", ("mkdocs.yml", 10, "configuration"), "unknown key"),
        (
            "mkdocs.yml",
            "- edgedocs",
            "- edgedocs:\n      private: true\n      private: false",
            ("mkdocs.yml", 12, "configuration"),
            "the key 'private' stands in line 11 already",
        ),
        ("docs/guide/index.md", "{ #guide }", "", ("docs/guide/index.md", 1, "headings"), "no id of its own"),
        ("docs/guide/deep.md", "![A bar of half the length.]", "![]", ("docs/guide/deep.md", 5, "images"), "no text"),
        (
            "snippets/01-numbers/halve.out",
            "0.71875",
            "0.71876",
            ("snippets/01-numbers/halve.out", 1, "outputs"),
            "changed by hand",
        ),
        (
            "docs/02-later.md",
            "Not translated",
            "Some <i>crossed <b>tags</i></b>.\n\nNot translated",
            ("docs/02-later.md", 3, "html"),
            "<b> is not closed before </i>",
        ),
        (
            "docs/02-later.md",
            "Not translated",
            '<p>A paragraph with\n<div class="box">a box</div>\n</p>\n\nNot translated',
            ("docs/02-later.md", 4, "html"),
            "<div> stands in <p>, which it ends",
        ),
        (
            "translations/cs/index.md",
            "Malá dokumentace",
            '<a href="https://example.org/">a<button>b</button></a>\n\nMalá dokumentace',
            ("translations/cs/index.md", 3, "html"),
            "<button> stands in <a>",
        ),
        (
            "docs/02-later.md",
            "Not translated",
            '<a href="../nowhere/">Raw</a>\n\nNot translated',
            ("docs/02-later.md", 3, "links"),
            "nowhere",
        ),
    ],
    ids=lambda value: value[2] if isinstance(value, tuple) else "",
)
def test_one_defect_is_one_finding_with_file_and_line(
    tmp_path: Path, file: str, old: str, new: str, place: tuple[str, int, str], words: str
) -> None:
    findings = found(changed(copy_fixture(tmp_path), file, old, new))
    assert places(findings) == [place], findings
    assert words in findings[0].message


def test_code_that_nothing_verifies(tmp_path: Path) -> None:
    project = changed(
        copy_fixture(tmp_path), "docs/02-later.md", "Not translated", "<pre>x = 1</pre>\n\nNot translated"
    )
    findings = found(project)
    assert set(places(findings)) == {("docs/02-later.md", 3, "rendering")}
    assert "rendered that is not in the inventory" in findings[0].message


def test_page_that_is_not_utf_8(tmp_path: Path) -> None:
    project = copy_fixture(tmp_path)
    (project / "docs" / "02-later.md").write_bytes("# Später { #later }\n\nÜber\n".encode("cp1252"))
    findings = found(project)
    assert places(findings) == [("docs/02-later.md", 1, "sources")]
    assert "0xe4) is not UTF-8" in findings[0].message


def test_translation_of_a_page_that_is_gone(tmp_path: Path) -> None:
    project = copy_fixture(tmp_path)
    (project / "translations" / "cs" / "03-gone.md").write_text("# Pryč { #gone }\n", encoding="utf-8")
    assert places(found(project)) == [("translations/cs/03-gone.md", 1, "sources")]


def test_two_headings_with_one_id_in_a_translation(tmp_path: Path) -> None:
    again = "## Znovu { #numbers }\n\n## Bity { #bits }"
    project = changed(copy_fixture(tmp_path), "translations/cs/01-numbers.md", "## Bity { #bits }", again)
    assert places(found(project)) == [("translations/cs/01-numbers.md", 27, "headings")]


def test_all_languages_are_checked_before_failing(tmp_path: Path) -> None:
    project = copy_fixture(tmp_path)
    changed(project, "docs/index.md", "01-numbers.md#bits", "01-numbers.md#bytes")
    changed(project, "translations/cs/index.md", "01-numbers.md#bits", "01-numbers.md#words")
    changed(project, "docs/guide/deep.md", "![A bar of half the length.]", "![]")
    assert places(found(project)) == [
        ("docs/guide/deep.md", 5, "images"),
        ("docs/index.md", 3, "links"),
        ("translations/cs/index.md", 3, "links"),
    ]


def test_failed_build_lists_what_is_wrong_and_keeps_the_site_that_was(tmp_path: Path) -> None:
    project = copy_fixture(tmp_path)
    report = build_site(project / "mkdocs.yml")
    assert report.findings == []
    assert report.site == project / "site"
    assert report.counts == {"languages": 2, "pages": 10, "code_blocks": 18}
    before = {path: path.read_bytes() for path in (project / "site").rglob("*") if path.is_file()}
    changed(project, "translations/cs/index.md", "#bits", "#bytes")
    changed(project, "docs/02-later.md", "Not translated", "Still not translated")
    result = command(project, "build")
    assert result.returncode == 1
    assert "error: translations/cs/index.md:3: the link '01-numbers.md#bytes'" in result.stderr
    assert "no site was written; 1 findings" in result.stdout
    assert {path: path.read_bytes() for path in (project / "site").rglob("*") if path.is_file()} == before
    assert sorted(path.name for path in project.iterdir()) == [
        ".edgedocs",
        "docs",
        "mkdocs.yml",
        "site",
        "snippets",
        "translations",
    ]


def test_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    project = copy_fixture(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("Dear", encoding="utf-8")
    result = command(project, "build", "--site-dir", "../mine")
    assert result.returncode == 2
    assert "the folder of the site holds files and is no site" in result.stderr
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_one_language_alone(tmp_path: Path) -> None:
    project = copy_fixture(tmp_path)
    report = build_site(project / "mkdocs.yml", language="cs")
    assert (report.findings, report.counts["languages"], report.counts["pages"]) == ([], 1, 5)
    assert (project / "site" / "cs" / "index.html").is_file()
    assert not (project / "site" / "index.html").exists()
    wrong = build_site(project / "mkdocs.yml", language="xx")
    assert [finding.message for finding in wrong.findings] == ["no language 'xx'; expected one of en, cs"]
    assert (project / "site" / "cs" / "index.html").is_file()


def test_configuration_that_is_no_yaml_or_missing(tmp_path: Path) -> None:
    project = changed(copy_fixture(tmp_path), "mkdocs.yml", "strict: true", "strict: [true")
    assert [(finding.file, finding.check) for finding in found(project)] == [("mkdocs.yml", "configuration")]
    with pytest.raises(BadInput, match="no such file"):
        check_site(tmp_path / "mkdocs.yml")
