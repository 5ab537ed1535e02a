"""Notebooks: the prose is translated, the code cells are the source's."""

import json
from pathlib import Path

from edgedocs.translation import Tree, page_state
from edgedocs.translation.sync import Engine, due
from edgedocs.translation.translators import Settings, translators

PAGE = "lesson.ipynb"


def notebook(*cells: tuple[str, str]) -> str:
    found = [
        {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True)}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for kind, text in cells
    ]
    return json.dumps({"cells": found, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


def sync(tree: Tree) -> int:
    return Engine(tree, translators.get("pseudo")(Settings(tree))).run(due(tree, [], [])).exit_code


def test_a_notebook_is_brought_in_step(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "translations" / "cs").mkdir(parents=True)
    tree = Tree.open(tmp_path / "docs", tmp_path / "translations")
    source, path = tree.source / PAGE, tree.translation_path("cs", PAGE)
    source.write_text(
        notebook(("markdown", "# A lesson\n\nFirst words."), ("code", "x = 1\n"), ("markdown", "The end."))
    )
    assert sync(tree) == 0
    assert page_state(source, path).state == "fresh"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert [cell["cell_type"] for cell in cells] == ["markdown", "code", "markdown"]
    assert "".join(cells[1]["source"]) == "x = 1\n"
    assert "".join(cells[2]["source"]) == "«Ţĥéé éñđđ.»"
    source.write_text(
        notebook(("markdown", "# A lesson"), ("code", "x = 2\n"), ("code", "y\n"), ("markdown", "The end."))
    )
    assert sync(tree) == 0
    assert page_state(source, path).state == "fresh"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert ["".join(cell["source"]) for cell in cells[1:]] == ["x = 2\n", "y\n", "«Ţĥéé éñđđ.»"]
    before = path.read_bytes()
    assert sync(tree) == 0
    assert path.read_bytes() == before
