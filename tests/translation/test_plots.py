"""Labels of plots: which need a translation, what the file of a language says of them, and what a check finds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edgedocs.core.errors import BadInput
from edgedocs.translation.checking import check_tree
from edgedocs.translation.findings_cache import FindingsCache
from edgedocs.translation.plots import as_listed, has_words, load
from tests.translation.trees import edit, make_tree, write

if TYPE_CHECKING:
    from edgedocs.translation import Tree

PLOT = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">
<text x="1" y="2">bits &amp; bytes</text><text x="1" y="3">0.5</text><text x="1" y="4">Q4_K</text>
<text x="1" y="5">bits &amp; bytes</text><text x="1" y="6">
groups of 16</text><text x="1" y="7">groups of 32</text>
<text x="1" y="8"><tspan>10</tspan><tspan>a formula</tspan></text>
</svg>
"""
PAGE = "# Plot { #plot }\n\nA picture:\n\n![Bits.](../snippets/plot/a.svg)\n"
CZECH_PAGE = "# Graf { #plot }\n\nObrázek:\n\n![Bity.](../../snippets/plot/a.svg)\n"
HEAD = "label\ttranslation\tnote\n"
BITS = "bits & bytes\tbity a bajty\t\n"
GROUPS = "groups of {1}\tskupiny po {1}\t\n"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A page with a plot of three labels, one of them twice with another number; Czech has them all."""
    write(tmp_path / "snippets" / "plot", {"a.svg": PLOT})
    write(tmp_path / "translations" / "cs", {"plots.tsv": HEAD + BITS + GROUPS})
    return make_tree(tmp_path, {"page.md": PAGE}, {"page.md": CZECH_PAGE})


def found(tree: Tree, *pages: str, cache: FindingsCache | None = None) -> list[tuple[str, int | None, str, str]]:
    findings = check_tree(tree, pages=pages, only=["plots"], cache=cache)
    assert {finding.check for finding in findings} <= {"plots", "unreadable"}
    return [(f.page, f.line or f.source_line, f.message, f.remedy) for f in findings]


@pytest.mark.parametrize(
    ("label", "listed", "numbers"),
    [
        ("groups of 16", "groups of {1}", ["16"]),
        (" from -0.5 to\n1 ", "from {1} to {2}", ["-0.5", "1"]),
        ("Q4_K beside IQ2_XXS", "Q4_K beside IQ2_XXS", []),
        ("a &lt; 3%", "a < {1}%", ["3"]),
        ("8-bit codes", "{1}-bit codes", ["8"]),
        ("version 1.2.3", "version 1.2.3", []),
    ],
)
def test_numbers_of_a_label_become_places(label: str, listed: str, numbers: list[str]) -> None:
    assert as_listed(label) == (listed, numbers)


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("Q4_K", False),
        ("f16", False),
        ("{1}", False),
        ("−{1} %", False),
        ("en", True),
        ("Q4_K only", True),
        ("µ", True),
    ],
)
def test_a_label_without_words_needs_no_translation(label: str, words: bool) -> None:
    assert has_words(label) is words


def test_nothing_is_found_where_all_labels_are_there(tree: Tree) -> None:
    assert found(tree) == []


def test_a_label_that_is_not_translated(tree: Tree) -> None:
    (tree.translations / "cs" / "plots.tsv").unlink()
    first, second = found(tree)
    assert first[:3] == ("page.md", 5, "the label 'bits & bytes' of ../snippets/plot/a.svg is not translated")
    assert "add a line to plots.tsv of the language: bits & bytes, the translation, a note" in first[3]
    assert second[:3] == ("page.md", 5, "the label 'groups of {1}' of ../snippets/plot/a.svg is not translated")


def test_a_label_that_changed_is_missing_and_the_old_one_unused(tree: Tree) -> None:
    path = tree.source.parent / "snippets" / "plot" / "a.svg"
    path.write_text(path.read_text(encoding="utf-8").replace("groups of", "rows of"), encoding="utf-8")
    missing, unused = found(tree)
    assert missing[2] == "the label 'rows of {1}' of ../snippets/plot/a.svg is not translated"
    assert unused == (
        "plots.tsv",
        3,
        "no plot has the label 'groups of {1}'",
        "remove the line, or write the label as the plot has it now",
    )
    assert [each[0] for each in found(tree, "page.md")] == ["page.md"], "other pages may have the label"


def test_findings_that_are_kept_follow_plot_and_file(tree: Tree, tmp_path: Path) -> None:
    cache = FindingsCache(tmp_path / "findings.json")
    assert found(tree, cache=cache) == []
    edit(tree.translations / "cs" / "plots.tsv", GROUPS, "")
    assert [each[:2] for each in found(tree, cache=FindingsCache(tmp_path / "findings.json"))] == [("page.md", 5)]
    path = tree.source.parent / "snippets" / "plot" / "a.svg"
    path.write_text("<svg><text>bits &amp; bytes</text></svg>", encoding="utf-8")
    assert found(tree, cache=FindingsCache(tmp_path / "findings.json")) == []


def test_only_plots_of_the_project_that_pages_show_count(tree: Tree, tmp_path: Path) -> None:
    edit(tree.source / "page.md", "![Bits.](../snippets/plot/a.svg)", "![B](own.svg)")
    write(tree.source, {"own.svg": "<svg><text>a file of the source has its own translation</text></svg>"})
    assert [each[0] for each in found(tree)] == ["plots.tsv", "plots.tsv"]
    outside = tmp_path.parent / "outside.svg"
    outside.write_text("<svg><text>not of this project</text></svg>", encoding="utf-8")
    edit(tree.source / "page.md", "own.svg", "../../outside.svg")
    assert [each[0] for each in found(tree)] == ["plots.tsv", "plots.tsv"]
    edit(tree.source / "page.md", "![B](../../outside.svg)", "```text\n![Bits.](../snippets/plot/a.svg)\n```")
    assert [each[0] for each in found(tree)] == ["plots.tsv", "plots.tsv"]


@pytest.mark.parametrize("target", ["../" + "a" * 5000 + ".svg", "../a\0.svg", "../snippets/plot.svg"])
def test_an_address_that_leads_to_no_file(tree: Tree, target: str) -> None:
    (tree.source.parent / "snippets" / "plot.svg").mkdir()
    edit(tree.source / "page.md", "../snippets/plot/a.svg", target)
    assert [each[0] for each in found(tree)] == ["plots.tsv", "plots.tsv"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\tb\tc\n", "plots.tsv:1: no header of the columns of each label"),
        (HEAD + "a\tb\n", "plots.tsv:2: no label"),
        (HEAD + "a\t \t\n", "plots.tsv:2: no label"),
        (HEAD + BITS + BITS, "plots.tsv:3: 'bits & bytes' is there already"),
        (HEAD + "groups of {1}\tskupiny\t\n", "plots.tsv:2: other places for numbers"),
        (HEAD + "groups\tskupiny po {1}\t\n", "plots.tsv:2: other places for numbers"),
        (HEAD + "groups of {2}\tskupiny po {2}\t\n", "plots.tsv:2: no plot can have the label 'groups of {2}'"),
        (HEAD + "groups of 16\tskupiny po 16\t\n", "plots.tsv:2: no plot can have the label 'groups of 16'"),
    ],
)
def test_malformed_file_names_its_line(tree: Tree, content: str, message: str) -> None:
    folder = tree.translations / "cs"
    (folder / "plots.tsv").write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match=re.escape(message)):
        load(folder)
    ((page, line, told, _),) = found(tree)
    assert (page, line) == ("plots.tsv", int(message.split(":")[1]))
    assert message.split(": ", 1)[1] in told


@pytest.mark.parametrize("piece", ["<text", "<text ", "<text>", "<text>a", "</text", "<text>a</text ", "&#", "](a"])
def test_time_in_proportion_to_the_drawing(tree: Tree, piece: str) -> None:
    """A search that goes back from each piece would take hours for these four megabytes."""
    path = tree.source.parent / "snippets" / "plot" / "a.svg"
    path.write_text((piece * (4 * 2**20 // len(piece)))[: 4 * 2**20], encoding="utf-8")
    assert {each[0] for each in found(tree)} <= {"plots.tsv", "page.md"}
