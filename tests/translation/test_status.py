import hashlib
from pathlib import Path

import pytest

from edgedocs.core.errors import BadInput
from edgedocs.translation import PageStatus, Tree, overview, page_state, record
from tests.translation.trees import CZECH, SEGMENTS, SOURCE, edit, make_tree, write


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A tree whose one page is recorded."""
    made = make_tree(tmp_path)
    record(made, "cs", "sizes.md")
    return made


def source(tree: Tree) -> Path:
    return tree.source_path("sizes.md")


def czech(tree: Tree) -> Path:
    return tree.translation_path("cs", "sizes.md")


def state(tree: Tree) -> PageStatus:
    return page_state(source(tree), czech(tree))


def test_recorded_page_is_fresh(tree: Tree) -> None:
    assert state(tree).state == "fresh"
    assert state(tree).counts == {"fresh": SEGMENTS}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("A block holds", "Each block holds"),
        ("# Sizes {", "# Size {"),
        ("Sizes of files.", "Sizes."),
        ("- It costs little.", "- It costs nothing."),
        ('"A word"', '"Two words"'),
        ("Inside there is", "Here is"),
        ("| Q4_0 | 4.5 |", "| Q4_0 | 4.5 |\n| Q8_0 | 8.5 |"),
        ("The end.", "The end.  \nReally."),
    ],
)
def test_one_change_makes_exactly_that_segment_stale(tree: Tree, old: str, new: str) -> None:
    edit(source(tree), old, new)
    line = SOURCE[: SOURCE.index(old)].count("\n") + 1
    status = state(tree)
    assert status.state == "stale"
    assert status.counts == {"fresh": SEGMENTS - 1, "stale": 1}
    (change,) = status.as_dict()["changes"]
    start = 21 if "Q4_0" in old else line
    assert change["source_line"] == start
    # The header has ten lines, and both pages have the same ones.
    assert change["line"] == start + 10


def test_line_ends_blanks_and_composition_change_nothing(tree: Tree) -> None:
    for path in (source(tree), czech(tree)):
        text = path.read_bytes().decode()
        write(path.parent, {path.name: text.replace("\n", "\r\n")})
        assert state(tree).state == "fresh"
        write(path.parent, {path.name: "\ufeff" + text.replace("\n\n", " \n\n\n").replace("á", "a\u0301")})
        assert state(tree).state == "fresh"


def test_edit_by_a_person_is_fresh_and_counted(tree: Tree) -> None:
    edit(czech(tree), "Konec.", "Úplný konec.")
    assert state(tree).state == "fresh"
    assert state(tree).counts == {"edited": 1, "fresh": SEGMENTS - 1}


def test_edit_by_a_person_of_what_changed_needs_review(tree: Tree) -> None:
    edit(czech(tree), "Konec.", "Úplný konec.")
    edit(source(tree), "The end.", "The very end.")
    assert state(tree).state == "needs-review"
    assert state(tree).counts == {"fresh": SEGMENTS - 1, "needs-review": 1}


def test_code_that_changed_makes_the_page_stale(tree: Tree) -> None:
    edit(source(tree), "sizes/sizes.py", "sizes/all.py")
    status = state(tree)
    assert status.state == "stale"
    assert status.counts == {"fresh": SEGMENTS}
    assert [(d.check, d.source_line, d.line) for d in status.differences] == [("fixed", 14, 24)]


@pytest.mark.parametrize(
    ("old", "new", "check"),
    [("[[sizes.saving|.1%]]", "71,9 %", "facts"), ("{ #sizes }", "{ #velikosti }", "anchor")],
)
def test_edit_that_loses_a_fact_or_an_id_needs_review(tree: Tree, old: str, new: str, check: str) -> None:
    edit(czech(tree), old, new)
    assert state(tree).state == "needs-review"
    assert [difference.check for difference in state(tree).differences] == [check]


def test_failed_segment_fails_the_page(tree: Tree) -> None:
    text = czech(tree).read_text("utf-8")
    last = text.rindex("machine")
    write(czech(tree).parent, {"sizes.md": f"{text[:last]}failed{text[last + len('machine') :]}"})
    assert state(tree).state == "failed"
    assert state(tree).counts == {"failed": 1, "fresh": SEGMENTS - 1}


def test_missing_and_orphan(tree: Tree) -> None:
    czech(tree).rename(czech(tree).with_name("old.md"))
    found = overview(tree)
    assert [(entry.page, entry.status.state) for entry in found.entries] == [
        ("old.md", "orphan"),
        ("sizes.md", "missing"),
    ]
    assert [entry.status.counts for entry in found.entries] == [{"orphan": SEGMENTS}, {"missing": SEGMENTS}]
    assert found.exit_code == 1


def test_page_without_header_and_records_needs_review(tmp_path: Path) -> None:
    tree = make_tree(tmp_path)
    assert state(tree).state == "needs-review"
    assert not state(tree).recorded


@pytest.mark.parametrize("hashed", [SOURCE.encode(), SOURCE.replace("\n", "\r\n").encode()], ids=["LF", "CRLF"])
@pytest.mark.parametrize("checkout", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_page_of_another_tool_is_judged_by_the_hash_of_its_source(tmp_path: Path, hashed: bytes, checkout: str) -> None:
    header = (
        "<!--\nCO_OP_TRANSLATOR_METADATA:\n{\n"
        f'  "original_hash": "{hashlib.md5(hashed).hexdigest()}",\n'
        '  "translation_date": "2025-01-01T00:00:00+00:00",\n'
        '  "source_file": "docs\\\\sizes.md",\n'
        '  "language_code": "cs"\n}\n-->\n'
    )
    pages = {"sizes.md": SOURCE.replace("\n", checkout)}
    tree = make_tree(tmp_path, pages, {"sizes.md": (header + CZECH).replace("\n", checkout)})
    assert state(tree).state == "fresh"
    edit(source(tree), "The end.", "The very end.")
    assert state(tree).state == "stale"


def test_overview_as_json(tree: Tree) -> None:
    assert overview(tree).as_dict() == {
        "pages": [
            {
                "language": "cs",
                "page": "sizes.md",
                "state": "fresh",
                "recorded": True,
                "segments": {"fresh": SEGMENTS},
                "changes": [],
                "differences": [],
            }
        ],
        "summary": {"languages": ["cs"], "pages": 1, "states": {"fresh": 1}, "segments": {"fresh": SEGMENTS}},
    }
    assert overview(tree).exit_code == 0


def test_a_page_that_cannot_be_read_fails_alone(tree: Tree) -> None:
    write(source(tree).parent, {"other.md": "# Other\n"})
    write(czech(tree).parent, {"other.md": "# Jiná\n"})
    record(tree, "cs", "other.md")
    czech(tree).write_bytes(b"# ok\n\n\xff\n")
    found = overview(tree)
    assert [(entry.page, entry.status.state) for entry in found.entries] == [
        ("other.md", "fresh"),
        ("sizes.md", "failed"),
    ]
    assert [error.where for error in found.errors] == [f"{czech(tree).as_posix()}:3"]
    assert found.exit_code == 2
    assert found.as_dict()["pages"][1]["error"]["kind"] == "BadInput"


def test_a_source_that_cannot_be_read_is_one_error_in_all_languages(tree: Tree) -> None:
    write(tree.translations / "sl", {"sizes.md": "# Velikosti\n"})
    source(tree).write_bytes(b"\xff")
    found = overview(tree)
    assert [(entry.language, entry.status.state) for entry in found.entries] == [("cs", "failed"), ("sl", "failed")]
    assert len(found.errors) == 1


def test_unknown_language_and_no_language(tree: Tree, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"unknown language 'de'.*one of cs"):
        overview(tree, ["de"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="no translations here"):
        overview(Tree.open(tree.source, tmp_path / "empty"))
