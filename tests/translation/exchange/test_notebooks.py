"""Notebooks go to people and back as pages do: by PO files and in review; code and outputs stay the notebook's."""

import json
import subprocess
from pathlib import Path

import polib
import pytest

from edgedocs.translation import Tree, page_state
from edgedocs.translation.exchange.po import export_po, import_po
from edgedocs.translation.recording import record
from edgedocs.translation.reviewing import mark_reviewed, review_items, write_text
from edgedocs.translation.translated_page import TranslatedPage
from tests.translation.sync.test_notebooks import PAGE, notebook
from tests.translation.trees import make_tree

SOURCE = notebook(("markdown", "# A lesson\n\nThe first words."), ("code", "x = 1\n"), ("markdown", "The end."))
CZECH = notebook(("markdown", "# Lekce\n\nPrvní slova."), ("code", "x = 1\n"), ("markdown", "Konec."))


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    tree = make_tree(tmp_path, {PAGE: SOURCE}, {PAGE: CZECH})
    record(tree, "cs", PAGE)
    return tree


def cells(tree: Tree) -> list[str]:
    document = json.loads(tree.translation_path("cs", PAGE).read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in document["cells"]]


def states(tree: Tree) -> list[str]:
    return [entry.state for entry in TranslatedPage.load(tree.translation_path("cs", PAGE)).records or ()]


def test_a_po_file_of_a_notebook_comes_back(tree: Tree, tmp_path: Path) -> None:
    path = export_po(tree, "cs", PAGE, tmp_path / "po").path
    before = tree.translation_path("cs", PAGE).read_bytes()
    assert import_po(tree, [path])[0].exit_code == 0
    assert tree.translation_path("cs", PAGE).read_bytes() == before
    document = polib.pofile(str(path))
    (entry,) = [entry for entry in document if entry.msgid == "The end."]
    entry.msgstr = "To je konec."
    document.save()
    (result,) = import_po(tree, [path])
    assert result.exit_code == 0, result.as_dict()
    assert cells(tree) == ["# Lekce\n\nPrvní slova.", "x = 1\n", "To je konec."]
    assert states(tree) == ["machine", "machine", "edited"]
    export_po(tree, "cs", PAGE, tmp_path / "po")


def test_a_notebook_that_does_not_exist_is_made(tree: Tree, tmp_path: Path) -> None:
    tree.translation_path("cs", PAGE).unlink()
    path = export_po(tree, "cs", PAGE, tmp_path / "po").path
    document = polib.pofile(str(path))
    for entry, text in zip(document, ["# Lekce", "První slova.", "Konec."], strict=True):
        entry.msgstr = text
    document.save()
    (result,) = import_po(tree, [path])
    assert result.exit_code == 0, result.as_dict()
    assert cells(tree) == ["# Lekce\n\nPrvní slova.", "x = 1\n", "Konec."]
    assert page_state(tree.source_path(PAGE), tree.translation_path("cs", PAGE)).state == "fresh"


def test_a_notebook_is_reviewed(tree: Tree) -> None:
    items = review_items(tree, "cs", PAGE)
    assert [item.target for item in items] == ["# Lekce", "První slova.", "Konec."]
    assert mark_reviewed(tree, items[:1]).written
    assert write_text(tree, items[2], "To je konec.").written
    assert states(tree) == ["reviewed", "machine", "reviewed"]
    assert cells(tree)[2] == "To je konec."


def test_what_a_notebook_said_before_comes_from_git(tree: Tree, tmp_path: Path) -> None:
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    tree.source_path(PAGE).write_text(SOURCE.replace("The first words.", "The very first words."), encoding="utf-8")
    (item,) = review_items(tree, "cs", PAGE, ["stale"])
    assert item.source_before == "The first words."
