"""``edgedocs translate add-language``: what it writes, and what it refuses without writing anything."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from edgedocs.core.errors import BadInput
from edgedocs.publishing import labels
from edgedocs.publishing.adding import add_language
from edgedocs.translation import Tree, glossary, overview
from edgedocs.translation.language import NOTICES, Language
from tests.publishing.site import build, copy_fixture


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text('# A { #a }\n\n```bash {#b shown="for \\"show\\""}\ntrue\n```\n')
    return tmp_path


def add(project: Path, code: str) -> tuple[Path, ...]:
    return add_language(project / "docs", project / "translations", code).written


@pytest.mark.parametrize(
    ("code", "name", "direction", "plurals"),
    [
        ("pl", "Polski", "ltr", 3),
        ("ar", "العربية", "rtl", 6),
        ("he", "עברית", "rtl", 2),
        ("fa", "فارسی", "rtl", 1),
        ("pt-BR", "Português (Brasil)", "ltr", 2),
        ("zh-Hant", "中文 (繁體)", "ltr", 1),
        ("ja", "日本語", "ltr", 1),
    ],
)
def test_name_direction_and_plural_rule(project: Path, code: str, name: str, direction: str, plurals: int) -> None:
    add(project, code)
    language = Language.load(project / "translations" / code)
    assert (language.name, language.direction) == (name, direction)
    assert language.plural.startswith(f"nplurals={plurals};")
    assert set(language.notices) == set(NOTICES)
    assert dict(language.site) == dict(labels.defaults())


def test_its_files_are_read_and_its_pages_are_missing(project: Path) -> None:
    written = add(project, "pl")
    assert [path.name for path in written] == ["language.toml", "glossary.tsv"]
    assert glossary.load(project / "translations" / "pl") == ()
    tree = Tree.open(project / "docs", project / "translations")
    assert tree.languages() == ["pl"]
    assert [entry.status.state for entry in overview(tree).entries] == ["missing"]


def test_reasons_of_shown_blocks_wait_to_be_translated(tmp_path: Path) -> None:
    folder = copy_fixture(tmp_path)
    add(folder, "pl")
    path = folder / "translations" / "pl" / "language.toml"
    text = path.read_text(encoding="utf-8")
    assert "reasons" in tomllib.loads(text)
    reason = '# "shows how a fence is written" = ""\n'
    assert reason in text
    path.write_text(text.replace(reason, reason[2:].replace('""', '"pokazuje"')), encoding="utf-8")
    assert Language.load(path.parent).reasons == {"shows how a fence is written": "pokazuje"}


def test_the_site_has_the_language_at_once(tmp_path: Path) -> None:
    folder = copy_fixture(tmp_path)
    add(folder, "pl")
    result = build(folder)
    assert result.returncode == 0, result.stderr
    page = (folder / "site" / "pl" / "01-numbers" / "index.html").read_text(encoding="utf-8")
    assert "This page is not translated yet." in page
    assert "Polski" in page


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("en", "cannot be a language beside en"),
        ("xx", "unknown language"),
        ("PL", "'pl'"),
        ("pt_BR", "'pt-BR'"),
        ("pt-br", "'pt-BR'"),
        ("zh-hant", "'zh-Hant'"),
        ("../pl", "such as cs or pt-BR"),
        ("/pl", "such as cs or pt-BR"),
        ("", "such as cs or pt-BR"),
        ("čeština", "such as cs or pt-BR"),
        ("x-pseudo", "such as cs or pt-BR"),
        ("a" * 10_000, "such as cs or pt-BR"),
        ("pl\x00", "such as cs or pt-BR"),
    ],
)
def test_what_is_no_language_writes_nothing(project: Path, code: str, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        add(project, code)
    assert not (project / "translations").exists()


def test_a_language_that_is_here_is_left_alone(project: Path) -> None:
    path = add(project, "pl")[0]
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(BadInput, match="here already"):
        add(project, "pl")
    assert path.read_text(encoding="utf-8") == "mine"
    path.parent.rename(path.parent.with_name("PL"))
    with pytest.raises(BadInput, match="another spelling"):
        add(project, "pl")


def test_a_folder_of_another_tool_is_taken_over(project: Path) -> None:
    folder = project / "translations" / "pl"
    folder.mkdir(parents=True)
    (folder / "index.md").write_text("# A\n", encoding="utf-8")
    (folder / "glossary.tsv").write_text("term\ttranslation\tnote\nbit\tbit\t\n", encoding="utf-8")
    assert [path.name for path in add(project, "pl")] == ["language.toml"]
    assert (folder / "index.md").read_text(encoding="utf-8") == "# A\n"
    assert len(glossary.load(folder)) == 1


def test_a_theme_without_words_is_told_before_anything_is_written(project: Path) -> None:
    (project / "mkdocs.yml").write_text("theme:\n  name: material\n  custom_dir: overrides\n", encoding="utf-8")
    with pytest.raises(BadInput, match="the theme has no words in 'ga'"):
        add(project, "ga")
    assert not (project / "translations").exists()
    words = project / "overrides" / "partials" / "languages"
    words.mkdir(parents=True)
    (words / "ga.html").write_text("", encoding="utf-8")
    assert len(add(project, "ga")) == 2


def test_the_command(project: Path) -> None:
    command = [sys.executable, "-m", "edgedocs", "translate", "add-language", "ar"]
    result = subprocess.run([*command, "--json"], cwd=project, capture_output=True, encoding="utf-8", check=False)
    assert json.loads(result.stdout) == {
        "language": "ar",
        "name": "العربية",
        "direction": "rtl",
        "written": ["translations/ar/language.toml", "translations/ar/glossary.tsv"],
    }
    result = subprocess.run(command, cwd=project, capture_output=True, encoding="utf-8", check=False)
    assert (result.returncode, "here already" in result.stderr) == (2, True)
    result = subprocess.run([*command[:-1], "pl"], cwd=project, capture_output=True, encoding="utf-8", check=False)
    assert "edgedocs translate export --language pl" in result.stdout
    result = subprocess.run([*command[:-1], "de"], cwd="/", capture_output=True, encoding="utf-8", check=False)
    assert (result.returncode, "--source" in result.stderr) == (2, True)
