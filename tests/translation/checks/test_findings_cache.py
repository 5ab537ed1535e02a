"""What earlier runs found is used again exactly as long as nothing changes on which it depends."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import edgedocs
from edgedocs.cli import cli
from edgedocs.core.errors import CannotRun
from edgedocs.translation import Tree, checking, findings_cache, record
from edgedocs.translation.checking import check_tree
from edgedocs.translation.checks import Finding
from edgedocs.translation.findings_cache import FindingsCache, path_of, version_of
from edgedocs.translation.pairs import PagePair
from tests.translation.trees import CZECH, LANGUAGE, SOURCE, edit, make_tree, write


@pytest.fixture(autouse=True)
def _folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEDOCS_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Two pages; the second has a wrong number."""
    pages = {"a.md": SOURCE, "b.md": SOURCE}
    tree = make_tree(tmp_path, pages, {"a.md": CZECH, "b.md": CZECH})
    for page in pages:
        record(tree, "cs", page)
    edit(tree.translation_path("cs", "b.md"), "**32**", "**23**")
    return tree


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that were checked, one after the other."""
    seen: list[str] = []
    inner = checking._on_page

    def counted(pair: PagePair, *rest: object) -> object:
        seen.append(pair.context.page)
        return inner(pair, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(checking, "_on_page", counted)
    return seen


def run(tree: Tree, seen: list[str], *only: str) -> tuple[list[tuple[str, str]], list[str]]:
    """What is found, the same as without a cache, and which pages were looked at for it."""
    expected = check_tree(tree, only=only)
    seen.clear()
    found = check_tree(tree, only=only, cache=FindingsCache(path_of(tree, only)))
    assert found == expected
    return [(finding.check, finding.page) for finding in found], list(seen)


def test_a_second_run_looks_at_nothing_and_finds_the_same(tree: Tree, looked_at: list[str]) -> None:
    found = [("numbers", "b.md")]
    assert run(tree, looked_at) == (found, ["a.md", "b.md"])
    assert run(tree, looked_at) == (found, [])


def test_only_what_changed_is_looked_at(tree: Tree, looked_at: list[str]) -> None:
    run(tree, looked_at)
    edit(tree.translation_path("cs", "b.md"), "**23**", "**32**")
    assert run(tree, looked_at) == ([], ["b.md"])
    edit(tree.source_path("a.md"), "The end.", "Finis.")
    assert run(tree, looked_at) == ([("status", "a.md")], ["a.md"])
    tree.translation_path("cs", "a.md").unlink()
    assert run(tree, looked_at) == ([("status", "a.md")], ["a.md"])
    tree.source_path("b.md").unlink()
    assert run(tree, looked_at)[1] == ["b.md"]


def test_another_glossary_is_asked_for_every_page(tree: Tree, looked_at: list[str]) -> None:
    run(tree, looked_at)
    write(tree.translations / "cs", {"glossary.tsv": "term\ttranslation\tnote\nweight\tváha\t\n"})
    assert run(tree, looked_at) == ([("numbers", "b.md")], ["a.md", "b.md"])
    write(tree.translations / "cs", {"glossary.tsv": "term\ttranslation\tnote\nweight\tzátěž\t\n"})
    found = [("terminology", "a.md"), ("numbers", "b.md"), ("terminology", "b.md")]
    assert run(tree, looked_at) == (found, ["a.md", "b.md"])


def test_another_language_file_too(tree: Tree, looked_at: list[str]) -> None:
    run(tree, looked_at)
    write(tree.translations / "cs", {"language.toml": LANGUAGE.replace("ltr", "rtl")})
    assert run(tree, looked_at)[1] == ["a.md", "b.md"]


def test_other_checks_have_their_own(tree: Tree, looked_at: list[str]) -> None:
    run(tree, looked_at)
    assert run(tree, looked_at, "links") == ([], ["a.md", "b.md"])
    assert run(tree, looked_at, "numbers") == ([("numbers", "b.md")], ["a.md", "b.md"])
    assert run(tree, looked_at, "links") == ([], [])


def test_the_header_in_a_state_file_counts(tmp_path: Path, looked_at: list[str]) -> None:
    import hashlib

    tree = make_tree(tmp_path, {"a.md": SOURCE}, {"a.md": CZECH})
    entry = {"translation_date": "2026-01-01T00:00:00+00:00", "source_file": "docs/a.md", "language_code": "cs"}
    for text, found in ((SOURCE, []), (SOURCE + "\n", [("status", "a.md")])):
        state = {"docs/a.md": {"original_hash": hashlib.md5(text.encode()).hexdigest(), **entry}}
        write(tree.translations / "cs", {".co-op-translator.json": json.dumps(state)})
        assert run(tree, looked_at) == (found, ["a.md"])


def test_what_cannot_be_read_is_not_kept(tree: Tree, looked_at: list[str]) -> None:
    tree.translation_path("cs", "a.md").write_bytes(b"\xff")
    for _ in range(2):
        assert ("unreadable", "a.md") in run(tree, looked_at)[0]
    path = path_of(tree, ())
    assert path is not None
    assert json.loads(path.read_text(encoding="utf-8")).keys() == {"cs/b.md"}


def test_what_is_saved_while_it_is_looked_at_is_not_kept(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tree.translation_path("cs", "b.md")
    wrong = path.read_bytes()
    inner = checking._pair

    def after_a_person(*given: Any) -> PagePair:
        path.write_bytes(wrong.replace(b"**23**", b"**32**"))
        return inner(*given)

    with monkeypatch.context() as patch:
        patch.setattr(checking, "_pair", after_a_person)
        assert check_tree(tree, cache=FindingsCache(path_of(tree, ()))) == []
    path.write_bytes(wrong)
    found = check_tree(tree, cache=FindingsCache(path_of(tree, ())))
    assert [(finding.check, finding.page) for finding in found] == [("numbers", "b.md")]


def test_pages_that_are_gone_are_forgotten(tree: Tree, looked_at: list[str]) -> None:
    run(tree, looked_at)
    tree.translation_path("cs", "b.md").unlink()
    tree.source_path("b.md").unlink()
    run(tree, looked_at)
    path = path_of(tree, ())
    assert path is not None
    assert json.loads(path.read_text(encoding="utf-8")).keys() == {"cs/a.md"}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cs/a.md": 1}', '{"cs/a.md": ["k"]}', "[" * 100_000, "\x00"])
def test_a_damaged_file_is_made_again(tree: Tree, looked_at: list[str], text: str) -> None:
    run(tree, looked_at)
    path = path_of(tree, ())
    assert path is not None
    path.write_text(text, encoding="utf-8")
    assert run(tree, looked_at)[1] == ["a.md", "b.md"]
    assert run(tree, looked_at)[1] == []


@pytest.mark.parametrize(
    "row", [[], [1, 1, "numbers", "fatal", "m", "r"], [1, "1", "numbers", "error", "m", "r"], None]
)
def test_a_finding_that_is_none_is_looked_for_again(tree: Tree, looked_at: list[str], row: object) -> None:
    run(tree, looked_at)
    path = path_of(tree, ())
    assert path is not None
    document = json.loads(path.read_text(encoding="utf-8"))
    document["cs/a.md"][1] = [row]
    path.write_text(json.dumps(document), encoding="utf-8")
    assert run(tree, looked_at) == ([("numbers", "b.md")], ["a.md"])


def test_a_change_of_any_program_or_table_is_another_version(tmp_path: Path) -> None:
    package = Path(edgedocs.__file__).parent
    copy = tmp_path / "edgedocs"
    for folder in ("core", "pages", "translation"):
        shutil.copytree(package / folder, copy / folder)
    versions = {version_of(copy)}
    assert versions == {version_of(package)}
    for name in (
        "translation/checks/numbers.py",
        "translation/leaks.toml",
        "translation/own_words.tsv",
        "pages/rules.py",
    ):
        with (copy / name).open("a", encoding="utf-8") as stream:
            stream.write("\n")
        version_of.cache_clear()
        versions.add(version_of(copy))
    (copy / "translation/checks/another.py").write_text("", encoding="utf-8")
    version_of.cache_clear()
    versions.add(version_of(copy))
    assert len(versions) == 6


def test_pages_that_the_settings_exclude_are_forgotten(tree: Tree, looked_at: list[str]) -> None:
    run(tree, looked_at)
    write(tree.translations, {"translate.toml": 'exclude = ["b*"]\n'})
    tree = Tree.open(tree.source, tree.translations)
    assert run(tree, looked_at) == ([], [])
    path = path_of(tree, ())
    assert path is not None
    assert json.loads(path.read_text(encoding="utf-8")).keys() == {"cs/a.md"}


def test_one_page_leaves_what_is_kept_of_others(tree: Tree, looked_at: list[str]) -> None:
    run(tree, looked_at)
    edit(tree.translation_path("cs", "b.md"), "**23**", "**32**")
    path = path_of(tree, ())
    assert check_tree(tree, pages=["b.md"], cache=FindingsCache(path)) == []
    assert run(tree, looked_at) == ([], [])


def test_how_long_translations_are_counts(tmp_path: Path, looked_at: list[str]) -> None:
    """What the other pages of a language say of it is in the key: here, how much text is usual."""
    pages = {f"{name}.md": SOURCE for name in "abcde"}
    tree = make_tree(tmp_path, pages, dict.fromkeys(pages, CZECH))
    run(tree, looked_at)
    for name in "abc":
        edit(tree.translation_path("cs", f"{name}.md"), "Konec.", "Konec. " + "Slovo za slovem. " * 60)
    assert run(tree, looked_at)[1] == sorted(pages)


def test_text_that_is_no_unicode_is_kept(tree: Tree, tmp_path: Path) -> None:
    finding = Finding("cs", "a.md", None, 1, "links", "error", "half of a pair: \ud800", "ü")
    cache = FindingsCache(tmp_path / "one.json")
    cache.put("cs", "a.md", "key", [finding])
    cache.save()
    assert FindingsCache(tmp_path / "one.json").get("cs", "a.md", "key") == [finding]
    assert FindingsCache(tmp_path / "one.json").get("cs", "a.md", "other") is None


def test_a_file_is_bounded(tree: Tree, looked_at: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    path = path_of(tree, ())
    assert path is not None
    with monkeypatch.context() as patch:
        patch.setattr(findings_cache, "_LARGEST", 10)
        for _ in range(2):
            assert run(tree, looked_at) == ([("numbers", "b.md")], ["a.md", "b.md"])
        assert not path.exists()
        path.write_text('{"cs/a.md": ["key", []]}', encoding="utf-8")
        assert FindingsCache(path).get("cs", "a.md", "key") is None
    assert FindingsCache(path).get("cs", "a.md", "key") == []


def test_the_trees_that_were_checked_last_are_kept(tree: Tree, looked_at: list[str]) -> None:
    path = path_of(tree, ())
    assert path is not None
    others = [path.with_name(f"{number}.json") for number in range(70)]
    for number, other in enumerate(others):
        other.write_text("{}", encoding="utf-8")
        os.utime(other, (number, number))
    run(tree, looked_at)
    assert {*path.parent.iterdir()} == {path, *others[-63:]}
    os.utime(path, (0, 0))
    run(tree, looked_at)
    assert path.stat().st_mtime > 1_000_000  # what is only read is used, too


def test_a_folder_that_is_none_does_no_harm(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEDOCS_CACHE_DIR", os.devnull)
    assert path_of(tree, ()) is None


def test_a_disk_that_is_full_does_no_harm(tree: Tree, looked_at: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise CannotRun("the disk is full")

    monkeypatch.setattr(findings_cache.files, "write_bytes", full)
    assert run(tree, looked_at) == ([("numbers", "b.md")], ["a.md", "b.md"])


def check(tree: Tree, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command in a process that knows only these variables of where to keep things."""
    ours = ("EDGEDOCS_CACHE_DIR", "XDG_CACHE_HOME", "HOME")
    known = {name: value for name, value in os.environ.items() if name not in ours} | environment
    command = [sys.executable, "-m", "edgedocs", "translate", "check", "--json"]
    command += ["--source", str(tree.source), "--translations", str(tree.translations)]
    known["PYTHONPATH"] = str(Path(edgedocs.__file__).parents[1])
    return subprocess.run(command, env=known, cwd=tree.source.parent, capture_output=True, timeout=120, check=False)


