"""The state file of newer versions, whole and torn."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedocs.translation.interop.state_file import FAILURES, FILE_NAME, StateFile
from tests import pace
from tests.translation.coop_trees import entry

PAGES = {f"part/{number:02}.md": entry(f"text {number}", f"part/{number:02}.md") for number in range(40)}
TEXT = json.dumps(PAGES, indent=2)


def test_each_entry_is_a_header() -> None:
    state = StateFile.parse(TEXT, "state")
    assert state.error is None
    assert list(state.pages) == list(PAGES)
    header = state.pages["part/07.md"]
    assert (header.original_hash, header.source_file) == (PAGES["part/07.md"]["original_hash"], "part/07.md")


def test_no_file_is_an_empty_one(tmp_path: Path) -> None:
    assert StateFile.load(tmp_path) == StateFile()


def test_failures_are_no_pages() -> None:
    failure = entry("a", "a.md", status="failed", error_type="TimeoutError", error_message="60 s")
    state = StateFile.parse(json.dumps({FAILURES: {"a.md": failure}, **PAGES}), "state")
    assert len(state.pages) == 40
    assert state.failures["a.md"].reason == "TimeoutError: 60 s"
    assert state.error is None


def test_further_keys_are_kept() -> None:
    state = StateFile.parse(json.dumps({"a.md": entry("a", "a.md", evaluation={"score": 0.9})}), "state")
    assert state.pages["a.md"].others == {"evaluation": {"score": 0.9}}


def test_backslash_paths_are_found_by_forward_ones() -> None:
    state = StateFile.parse(json.dumps({"part\\a.md": entry("a", "part\\a.md")}), "state")
    assert state.header("part/a.md") is not None


def test_a_page_of_a_project_below_is_found_by_the_end_of_its_path_if_only_one_has_it() -> None:
    state = StateFile.parse(json.dumps({"docs/a.md": entry("a", "docs/a.md")}), "state")
    assert state.header("a.md", "a.md") is not None
    assert state.header("b.md", "b.md") is None
    two = StateFile.parse(json.dumps({name: entry("a", name) for name in ("x/a.md", "y/a.md")}), "state")
    assert two.header("a.md", "a.md") is None


@given(st.integers(1, len(TEXT) - 1))
def test_every_whole_entry_of_a_torn_file_is_recovered(length: int) -> None:
    torn = TEXT[:length]
    state = StateFile.parse(torn, "state")
    # An entry is whole if its closing brace was written.
    whole = torn.count("}") if length < len(TEXT) - 1 else 40
    assert len(state.pages) == whole
    assert all(state.pages[name].original_hash == PAGES[name]["original_hash"] for name in state.pages)
    assert state.error is not None
    assert state.error.exit_code == 2


def test_what_is_lost_is_named() -> None:
    state = StateFile.parse(TEXT[: TEXT.index("part/05.md") + 40], "state")
    assert state.lost == ("part/05.md",)
    assert "part/05.md" in str(state.error)
    assert "5 entries are whole" in str(state.error)


def test_two_writers_leave_the_later_entry() -> None:
    old = json.dumps({"a.md": entry("old", "a.md")}, indent=2)
    new = json.dumps({"a.md": {**entry("new", "a.md"), "translation_date": "2026-01-01T00:00:00+00:00"}}, indent=2)
    for text in (new + old[20:] + old, old + new):
        state = StateFile.parse(text, "state")
        assert state.pages["a.md"].translation_date.startswith("2026")
        assert state.error is not None


@pytest.mark.parametrize("text", ["", "[]", "null", "1", '"a"', "{", "\x00", "[" * 100_000, "1" * 10_000, "{'a': 1}"])
def test_what_is_no_state_file_is_one_error(text: str) -> None:
    state = StateFile.parse(text, "state")
    assert not state.pages
    assert state.error is not None


@pytest.mark.parametrize(
    "value", [None, 1, [], {}, {"original_hash": "0" * 32}, {**entry("a", "a.md"), "original_hash": "no MD5"}]
)
def test_a_malformed_entry_is_lost_and_the_others_are_not(value: object) -> None:
    state = StateFile.parse(json.dumps({"a.md": value, **PAGES}), "state")
    assert state.lost == ("a.md",)
    assert len(state.pages) == 40
    assert state.error is not None


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b'{"a.md": "\xff"}')
    assert "not UTF-8" in str(StateFile.load(tmp_path).error)


def test_a_byte_order_mark_is_no_damage(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    assert StateFile.load(tmp_path).error is None


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.json").write_text(TEXT)
    (tmp_path / "cs").mkdir()
    (tmp_path / "cs" / FILE_NAME).symlink_to(tmp_path / "elsewhere.json")
    state = StateFile.load(tmp_path / "cs")
    assert not state.pages
    assert "outside" in str(state.error)


@given(st.text() | st.text('{}[]":,\\ ab\n', max_size=300))
def test_no_text_raises(text: str) -> None:
    StateFile.parse(text, "state")


@pytest.mark.parametrize("piece", ['"a":{', '"', '"a', "{", '"a":{"b":{}', '\\"', '"a" : '])
def test_megabytes_of_braces_take_no_time(piece: str) -> None:
    with pace.at_most(5):
        StateFile.parse("{" + piece * (1_000_000 // len(piece)), "state")
