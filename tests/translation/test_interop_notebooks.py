"""Notebooks as pages, and pages put back into notebooks."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedocs.core.errors import BadInput
from edgedocs.translation.interop.notebooks import as_page, file_text, from_page, page_text, without_footer
from edgedocs.translation.records import Record
from edgedocs.translation.segments import split
from edgedocs.translation.translated_page import TranslatedPage
from tests.translation.coop_trees import FOOTER, entry, notebook

TEXT = notebook("# Title\n\nSome `words`.\n", "x = '`'\nprint(x)")


def with_cells(*cells: tuple[str, str]) -> str:
    document = json.loads(TEXT)
    document["cells"] = [{"cell_type": kind, "metadata": {}, "source": text} for kind, text in cells]
    return json.dumps(document)


def test_prose_is_segments_and_code_is_fixed() -> None:
    outline = split(as_page(TEXT, "a.ipynb"), "a.ipynb")
    assert [segment.text for segment in outline.segments] == ["# Title\n", "Some `words`.\n"]
    assert [piece.text for piece in outline.fixed] == ["```python\nx = '`'\nprint(x)\n```"]


def test_the_language_of_the_code_is_the_kernels() -> None:
    text = notebook("", "library(dplyr)", language_info={"name": "R"})
    assert "```R\nlibrary(dplyr)\n```" in as_page(text, "a.ipynb")


def test_backticks_in_code_do_not_end_its_fence() -> None:
    text = notebook("Prose.", 's = """\n```\n# no heading\n````\n"""')
    assert [segment.text.strip() for segment in split(as_page(text, "a.ipynb"), "").segments] == ["Prose."]


def test_header_and_records_are_metadata() -> None:
    text = notebook(
        "# T", coopTranslator=entry("a", "a.ipynb"), edgedocs={"segments": [f"{'a' * 12} {'b' * 12} machine"]}
    )
    page = TranslatedPage.parse(as_page(text, "a.ipynb"), "a.ipynb")
    assert page.header is not None
    assert page.header.source_file == "a.ipynb"
    assert page.records == (Record("a" * 12, "b" * 12, "machine"),)


def test_only_prose_header_and_records_change() -> None:
    page = as_page(TEXT, "a.ipynb").replace("Some `words`.", "Nějaká `slova`.").replace("print(x)", "hacked()")
    document = json.loads(from_page(page, TEXT, "a.ipynb"))
    assert document["cells"][0]["source"] == ["# Title\n", "\n", "Nějaká `slova`."]
    before = json.loads(TEXT)
    assert document["cells"][1] == before["cells"][1]
    assert document["metadata"] == before["metadata"]


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.rstrip("\n"),
        TEXT.replace("\n", "\r\n"),
        "\ufeff" + TEXT,
        json.dumps(json.loads(TEXT), indent=2),
        json.dumps(json.loads(notebook("Čas")), indent=4, ensure_ascii=True),
        json.dumps(json.loads(TEXT)),
        notebook("# T", coopTranslator=entry("a", "a.ipynb"), edgedocs={"segments": [], "other": 1}),
    ],
)
def test_what_is_put_back_unchanged_is_the_same_file(text: str) -> None:
    assert from_page(as_page(text, "a.ipynb"), text, "a.ipynb") == text


prose = st.text(st.characters(codec="utf-8"), max_size=80) | st.sampled_from(
    ["```\nx", "- a\n\n- b", "---\n", "<!-- c -->"]
)


@given(st.lists(st.tuples(st.sampled_from(["markdown", "code", "raw"]), prose), max_size=5))
def test_putting_a_page_back_gives_that_page(cells: list[tuple[str, str]]) -> None:
    text = with_cells(*cells)
    page = as_page(text, "a.ipynb")
    again = from_page(page, text, "a.ipynb")
    assert again == text
    changed = json.loads(again)
    assert [cell["source"] for cell in changed["cells"]] == [source for _, source in cells]


@given(st.text(max_size=200) | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_no_text_raises_anything_but_our_errors(text: str) -> None:
    for attempt in (as_page, without_footer):
        with contextlib.suppress(BadInput):
            attempt(text, "a.ipynb")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"cells": 1}',
        '{"cells": [1]}',
        '{"cells": [{"cell_type": "video"}]}',
        '{"cells": [], "metadata": 1}',
        '{"cells": [{"cell_type": "markdown", "source": [1]}]}',
        '{"cells": [{"cell_type": "markdown", "source": "\\ud800"}]}',
        '{"cells": [], "metadata": {"coopTranslator": []}}',
        '{"cells": [], "metadata": {"edgedocs": {"segments": 1}}}',
        '{"cells": [{"cell_type": "markdown", "source": "<!-- EDGEDOCS_CELL code -->"}]}',
        '{"cells": [{"cell_type": "markdown", "source": "<!-- EDGEDOCS_SEGMENTS v1"}]}',
        "[" * 100_000,
    ],
)
def test_what_is_no_notebook_is_one_error(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        as_page(text, "a.ipynb")
    assert "a.ipynb" in str(caught.value)


def test_a_page_with_other_cells_is_refused() -> None:
    page = as_page(TEXT, "a.ipynb")
    with pytest.raises(BadInput, match="2 cells in the page, 1 in the notebook"):
        from_page(page, with_cells(("markdown", "a")), "a.ipynb")


def test_the_cell_on_how_it_was_made_is_taken_off() -> None:
    text = with_cells(("markdown", "# T"), ("markdown", f"---\n\n{FOOTER}\n"))
    kept, footer = without_footer(text, "a.ipynb")
    assert [cell["source"] for cell in json.loads(kept)["cells"]] == ["# T"]
    assert "Co-op Translator" in footer


def test_a_cell_with_more_than_that_keeps_the_rest() -> None:
    text = with_cells(("markdown", f"# T\n\nThe end.\n\n---\n\n{FOOTER}\n"))
    kept, _ = without_footer(text, "a.ipynb")
    assert json.loads(kept)["cells"][0]["source"] == ["# T\n", "\n", "The end."]
    assert without_footer(kept, "a.ipynb") == (kept, "")


def test_other_files_are_their_own_page() -> None:
    assert page_text("# T", "a.md") == "# T"
    assert file_text("# T", "anything", "a.md") == "# T"
