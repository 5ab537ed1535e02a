"""The classifier on trees as Co-op Translator left them."""

import json
from pathlib import Path

import pytest

from edgedocs.core.errors import BadInput
from edgedocs.translation import Tree, overview, record
from edgedocs.translation.language import aliases_of, canonical
from edgedocs.translation.translated_page import TranslatedPage
from tests.translation.coop_trees import CZECH, FOOTER, SEGMENTS, SOURCE, entry, inline, make_coop_tree, notebook, run
from tests.translation.trees import write

HEADERS = {
    "labelled": inline(entry(SOURCE, "README.md"), CZECH),
    "unlabelled": inline(entry(SOURCE, "README.md"), CZECH, label=False),
    "escaped": inline(entry(SOURCE, "část\\README.md"), CZECH, ascii_only=True),
    "backslashes": inline(entry(SOURCE, "part\\README.md"), CZECH),
    "evaluated": inline(entry(SOURCE, "README.md", evaluation={"score": 1}), CZECH),
    "alias": inline(entry(SOURCE, "README.md", "br"), CZECH),
    "before front matter": inline(entry(SOURCE, "README.md"), "---\ntitle: Desky\n---\n\n" + CZECH),
    "byte order mark": "\ufeff" + inline(entry(SOURCE, "README.md"), CZECH),
    "CRLF": inline(entry(SOURCE, "README.md"), CZECH).replace("\n", "\r\n"),
    "hash of a CRLF checkout": inline(entry(SOURCE.replace("\n", "\r\n"), "README.md"), CZECH),
    "hash of a file with a byte order mark": inline(entry("\ufeff" + SOURCE, "README.md"), CZECH),
    "footer": inline(entry(SOURCE, "README.md"), f"{CZECH}\n---\n\n{FOOTER}"),
    "rule": inline(entry(SOURCE, "README.md"), f"{CZECH}\n---\n\n"),
}


def states(tree: Tree) -> dict[str, str]:
    return {entry.page: entry.status.state for entry in overview(tree).entries}


@pytest.mark.parametrize("page", HEADERS.values(), ids=HEADERS)
def test_every_form_of_header_is_read(tmp_path: Path, page: str) -> None:
    assert states(make_coop_tree(tmp_path, {"README.md": SOURCE}, {"README.md": page})) == {"README.md": "fresh"}


def test_a_changed_source_makes_the_page_stale(tmp_path: Path) -> None:
    tree = make_coop_tree(tmp_path, {"README.md": SOURCE + "More.\n"}, {"README.md": HEADERS["labelled"]})
    assert states(tree) == {"README.md": "stale"}


def test_the_state_file_speaks_for_pages_without_header(tmp_path: Path) -> None:
    sources = {"README.md": SOURCE, "1-start/README.md": SOURCE + "More.\n", "2-end/a.md": SOURCE, "3/b.md": SOURCE}
    state = {name: entry(SOURCE, name) for name in ("README.md", "1-start/README.md")}
    state["2-end\\a.md"] = entry(SOURCE, "2-end\\a.md")
    tree = make_coop_tree(tmp_path, sources, dict.fromkeys(sources, CZECH), state)
    expected = {"README.md": "fresh", "1-start/README.md": "stale", "2-end/a.md": "fresh", "3/b.md": "needs-review"}
    assert states(tree) == expected


def test_languages_are_judged_each_by_its_own_note(tmp_path: Path) -> None:
    """A source page is read once for all of them, whatever was said of the language before."""
    tree = make_coop_tree(tmp_path, {"README.md": SOURCE}, {"README.md": HEADERS["labelled"]})
    old, none = inline(entry("an older source", "README.md"), CZECH), CZECH
    texts = {"de": old, "es": none, "fr": HEADERS["CRLF"], "it": old, "pl": HEADERS["labelled"], "ro": none}
    for language, text in texts.items():
        write(tree.translations / language, {"README.md": text})
    found = {entry.language: (entry.status.state, entry.status.counts) for entry in overview(tree).entries}
    assert {language: state for language, (state, _) in found.items() if language in texts} == {
        "de": "stale", "es": "needs-review", "fr": "fresh", "it": "stale", "pl": "fresh", "ro": "needs-review",
    }  # fmt: skip
    assert [counts for state, counts in found.values()] == [{state: SEGMENTS} for state, _ in found.values()]


def test_of_two_notes_the_later_one_holds(tmp_path: Path) -> None:
    later = {**entry(SOURCE, "a.md"), "translation_date": "2026-02-01T00:00:00+00:00"}
    sources, page = {"a.md": SOURCE}, inline(entry("an older source", "a.md"), CZECH)
    assert states(make_coop_tree(tmp_path, sources, {"a.md": page}, {"a.md": later})) == {"a.md": "fresh"}


def test_notebooks_are_pages(tmp_path: Path) -> None:
    source = notebook("# Title\n\nWords.\n")
    names = dict.fromkeys(("a.ipynb", "b.ipynb", "c.ipynb"), source)
    translated = {
        "a.ipynb": notebook("# Název\n\nSlova.\n", coopTranslator=entry(source, "a.ipynb")),
        "b.ipynb": notebook("# Název\n\nSlova.\n", coopTranslator=entry("older", "b.ipynb")),
        "c.ipynb": notebook("# Název\n\nSlova.\n"),
    }
    tree = make_coop_tree(tmp_path, names, translated)
    assert states(tree) == {"a.ipynb": "fresh", "b.ipynb": "stale", "c.ipynb": "needs-review"}
    assert overview(tree).entries[0].status.counts == {"fresh": 2}


