"""Pages that are checked in several processes give what they give in one, and small trees start none."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from edgedocs.translation import Tree, checking, identifier, workers
from edgedocs.translation.checking import check_tree
from edgedocs.translation.checks import Finding
from tests.translation.planting.corpus import FOLDER
from tests.translation.trees import write

PAGES = 6


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """Pages in two languages, each with a wrong number, one that is no text, and one orphan."""
    root = tmp_path_factory.mktemp("tree")
    shutil.copytree(FOLDER / "docs", root / "docs")
    for number in range(PAGES):
        name = f"page-{number:02}.md"
        shutil.copy(FOLDER / "docs" / "formats.md", root / "docs" / name)
        for language in ("cs", "pl"):
            folder = root / "translations" / language
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(FOLDER / "translations" / language / "formats.md", folder / name)
            text = (folder / name).read_text(encoding="utf-8")
            (folder / name).write_text(text.replace(" 128", f" {number + 200}"), encoding="utf-8")
    (root / "translations" / "cs" / "page-03.md").write_bytes(b"\xff\xfe")
    write(root / "translations" / "pl", {"orphan.md": "# Sierota\n"})
    return Tree.open(root / "docs", root / "translations")


@pytest.fixture(scope="module")
def one(tree: Tree) -> list[Finding]:
    """What one process finds."""
    return check_tree(tree)


def no_identifier() -> bool:
    """Whether no thread reads the model any more."""
    return not any(thread.name == "identifier" for thread in threading.enumerate())


@pytest.mark.parametrize("fork", [True, False])
def test_as_in_one_process(tree: Tree, one: list[Finding], monkeypatch: pytest.MonkeyPatch, fork: bool) -> None:
    if not fork:
        monkeypatch.setattr(workers, "can_fork", lambda beside=0: False)
    assert {(f.check, f.page) for f in one} >= {("unreadable", "page-03.md"), ("status", "orphan.md")}
    assert len({f.page for f in one if f.check == "numbers"}) == PAGES
    seen: list[tuple[int, int]] = []
    several = check_tree(tree, processes=3, progress=lambda done, total: seen.append((done, total)))
    assert several == one
    total = PAGES + len(list((FOLDER / "docs").glob("*.md"))) + 1
    assert seen == [(number, total) for number in range(1, total + 1)]
    assert no_identifier()


def test_pages_that_were_read_ahead_give_the_same(
    tree: Tree, one: list[Finding], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([True] * 5 + [False] * 100)
    monkeypatch.setattr(identifier, "is_under_way", lambda: next(answers))
    monkeypatch.setattr(workers, "can_fork", lambda beside=0: beside == 1)
    prepared: list[str] = []
    inner = checking._Run.prepare

    def counted(run: Any, job: Any) -> None:
        prepared.append(job[0])
        inner(run, job)

    monkeypatch.setattr(checking._Run, "prepare", counted)
    monkeypatch.setattr(workers, "mapped", lambda work, items, processes: map(work, items))
    assert check_tree(tree, processes=2) == one
    assert len(set(prepared)) == 5


@pytest.mark.parametrize(("pairs", "expected"), [(23, 1), (24, 4)])
def test_only_many_pages_start_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pairs: int, expected: int
) -> None:
    write(tmp_path / "docs", {f"{number}.md": "A word.\n" for number in range(pairs)})
    write(tmp_path / "translations" / "cs", {f"{number}.md": "Slovo.\n" for number in range(pairs)})
    used: list[int] = []

    def alone(work: Callable[[Any], Any], items: Iterable[Any], processes: int) -> Iterator[Any]:
        used.append(processes)
        return map(work, items)

    monkeypatch.setattr(checking, "processors", lambda: 4)
    monkeypatch.setattr(workers, "mapped", alone)
    found = check_tree(Tree.open(tmp_path / "docs", tmp_path / "translations"), processes=None)
    assert used == [expected]
    assert {f.message for f in found} == {"nothing says from which source the page was made"}
    assert len(found) == pairs
    assert no_identifier()


def test_what_is_kept_needs_no_process(tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from edgedocs.translation.findings_cache import FindingsCache

    path = tmp_path / "findings.json"
    first = check_tree(tree, processes=2, cache=FindingsCache(path))
    asked: list[Sequence[Any]] = []

    def none(work: Callable[[Any], Any], items: Sequence[Any], processes: int) -> Iterator[Any]:
        asked.append([(job[0], processes) for job in items])
        return map(work, items)

    monkeypatch.setattr(workers, "mapped", none)
    monkeypatch.setattr(checking, "processors", lambda: 4)
    assert check_tree(tree, processes=None, cache=FindingsCache(path)) == first
    assert asked == [[("page-03.md", 1)]]
