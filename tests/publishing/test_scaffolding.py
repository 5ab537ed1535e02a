"""``edgedocs site new``: what it writes verifies and builds, run for real; what stands in its way is left alone."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.publishing.scaffolding import SCAFFOLD, Scaffolded, scaffold, translated_languages
from tests.publishing.site import ROOT, build

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "EDGEDOCS_MODEL"))}
LANGUAGES = ("cs", "pl", "ar", "pt-BR")
FILES = {
    ".gitignore",
    "README.md",
    "docs/01-rounding.md",
    "docs/conftest.py",
    "docs/index.md",
    "mkdocs.yml",
    "requirements.txt",
    "snippets/01-rounding/rounding.facts.json",
    "snippets/01-rounding/rounding.out",
    "snippets/01-rounding/rounding.py",
    "translations/cs/01-rounding.md",
    "translations/cs/index.md",
    "translations/cs/language.toml",
}


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=ENVIRONMENT, capture_output=True, encoding="utf-8"
    )


def contents(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A documentation as the command line writes it, verified and built in place."""
    folder = tmp_path_factory.mktemp("scaffold")
    result = run(folder, "edgedocs", "site", "new", "mine", "--json")
    assert result.returncode == 0, result.stderr
    document = json.loads(result.stdout)
    assert document == {"path": "mine", "languages": ["cs"], "translated": ["cs"], "files": sorted(FILES)}
    assert contents(folder) == {f"mine/{name}" for name in FILES}
    return folder / "mine"


def test_its_examples_verify(project: Path) -> None:
    before = {name: (project / name).read_bytes() for name in FILES}
    result = run(project, "pytest", "docs/", "-q", "--require-all")
    assert result.returncode == 0, result.stdout
    assert "3 examples, 3 verified (3 passed, 0 environment, 0 failed), 0 not run" in result.stdout
    assert {name: (project / name).read_bytes() for name in FILES} == before
    listed = run(project, "edgedocs", "examples", "list", "--json")
    assert json.loads(listed.stdout)["summary"] == {"passed": 4, "shown": 1, "rendered": 5}


def test_a_changed_output_fails(project: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(project, tmp_path / "copy")
    recorded = copy / "snippets" / "01-rounding" / "rounding.out"
    recorded.write_text(recorded.read_text(encoding="utf-8").replace("codes 2", "codes 3"), encoding="utf-8")
    result = run(copy, "pytest", "docs/", "-q")
    assert result.returncode == 1
    assert "FAILED docs/01-rounding.md::01-rounding#rounding" in result.stdout


def test_it_builds_strictly_and_is_translated(project: Path) -> None:
    result = build(project)
    assert result.returncode == 0, result.stderr
    english, czech = (
        (project / "site" / place / "index.html").read_text(encoding="utf-8") for place in ("", "cs/01-rounding")
    )
    assert ">87.5%</a>" in english
    assert ">87,5\N{NO-BREAK SPACE}%</a>" in czech
    assert "Ověřeno " in czech
    assert "Na ukázku, nespouští se: spouští právě tuto stránku" in czech


def test_its_translations_are_in_step(project: Path) -> None:
    result = run(project, "edgedocs", "translate", "status", "--json")
    assert result.returncode == 0, result.stdout


def test_czech_words_are_those_of_the_handbook() -> None:
    """A label that the site gets anew must come here too, or a strict build of a new documentation fails."""
    ours, handbook = (
        tomllib.loads((folder / "translations" / "cs" / "language.toml").read_text(encoding="utf-8"))
        for folder in (SCAFFOLD, ROOT)
    )
    reasons = ours.pop("reasons")
    assert reasons.items() <= handbook.pop("reasons").items()
    assert ours == handbook


def test_other_languages_build_with_the_notice_that_they_are_not_translated(tmp_path: Path) -> None:
    done = scaffold(tmp_path / "many", LANGUAGES)
    assert done.languages == LANGUAGES
    assert done.translated == ("cs",) == tuple(translated_languages())
    arabic = tomllib.loads((done.path / "translations" / "ar" / "language.toml").read_text(encoding="utf-8"))
    assert (arabic["name"], arabic["direction"]) == ("العربية", "rtl")
    polish = tomllib.loads((done.path / "translations" / "pl" / "language.toml").read_text(encoding="utf-8"))
    assert polish["plural"].startswith("nplurals=3;")
    result = build(done.path)
    assert result.returncode == 0, result.stderr
    for code in LANGUAGES[1:]:
        page = (done.path / "site" / code / "01-rounding" / "index.html").read_text(encoding="utf-8")
        assert "This page is not translated yet." in page
    assert run(done.path, "pytest", "docs/", "-q").returncode == 0


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert scaffold(tmp_path / "empty", ()).languages == ()
    assert contents(tmp_path / "empty") == {name for name in FILES if not name.startswith("translations/")}


@pytest.mark.parametrize("what", ["file", "folder", "link"])
def test_what_is_there_is_left_alone(tmp_path: Path, what: str) -> None:
    target = tmp_path / "mine"
    if what == "file":
        target.write_text("mine")
    elif what == "folder":
        target.mkdir()
        (target / "note.txt").write_text("mine")
    else:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / "note.txt").write_text("mine")
        target.symlink_to(tmp_path / "elsewhere")
    before = contents(tmp_path)
    result = run(tmp_path, "edgedocs", "site", "new", "mine")
    assert result.returncode == 2
    assert result.stderr.startswith("error: ")
    assert "there is something here already" in result.stderr
    assert "remedy: choose another name; nothing was written" in result.stderr
    assert contents(tmp_path) == before


@pytest.mark.parametrize("language", ["en", "xx", "../cs", "čeština", ""])
def test_a_language_that_is_none_writes_nothing(tmp_path: Path, language: str) -> None:
    with pytest.raises(BadInput, match="such as cs or pt-BR"):
        scaffold(tmp_path / "mine", ["cs", language])
    assert list(tmp_path.iterdir()) == []


def test_a_language_without_words_in_the_theme_is_refused_here_and_by_a_build(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="the theme has no words in 'ga'; expected one of af, ar"):
        scaffold(tmp_path / "mine", ["ga"])
    assert list(tmp_path.iterdir()) == []
    done = scaffold(tmp_path / "mine", ["pl"])
    (done.path / "translations" / "pl").rename(done.path / "translations" / "ga")
    result = build(done.path)
    assert result.returncode == 1
    assert "the theme has no words in 'ga'" in result.stderr + result.stdout
    assert "Traceback" not in result.stderr


def test_the_current_folder_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match="while you are in it"):
        scaffold(Path(), ())


def test_a_failure_on_the_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path, data: bytes) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("edgedocs.publishing.scaffolding.write_bytes", fail)
    with pytest.raises(CannotRun, match="no space left"):
        scaffold(tmp_path / "mine", ())
    assert list(tmp_path.iterdir()) == []


def test_the_wheel_holds_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if name.startswith("edgedocs/publishing/scaffold/")}
    shipped = {f"edgedocs/publishing/scaffold/{name}" for name in contents(SCAFFOLD)}
    assert names == shipped
    assert len(shipped) == len(FILES)


def test_a_result_tells_which_languages_are_left() -> None:
    done = Scaffolded(Path("a"), ("cs", "pl"), ("cs",), ("b",))
    assert done.as_dict() == {"path": "a", "languages": ["cs", "pl"], "translated": ["cs"], "files": ["b"]}
