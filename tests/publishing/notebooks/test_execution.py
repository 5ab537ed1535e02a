"""The notebook of a chapter runs in Jupyter from top to bottom, and prints what the page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgedocs.publishing.staging import Project, stage
from tests.publishing.site import ROOT
from tests.requirements import require

if TYPE_CHECKING:
    from pathlib import Path

LANGUAGES = ["en", *sorted(path.parent.name for path in (ROOT / "translations").glob("*/language.toml"))]
LAB = {"look", "outliers", "sweep", "columns", "weigh", "budget", "cheaper", "matrices", "split"}
PAGES = {"cs/04-gguf.md": {"convert", "quantize", "tensor-types"}} | {f"{code}/lab.md": LAB for code in LANGUAGES}


@pytest.mark.parametrize("page", PAGES)
def test_chapter_runs_in_jupyter(tmp_path: Path, page: str) -> None:
    for module in ("nbclient", "nbformat", "ipykernel", "llama_cpp", "matplotlib"):
        require(module)
    import nbformat
    from nbclient import NotebookClient

    found = stage(Project(ROOT / "docs", ROOT / "snippets", ROOT / "translations", tmp_path / "staging"))
    draft = found.notebooks[page]
    notebook = nbformat.reads(draft.write(lambda name: name).decode(), as_version=4)
    expected = {cell.id: _stdout(cell) for cell in notebook.cells if cell.cell_type == "code"}
    work = tmp_path / "work"
    work.mkdir()
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", allow_errors=False, resources={"metadata": {"path": str(work)}}
    )
    client.execute()
    compared = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            example = draft.context.examples[cell.id]
            assert example.comparison.admits(expected[cell.id], _stdout(cell)), cell.id
            compared += [cell.id] if example.comparison.name != "environment" and expected[cell.id] else []
    assert len(compared) >= 5
    assert PAGES[page] <= set(compared)


def _stdout(cell: object) -> str:
    outputs = cell.outputs  # type: ignore[attr-defined]
    return "".join(each.text for each in outputs if each.output_type == "stream" and each.name == "stdout")