def test_the_translations_in_a_project_are_none_of_its_pages(tmp_path: Path) -> None:
    sources = {"README.md": SOURCE, "part/a.md": SOURCE, "node_modules/x/README.md": SOURCE, ".github/a.md": SOURCE}
    tree = make_coop_tree(tmp_path, sources, {"README.md": CZECH})
    assert tree.pages() == ["README.md", "part/a.md"]
    assert tree.source_name("part/a.md") == "part/a.md"


def test_a_torn_state_file_is_one_error_and_the_pages_it_still_knows_are_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sources = {f"{number}.md": SOURCE for number in range(4)}
    text = json.dumps({name: entry(SOURCE, name) for name in sources}, indent=2)
    tree = make_coop_tree(tmp_path, sources, dict.fromkeys(sources, CZECH), text[: text.index('"3.md"') - 30])
    found = overview(tree)
    assert [entry.status.state for entry in found.entries] == ["fresh", "fresh", "needs-review", "needs-review"]
    assert len(found.errors) == 1
    assert found.exit_code == 2
    assert run(monkeypatch, tree, "status", "--json") == 2
    assert json.loads(capsys.readouterr().out)["summary"]["states"] == {"fresh": 2, "needs-review": 2}


BAD = {
    "broken.md": b'<!--\nCO_OP_TRANSLATOR_METADATA:\n{"original_hash": \n-->\n# A',
    "latin.md": b"# caf\xe9\n",
    "torn.md": b'<!--\nCO_OP_TRANSLATOR_METADATA:\n{"original_hash": "0',
    "surrogate.md": inline(entry(SOURCE, "\\ud800"), "# A").replace("\\\\ud800", "\\ud800").encode(),
    "infinite.md": inline(entry(SOURCE, "a.md", score=0), "# A").replace('"score": 0', '"score": 1e999').encode(),
    "no.ipynb": b'{"cells": ',
}


@pytest.mark.parametrize("name", BAD)
def test_a_page_that_cannot_be_read_fails_alone(tmp_path: Path, name: str) -> None:
    source = notebook("# A") if name.endswith("ipynb") else SOURCE
    tree = make_coop_tree(tmp_path, {name: source, "z.md": SOURCE}, {"z.md": inline(entry(SOURCE, "z.md"), CZECH)})
    tree.translation_path("cs", name).write_bytes(BAD[name])
    found = overview(tree)
    assert {entry.page: entry.status.state for entry in found.entries} == {name: "failed", "z.md": "fresh"}
    assert len(found.errors) == 1
    assert found.exit_code == 2


def test_nul_is_a_character_like_others(tmp_path: Path) -> None:
    page = inline(entry(SOURCE + "\0", "a.md"), CZECH + "\0")
    assert states(make_coop_tree(tmp_path, {"a.md": SOURCE + "\0"}, {"a.md": page})) == {"a.md": "fresh"}


def test_a_link_out_of_the_tree_fails_alone(tmp_path: Path) -> None:
    write(tmp_path, {"secret.md": CZECH})
    tree = make_coop_tree(tmp_path / "project", {"a.md": SOURCE, "b.md": SOURCE}, {"b.md": HEADERS["labelled"]})
    tree.translation_path("cs", "a.md").symlink_to(tmp_path / "secret.md")
    found = overview(tree)
    assert [entry.status.state for entry in found.entries] == ["failed", "fresh"]
    assert "leaves the folder" in str(found.errors[0])


@pytest.mark.parametrize(
    ("code", "tag"),
    [("br", "pt-BR"), ("tw", "zh-TW"), ("hk", "zh-HK"), ("mo", "zh-MO"), ("cn", "zh-CN"), ("pt", "pt-PT"),
     ("jp", "ja"), ("kr", "ko"), ("zh", "zh-CN"), ("cs", "cs"), ("zh_tw", "zh-TW"), ("ZH-tw", "zh-TW"),
     ("sr-latn-rs", "sr-Latn-RS"), ("x-pseudo", "x-pseudo")],
)  # fmt: skip
def test_aliases_have_tags_and_tags_aliases(code: str, tag: str) -> None:
    assert canonical(code) == tag
    assert canonical(tag) == tag
    assert code in aliases_of(tag) or canonical(code) == aliases_of(tag)[0]


def test_a_language_is_found_by_either_name(tmp_path: Path) -> None:
    tree = make_coop_tree(tmp_path, {"a.md": SOURCE}, {"a.md": CZECH}, language="br")
    assert tree.require_language("pt-BR") == "br"
    assert tree.require_language("br") == "br"
    assert tree.language("pt-BR").tag == "pt-BR"
    assert tree.language("br").direction == "ltr"


def test_a_notebook_is_recorded_as_a_notebook(tmp_path: Path) -> None:
    tree = make_coop_tree(tmp_path, {"a.ipynb": notebook("# Title")}, {"a.ipynb": notebook("# Název")})
    record(tree, "cs", "a.ipynb")
    document = json.loads(tree.translation_path("cs", "a.ipynb").read_text(encoding="utf-8"))
    assert document["cells"][0]["source"] == ["# Název"]
    assert states(tree) == {"a.ipynb": "fresh"}
    with pytest.raises(BadInput, match="not handled here"):
        TranslatedPage.parse(json.dumps(document), "a.ipynb")


def test_a_footer_is_no_segment_and_stays_in_the_page(tmp_path: Path) -> None:
    tree = make_coop_tree(tmp_path, {"a.md": SOURCE}, {"a.md": HEADERS["footer"]})
    page = TranslatedPage.load(tree.translation_path("cs", "a.md"))
    assert len(page.outline("a.md").segments) == SEGMENTS
    assert page.render() == HEADERS["footer"]
