from pathlib import Path

import pytest

from edgedocs.translation import record
from edgedocs.translation.checking import UNREADABLE, check_tree
from tests.translation.trees import CZECH, SOURCE, edit, make_tree, write


def found(tree: object, *only: str) -> list[tuple[str, str, str, int | None, int | None]]:
    return [(f.check, f.severity, f.page, f.line, f.source_line) for f in check_tree(tree, only=only)]


def test_a_tree_in_step(tmp_path: Path) -> None:
    tree = make_tree(tmp_path)
    record(tree, "cs", "sizes.md")
    assert found(tree) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "source_line"),
    [
        ("A block holds", "Each block holds", True, True),
        ("The end.", "The end.\n\nAnd more.", False, True),
        ("The end.\n", "", True, False),
    ],
)
def test_segments(tmp_path: Path, old: str, new: str, line: bool, source_line: bool) -> None:
    tree = make_tree(tmp_path)
    record(tree, "cs", "sizes.md")
    edit(tree.source_path("sizes.md"), old, new)
    [(check, severity, _, here, there)] = found(tree)
    assert (check, severity, here is not None, there is not None) == ("status", "warning", line, source_line)


def test_pages(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, {"a.md": "One.\n", "b.md": "Two.\n"}, {"b.md": "Dvě.\n", "c.md": "Tři.\n"})
    assert [one[:3] for one in found(tree)] == [
        ("status", "warning", "a.md"),
        ("status", "warning", "b.md"),
        ("status", "warning", "c.md"),
    ]


def test_what_cannot_be_read_is_one_finding_and_the_others_go_on(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, {"a.md": SOURCE, "b.md": SOURCE, "c.md": SOURCE}, {"a.md": CZECH, "b.md": CZECH})
    record(tree, "cs", "a.md")
    (tmp_path / "translations/cs/b.md").write_bytes(b"# A\n\xff\n")
    (tmp_path / "docs/c.md").write_bytes(b"\xfe")
    edit(tree.source_path("a.md"), "The end.", "Finis.")
    expected = [
        ("status", "warning", "a.md"),
        (UNREADABLE, "error", "b.md"),
        (UNREADABLE, "error", "c.md"),
    ]
    assert [one[:3] for one in found(tree)] == expected
    assert [one[:3] for one in found(tree, "links")] == expected[1:]


def test_a_broken_glossary_is_one_finding(tmp_path: Path) -> None:
    tree = make_tree(tmp_path)
    record(tree, "cs", "sizes.md")
    write(tmp_path / "translations/cs", {"glossary.tsv": "no header\n"})
    [(check, _, page, line, _)] = found(tree)
    assert (check, page, line) == (UNREADABLE, "glossary.tsv", 1)


def test_processes_find_the_same(tmp_path: Path) -> None:
    pages = {f"{number}.md": SOURCE.replace("32", str(number)) for number in range(8)}
    tree = make_tree(tmp_path, pages, dict.fromkeys(pages, CZECH))
    assert check_tree(tree, processes=2) == check_tree(tree) != []
