"""The fixture's notebooks: valid, the same bytes each time, with the code that was run and its verified outputs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from edgedocs.publishing.staging import Project, Stage, stage
from tests.publishing.site import FIXTURE, build, copy_fixture
from tests.requirements import require

if TYPE_CHECKING:
    from pathlib import Path

NBSP = "\N{NO-BREAK SPACE}"


def staged(project: Path, folder: Path) -> Stage:
    return stage(Project(project / "docs", project / "snippets", project / "translations", folder))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return staged(FIXTURE, tmp_path_factory.mktemp("notebooks") / "staging")


def notebook(found: Stage, path: str) -> dict[str, Any]:
    return dict(json.loads(found.notebooks[path].write(lambda name: f"https://example.org/{name}/")))


def prose(document: dict[str, Any]) -> str:
    return "\n\n".join("".join(cell["source"]) for cell in document["cells"] if cell["cell_type"] == "markdown")


def code(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {cell["id"]: cell for cell in document["cells"] if cell["cell_type"] == "code"}


def test_pages_with_examples_have_one_in_each_language(found: Stage) -> None:
    assert sorted(found.notebooks) == ["cs/01-numbers.md", "en/01-numbers.md"]


@pytest.mark.parametrize("path", ["cs/01-numbers.md", "en/01-numbers.md"])
def test_valid_in_format_4_5_and_the_same_bytes_each_time(found: Stage, path: str, tmp_path: Path) -> None:
    require("nbformat")
    import nbformat

    data = found.notebooks[path].write(lambda name: name)
    document = nbformat.reads(data.decode(), as_version=nbformat.NO_CONVERT)
    nbformat.validate(document)
    assert (document.nbformat, document.nbformat_minor) == (4, 5)
    assert document.metadata.kernelspec.name == "python3"
    ids = [cell.id for cell in document.cells]
    assert len(ids) == len(set(ids))
    assert data == staged(FIXTURE, tmp_path / "again").notebooks[path].write(lambda name: name)


@pytest.mark.parametrize("path", ["cs/01-numbers.md", "en/01-numbers.md"])
def test_code_and_outputs_are_those_of_the_snippets(found: Stage, path: str) -> None:
    cells = code(notebook(found, path))
    assert list(cells) == ["halve", "parts"]
    for name, cell in cells.items():
        snippet = FIXTURE / "snippets" / "01-numbers" / name
        source = snippet.with_suffix(".py").read_text(encoding="utf-8").replace("\r\n", "\n")
        assert "".join(cell["source"]) == source.rstrip("\n")
        text = snippet.with_suffix(".out").read_text(encoding="utf-8")
        assert cell["outputs"] == [{"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)}]
    assert cells["halve"]["metadata"]["edgedocs"]["example"] == "01-numbers#halve"
    assert cells["halve"]["metadata"]["edgedocs"]["verified"].startswith("2026-11-21")


def test_prose_is_in_the_readers_language_with_its_numbers(found: Stage) -> None:
    text = prose(notebook(found, "cs/01-numbers.md"))
    assert text.startswith("> Originál se změnil.\n\n# Čísla\n")
    assert f"Ušetří 71,9{NBSP}%" in text
    assert "*Potřebuje `numpy`*" in text
    assert '*Jen na ukázku, nespouští se: needs a compiler & a "board"*' in text
    assert notebook(found, "cs/01-numbers.md")["metadata"]["edgedocs"] == {"language": "cs", "page": "01-numbers"}


def test_jupyter_can_show_all_of_it(found: Stage) -> None:
    text = prose(notebook(found, "en/01-numbers.md"))
    for unknown in ("{ #", "{#parts", "edgedocs-fact", "!!!", "???", "=== ", "](../", "](01-", "output-of"):
        assert unknown not in text.replace("```python {#quantize}", ""), unknown
    assert "**Parts of one file**\n\nThe beginning, in a note:" in text
    assert "](data:image/svg+xml;base64," in text
    assert "In code, `[[halve.saving|.1%]]` stays; a literal 5 % is bare." in text
    assert "```pycon\n>>> for x in range(2):\n...     print(x)\n0\n1\n```" in text


def test_links_lead_to_the_site(tmp_path: Path) -> None:
    project = copy_fixture(tmp_path)
    page = project / "docs" / "01-numbers.md"
    page.write_text(
        page.read_text(encoding="utf-8")
        + "\n- see [later](02-later.md#later 'Later') and [here](#bits)\n- `[not](02-later.md)`\n\n[out](https://x.org)\n",
        encoding="utf-8",
    )
    text = prose(notebook(staged(project, tmp_path / "staging"), "en/01-numbers.md"))
    assert (
        "- see [later](https://example.org/02-later/#later 'Later') and [here](#bits)\n- `[not](02-later.md)`" in text
    )
    assert "[out](https://x.org)" in text


def test_command_to_install_comes_first(found: Stage) -> None:
    document = json.loads(found.notebooks["en/01-numbers.md"].write(lambda name: name, "python -m pip install 'x[y]'"))
    assert prose(document).startswith("```console\n$ python -m pip install 'x[y]'\n```\n\n# Numbers\n")


def test_built_site_offers_them(tmp_path: Path) -> None:
    result = build(copy_fixture(tmp_path), tmp_path / "site")
    assert result.returncode == 0, result.stderr
    for folder, words in (("", "Download this page as a notebook"), ("cs/", "Stáhnout jako notebook")):
        html = (tmp_path / "site" / folder / "01-numbers" / "index.html").read_text(encoding="utf-8")
        assert f'<a href="../01-numbers.ipynb" download>{words}</a>' in html
        document = json.loads((tmp_path / "site" / folder / "01-numbers.ipynb").read_text(encoding="utf-8"))
        assert list(code(document)) == ["halve", "parts"]
    assert "ipynb" not in (tmp_path / "site" / "02-later" / "index.html").read_text(encoding="utf-8")
