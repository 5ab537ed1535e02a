"""Saving: an editor takes no lock, so what it writes while a command works on the page is never written over."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from edgedocs.translation import Tree, seal
from edgedocs.translation.interop.importing import Options, import_tree
from edgedocs.translation.recording import record
from edgedocs.translation.reviewing import mark_reviewed, review_items
from edgedocs.translation.saving import ChangedMeanwhile, save
from edgedocs.translation.sync import Engine, due
from edgedocs.translation.translators import Settings, translators
from tests.translation.trees import SEGMENTS, edit, make_tree

PAGE = "sizes.md"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return make_tree(tmp_path)


@pytest.fixture
def in_an_editor(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Makes an editor save the page just before the next time that a command writes it."""

    def prepare() -> None:
        render, waiting = seal.render, [1]

        def rendered(*arguments: object) -> str:
            if waiting:
                waiting.pop()
                edit(tree.translation_path("cs", PAGE), "Konec.", "Úplný konec.")
            return render(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(seal, "render", rendered)

    return prepare


def saved(tree: Tree) -> bool:
    return "Úplný konec." in tree.translation_path("cs", PAGE).read_text(encoding="utf-8")


def test_only_what_was_read_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.md"
    save(path, "one", None)
    save(path, "two", "one")
    for before in ("one", None):
        with pytest.raises(ChangedMeanwhile):
            save(path, "three", before)
    assert path.read_text(encoding="utf-8") == "two"
    path.write_bytes(b"\xff")
    with pytest.raises(ChangedMeanwhile):
        save(path, "three", "two")
    path.unlink()
    with pytest.raises(ChangedMeanwhile):
        save(path, "three", "two")


def test_sync_takes_up_what_an_editor_saved(tree: Tree, in_an_editor: Callable[[], None]) -> None:
    record(tree, "cs", PAGE)
    edit(tree.source_path(PAGE), "It costs little.", "It costs nothing.")
    in_an_editor()
    result = Engine(tree, translators.get("pseudo")(Settings(tree))).run(due(tree, [], []))
    assert result.exit_code == 0
    assert result.pages[0].counts["translated"] == 1
    assert saved(tree)
    assert due(tree, [], []) == []


def test_review_and_record_and_import_refuse(tree: Tree, in_an_editor: Callable[[], None]) -> None:
    in_an_editor()
    with pytest.raises(ChangedMeanwhile):
        record(tree, "cs", PAGE)
    assert saved(tree)
    record(tree, "cs", PAGE)
    edit(tree.translation_path("cs", PAGE), "Úplný konec.", "Konec.")
    items = review_items(tree, "cs", PAGE)
    in_an_editor()
    with pytest.raises(ChangedMeanwhile):
        mark_reviewed(tree, items[:1])
    assert saved(tree)


def test_import_leaves_what_an_editor_saved(tree: Tree, in_an_editor: Callable[[], None]) -> None:
    in_an_editor()
    (entry,) = import_tree(tree, ["cs"], Options(use_history=False)).pages
    assert isinstance(entry.error, ChangedMeanwhile)
    assert saved(tree)


def test_import_of_a_page_whose_records_are_lost_leaves_it_to_a_person(tree: Tree) -> None:
    record(tree, "cs", PAGE)
    path = tree.translation_path("cs", PAGE)
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("<!-- EDGEDOCS_SEGMENTS")], encoding="utf-8")
    edit(tree.source_path(PAGE), "The end.", "The very end.")
    (entry,) = import_tree(tree, ["cs"], Options(use_history=False)).pages
    assert entry.status is not None
    assert entry.status.counts == {"needs-review": SEGMENTS}
    Engine(tree, translators.get("pseudo")(Settings(tree))).run(due(tree, [], []))
    assert "Konec." in path.read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_fails_alone(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, dict.fromkeys(("a.md", "b.md"), "# Title\n\nText.\n"), {})
    tree.translation_path("cs", "a.md").mkdir()
    result = Engine(tree, translators.get("pseudo")(Settings(tree))).run(due(tree, [], []))
    assert [page.in_step for page in result.pages] == [False, True]
    assert result.exit_code == 3


def test_a_run_ends_where_nothing_can_be_written(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, {f"{number}.md": "# Title\n" for number in range(9)}, {})
    for number in range(9):
        tree.translation_path("cs", f"{number}.md").mkdir()
    result = Engine(tree, translators.get("pseudo")(Settings(tree))).run(due(tree, [], []))
    assert result.stopped is not None
    assert result.exit_code == 3
    assert len(result.pages) < 9


def test_a_dry_run_tells_of_pages_that_cannot_be_read(tree: Tree, tmp_path: Path) -> None:
    record(tree, "cs", PAGE)
    tree.translation_path("cs", PAGE).write_bytes(b"\xff")
    command = [sys.executable, "-m", "edgedocs", "translate", "sync", "--dry-run", "--translator", "pseudo"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, encoding="utf-8")
    assert done.returncode == 2
    assert "sizes.md:1: byte 0 (0xff) is not UTF-8" in done.stderr
