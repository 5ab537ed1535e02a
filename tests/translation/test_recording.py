import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.translation import StructureError, Tree, locks, page_state, record, seal
from edgedocs.translation.header import original_hash, strip
from edgedocs.translation.normalization import digest
from edgedocs.translation.translated_page import TranslatedPage
from tests.translation.trees import CZECH, SEGMENTS, SOURCE, edit, make_tree, write


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return make_tree(tmp_path)


def page(tree: Tree) -> TranslatedPage:
    return TranslatedPage.parse(text(tree), "page.md")


def text(tree: Tree) -> str:
    return tree.translation_path("cs", "sizes.md").read_bytes().decode()


def states(tree: Tree) -> list[str]:
    return [entry.state for entry in page(tree).records or ()]


def test_header_and_records_are_written_around_the_text(tree: Tree) -> None:
    recorded = record(tree, "cs", "sizes.md")
    assert (recorded.segments, recorded.changed) == (SEGMENTS, True)
    assert strip(text(tree)) == CZECH
    header = page(tree).header
    assert header is not None
    assert (header.original_hash, header.source_file, header.language_code) == (
        original_hash(SOURCE),
        "docs/sizes.md",
        "cs",
    )
    last = (page(tree).records or ())[-1]
    assert (last.source, last.target, last.state) == (digest("The end."), digest("Konec."), "machine")
    assert states(tree) == ["machine"] * SEGMENTS


def test_recording_again_changes_no_byte(tree: Tree) -> None:
    record(tree, "cs", "sizes.md")
    before = text(tree)
    assert not record(tree, "cs", "sizes.md").changed
    assert text(tree) == before


def test_line_ends_of_the_page_are_kept(tree: Tree) -> None:
    windows = CZECH.replace("\n", "\r\n")
    write(tree.translations / "cs", {"sizes.md": windows})
    record(tree, "cs", "sizes.md")
    assert strip(text(tree)) == windows
    assert text(tree).count("\n") == text(tree).count("\r\n")


def test_state_can_be_given(tree: Tree) -> None:
    record(tree, "cs", "sizes.md", "reviewed")
    assert states(tree) == ["reviewed"] * SEGMENTS
    record(tree, "cs", "sizes.md")
    assert states(tree) == ["reviewed"] * SEGMENTS
    record(tree, "cs", "sizes.md", "machine")
    assert states(tree) == ["machine"] * SEGMENTS


def test_what_a_person_edited_stays_theirs(tree: Tree) -> None:
    record(tree, "cs", "sizes.md")
    path = tree.translation_path("cs", "sizes.md")
    edit(path, "Konec.", "Úplný konec.")
    record(tree, "cs", "sizes.md")
    assert states(tree) == ["machine"] * (SEGMENTS - 1) + ["edited"]
    edit(tree.source_path("sizes.md"), "The end.", "The very end.")
    assert page_state(tree.source_path("sizes.md"), path).counts == {"fresh": SEGMENTS - 1, "needs-review": 1}


def test_retranslated_segment_is_fresh_after_recording(tree: Tree) -> None:
    record(tree, "cs", "sizes.md")
    edit(tree.source_path("sizes.md"), "The end.", "The very end.")
    path = tree.translation_path("cs", "sizes.md")
    edit(path, "Konec.", "Úplný konec.")
    record(tree, "cs", "sizes.md")
    assert states(tree) == ["machine"] * SEGMENTS
    assert page_state(tree.source_path("sizes.md"), path).counts == {"fresh": SEGMENTS}


def test_further_keys_of_the_header_are_kept(tree: Tree) -> None:
    record(tree, "cs", "sizes.md")
    edit(tree.translation_path("cs", "sizes.md"), '"language_code": "cs"', '"language_code": "cs",\n  "evaluation": 5')
    record(tree, "cs", "sizes.md", "reviewed")
    header = page(tree).header
    assert header is not None
    assert header.others.keys() == {"evaluation", seal.KEY}
    assert header.others["evaluation"] == 5


def test_page_that_does_not_correspond_is_refused_and_left_alone(tree: Tree) -> None:
    path = tree.translation_path("cs", "sizes.md")
    edit(path, "- Stojí málo.\n", "")
    edit(path, "sizes/sizes.py", "sizes/size.py")
    before = path.read_bytes()
    with pytest.raises(StructureError) as caught:
        record(tree, "cs", "sizes.md")
    assert path.read_bytes() == before
    assert caught.value.exit_code == 1
    assert "source line 11, translation —: missing: list-item" in str(caught.value)
    assert "source line 14, translation line 13: fence must be the same" in str(caught.value)
    assert caught.value.remedy


def test_only_the_first_differences_are_listed(tree: Tree) -> None:
    write(tree.translations / "cs", {"sizes.md": "Nic.\n"})
    with pytest.raises(StructureError, match=r"and \d+ more"):
        record(tree, "cs", "sizes.md")


@pytest.mark.parametrize(
    ("language", "name", "what"),
    [
        ("de", "sizes.md", "unknown language 'de'"),
        ("../cs", "sizes.md", "unknown language"),
        ("cs", "../../secret.md", "leaves the folder"),
        ("cs", "none.md", "no such translation"),
    ],
)
def test_bad_names(tree: Tree, language: str, name: str, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        record(tree, language, name)


def test_page_that_is_not_utf8(tree: Tree) -> None:
    tree.translation_path("cs", "sizes.md").write_bytes("č\n".encode("cp1250"))
    with pytest.raises(BadInput, match=r"cs/sizes\.md:1: byte 0 .* is not UTF-8"):
        record(tree, "cs", "sizes.md")


def test_locked_page_is_an_error_that_says_so(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    record(tree, "cs", "sizes.md")
    monkeypatch.setattr(locks, "_SECONDS", 0.05)
    with (
        FileLock(tree.translations / ".locks" / "cs" / "sizes.md.lock"),
        pytest.raises(CannotRun, match="another process"),
    ):
        record(tree, "cs", "sizes.md")


WRITER = """
import sys
from pathlib import Path
from edgedocs.translation import Tree, record
tree = Tree.open(Path(sys.argv[1]), Path(sys.argv[2]))
for turn in range(25):
    record(tree, "cs", "sizes.md", sys.argv[3])
"""


def test_two_writers_leave_a_whole_page(tree: Tree) -> None:
    command = [sys.executable, "-c", WRITER, str(tree.source), str(tree.translations)]
    writers = [subprocess.Popen([*command, state], stderr=subprocess.PIPE) for state in ("machine", "reviewed")]
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert writer.returncode == 0, errors.decode()
    assert strip(text(tree)) == CZECH
    assert set(states(tree)) in ({"machine"}, {"reviewed"})
    assert not list((tree.translations / "cs").glob("*.tmp"))