@pytest.mark.skipif(sys.platform != "linux", reason="where Linux keeps a user's caches")
def test_nothing_is_written_beside_the_project(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> None:
    root, home = tree.source.parent, tmp_path_factory.mktemp("home")
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    outputs = {check(tree, HOME=str(home)).stdout for _ in range(2)}
    kept = [path.relative_to(home) for path in home.rglob("*.json")]
    assert len(kept) == 1
    assert kept[0].parts[:3] == (".cache", "edgedocs", "findings")
    # Without a home, with one that is no folder, and with one that is not there and cannot be made.
    for variables in ({}, {"HOME": ""}, {"HOME": os.devnull}, {"HOME": "/proc/nobody"}):
        done = check(tree, **variables, **({} if variables else {"XDG_CACHE_HOME": "/proc/nobody"}))
        assert (done.returncode, done.stderr) == (1, b"")
        outputs.add(done.stdout)
    assert len(outputs) == 1
    assert json.loads(outputs.pop())["summary"]["findings"] == 1
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_a_folder_that_others_can_write_to_is_not_used(tree: Tree) -> None:
    path = path_of(tree, ())
    assert path is not None
    path.parent.chmod(0o777)
    assert path_of(tree, ()) is None


def test_the_option(tree: Tree) -> None:
    options = ["--source", str(tree.source), "--translations", str(tree.translations), "--json"]
    outputs = set()
    for further in (["--no-cache"], [], [], ["--jobs", "2"], ["--jobs", "2", "--no-cache"]):
        path = path_of(tree, ())
        assert path is not None
        if "--no-cache" in further:
            path.unlink(missing_ok=True)
        outputs.add(CliRunner().invoke(cli, ["translate", "check", *options, *further]).output)
        assert path.exists() == ("--no-cache" not in further)
    assert len(outputs) == 1


def test_two_processes_at_one_tree(tree: Tree) -> None:
    command = [sys.executable, "-m", "edgedocs", "translate", "check", "--json"]
    command += ["--source", str(tree.source), "--translations", str(tree.translations)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(edgedocs.__file__).parents[1]) for _ in range(2)]
    first, second = (process.communicate(timeout=120)[0] for process in both)
    assert first == second
    assert json.loads(first)["summary"]["findings"] == 1
    path = path_of(tree, ())
    assert path is not None
    assert json.loads(path.read_text(encoding="utf-8")).keys() == {"cs/a.md", "cs/b.md"}
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
