import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedocs.translation import Tree, overview, record, seal
from edgedocs.translation.status import SourcePage, page_state
from edgedocs.translation.translated_page import TranslatedPage
from tests.translation.trees import SEGMENTS, edit, make_tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return make_tree(tmp_path)


@pytest.fixture
def page(tree: Tree) -> Path:
    return record(tree, "cs", "sizes.md").path


def held(tree: Tree) -> int | None:
    source = SourcePage.load(tree.source_path("sizes.md"))
    return seal.held(tree.translation_path("cs", "sizes.md").read_bytes().decode(), source.hash)


def test_page_in_step_is_sealed(tree: Tree, page: Path) -> None:
    assert held(tree) == SEGMENTS
    status = overview(tree).entries[0].status
    assert (status.state, status.counts, status.recorded) == ("fresh", {"fresh": SEGMENTS}, True)
    assert status.as_dict() == page_state(tree.source_path("sizes.md"), page).as_dict()


@pytest.mark.usefixtures("page")
def test_changed_source_breaks_it(tree: Tree) -> None:
    edit(tree.source_path("sizes.md"), "little", "nothing")
    assert held(tree) is None
    assert overview(tree).entries[0].status.state == "stale"


def test_changed_line_ends_and_a_byte_order_mark_do_not(tree: Tree, page: Path) -> None:
    page.write_bytes(page.read_bytes().replace(b"\n", b"\r\n"))
    source = tree.source_path("sizes.md")
    source.write_bytes(b"\xef\xbb\xbf" + source.read_bytes().replace(b"\n", b"\r\n"))
    assert held(tree) == SEGMENTS
    assert page_state(source, page).counts == {"fresh": SEGMENTS}


@given(data=st.data())
def test_any_other_change_breaks_it(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    tree = make_tree(tmp_path_factory.mktemp("tree"))
    path = record(tree, "cs", "sizes.md").path
    text = path.read_bytes().decode()
    header_end = text.index("-->\n") + 4
    place = data.draw(st.integers(header_end, len(text) - 1))
    letter = data.draw(st.characters(codec="utf-8", exclude_characters="\r\n"))
    if text[place] in (letter, "\n"):
        return
    path.write_bytes((text[:place] + letter + text[place + 1 :]).encode())
    assert held(tree) is None


def test_edited_page_is_not_sealed(tree: Tree, page: Path) -> None:
    edit(page, "Stojí málo", "Nestojí skoro nic")
    assert held(tree) is None
    record(tree, "cs", "sizes.md")
    assert held(tree) is None  # its status tells which segments a person answers for
    assert page_state(tree.source_path("sizes.md"), page).counts == {"edited": 1, "fresh": SEGMENTS - 1}


def test_seal_that_no_longer_holds_goes_when_the_page_is_written(tree: Tree, page: Path) -> None:
    source = SourcePage.load(tree.source_path("sizes.md"))
    translated = TranslatedPage.parse(page.read_bytes().decode(), "")
    changed = TranslatedPage(translated.header, translated.body.replace("málo", "moc"), translated.records)
    assert seal.KEY not in seal.render(changed, source, "")


@pytest.mark.parametrize("value", ["", "v1 1 0", None, 7, ["v1"], "v1 999999999999 " + "0" * 32])
def test_damaged_seal_is_none(tree: Tree, page: Path, value: object) -> None:
    text = page.read_bytes().decode()
    start, end = text.index("{"), text.index("-->")
    document = json.loads(text[start:end])
    document[seal.KEY] = value
    page.write_bytes((text[:start] + json.dumps(document, indent=2) + "\n" + text[end:]).encode())
    assert held(tree) is None
    assert overview(tree).entries[0].status.state == "fresh"
