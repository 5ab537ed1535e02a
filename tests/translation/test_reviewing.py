"""Review: what is shown, what a decision writes, and the terminal as a person uses it."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedocs.translation import Tree, page_state, record
from edgedocs.translation.reviewing import mark_reviewed, review_items, word_difference, write_text
from edgedocs.translation.translated_page import TranslatedPage
from tests.translation.trees import SEGMENTS, edit, make_tree

PAGE = "sizes.md"
NEW = "Each block holds **32** weights."


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    made = make_tree(tmp_path)
    record(made, "cs", PAGE)
    return made


def commit(folder: Path) -> None:
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.org", *command], cwd=folder, check=True)


def records(tree: Tree) -> list[str]:
    text = tree.translation_path("cs", PAGE).read_bytes().decode()
    return [entry.state for entry in TranslatedPage.parse(text, PAGE).records or ()]


def body(tree: Tree) -> str:
    return TranslatedPage.parse(tree.translation_path("cs", PAGE).read_bytes().decode(), PAGE).body


def test_what_nobody_has_reviewed_is_shown(tree: Tree) -> None:
    assert [item.state for item in review_items(tree, "cs", PAGE)] == ["machine"] * SEGMENTS
    record(tree, "cs", PAGE, "reviewed")
    assert review_items(tree, "cs", PAGE) == []
    edit(tree.source_path(PAGE), "A block holds", "Each block holds")
    (item,) = review_items(tree, "cs", PAGE)
    assert (item.state, item.source, item.target) == ("needs-review", NEW, "Blok má **32** vah.")


def test_the_source_that_was_translated_comes_from_git(tree: Tree, tmp_path: Path) -> None:
    commit(tmp_path)
    edit(tree.source_path(PAGE), "A block holds", "Each block holds")
    edit(tree.translation_path("cs", PAGE), "Konec.", "To je konec.")
    stale, edited = review_items(tree, "cs", PAGE, ["stale", "edited"])
    assert (stale.source_before, stale.target_before) == ("A block holds **32** weights.", None)
    assert (edited.source_before, edited.target_before) == (None, "Konec.")


def test_marking_writes_the_record_alone(tree: Tree) -> None:
    edit(tree.source_path(PAGE), "A block holds", "Each block holds")
    before = body(tree)
    assert len(mark_reviewed(tree, review_items(tree, "cs", PAGE, ["stale"])).made) == 1
    assert body(tree) == before
    assert records(tree) == ["machine", "machine", "reviewed", *["machine"] * (SEGMENTS - 3)]
    assert review_items(tree, "cs", PAGE, ["stale"]) == []


def test_what_changed_since_it_was_looked_at_is_refused(tree: Tree) -> None:
    items = review_items(tree, "cs", PAGE)
    edit(tree.translation_path("cs", PAGE), "Konec.", "To je konec.")
    edit(tree.source_path(PAGE), "A block holds", "Each block holds")
    revised = mark_reviewed(tree, items)
    assert (len(revised.made), len(revised.refused)) == (SEGMENTS - 2, 2)
    assert "To je konec." in body(tree)
    assert len(write_text(tree, items[-1], "Závěr.").refused) == 1
    assert "To je konec." in body(tree)


def test_a_text_is_written_as_reviewed(tree: Tree) -> None:
    item = review_items(tree, "cs", PAGE)[2]
    assert write_text(tree, item, "V bloku je **32** vah.").refused == ()
    assert "\n\nV bloku je **32** vah.\n\n" in body(tree)
    assert records(tree)[2] == "reviewed"


def test_findings_hold_unless_the_person_insists(tree: Tree) -> None:
    item = review_items(tree, "cs", PAGE)[3]
    assert item.source == "- It saves [[sizes.saving|.1%]]."
    assert write_text(tree, item, "- Ušetří hodně.").refused
    assert write_text(tree, item, "Ušetří hodně.", insists=True).refused, "no insisting on another structure"
    assert not write_text(tree, item, "- Ušetří hodně.", insists=True).refused


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_difference_gives_both_texts(old: str, new: str) -> None:
    parts = list(word_difference(old, new))
    assert "".join(text for kind, text in parts if kind != "added") == old
    assert "".join(text for kind, text in parts if kind != "removed") == new


def test_a_difference_in_words() -> None:
    parts = list(word_difference("A block holds 32 weights.", "Each block holds 32 weights!"))
    assert parts == [
        ("removed", "A"),
        ("added", "Each"),
        ("same", " block holds 32 weights"),
        ("removed", "."),
        ("added", "!"),
    ]
    assert len(list(word_difference("a " * 20_000, "b " * 20_000))) == 2


COMMAND = [sys.executable, "-m", "edgedocs", "translate", "review", "--language", "cs"]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "100"}
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_without_a_terminal_it_prints(tree: Tree, tmp_path: Path) -> None:
    commit(tmp_path)
    edit(tree.source_path(PAGE), "A block holds", "Each block holds")
    before = tree.translation_path("cs", PAGE).read_bytes()
    for arguments in (["--list"], []):
        result = run(tmp_path, *arguments, "--state", "stale")
        assert result.returncode == 0, result.stderr
        lines = result.stdout.splitlines()
        line = before.decode().splitlines().index("Blok má **32** vah.") + 1
        assert lines[0] == f"1/1  cs sizes.md  line 8 → line {line}  stale"
        assert lines[1].split("│") == [f"{NEW:48} ", " Blok má **32** vah."]
        assert "[-A-]{+Each+} block holds" in result.stdout
        assert lines[-1] == "1 to look at"
    assert tree.translation_path("cs", PAGE).read_bytes() == before


def test_json(tree: Tree, tmp_path: Path) -> None:
    result = run(tmp_path, "--json", "sizes.md")
    document = json.loads(result.stdout)
    assert document["summary"] == {"segments": SEGMENTS}
    assert document["segments"][2]["target"] == "Blok má **32** vah."
    assert document["segments"][2]["state"] == "machine"


def test_mark_without_a_terminal(tree: Tree, tmp_path: Path) -> None:
    result = run(tmp_path, "--mark")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"translations/cs/sizes.md: {SEGMENTS} reviewed, 0 refused\n"
    assert records(tree) == ["reviewed"] * SEGMENTS


def test_mark_leaves_what_is_out_of_step_unless_it_is_asked_for(tree: Tree, tmp_path: Path) -> None:
    edit(tree.source_path("sizes.md"), "The end.", "The very end.")
    done = run(tmp_path, "--mark")
    assert done.returncode == 1
    assert "1 left" in done.stdout
    assert records(tree).count("reviewed") == SEGMENTS - 1
    done = run(tmp_path, "--mark", "--state", "stale")
    assert done.returncode == 0
    assert page_state(tree.source_path("sizes.md"), tree.translation_path("cs", "sizes.md")).state == "fresh"


def test_mark_refuses_findings_and_says_which(tree: Tree, tmp_path: Path) -> None:
    edit(tree.translation_path("cs", PAGE), "[[sizes.saving|.1%]]", "40 %")
    result = run(tmp_path, "--mark", "--json")
    assert result.returncode == 1
    assert "facts" in {finding["check"] for finding in json.loads(result.stdout)["findings"]}
    assert records(tree).count("reviewed") == SEGMENTS - 1


def test_a_page_without_records_says_what_to_do(tmp_path: Path) -> None:
    make_tree(tmp_path)
    assert run(tmp_path, "--list").returncode == 0
    result = run(tmp_path, "--mark")
    assert result.returncode == 2
    assert "translate record" in result.stderr


def test_bad_input(tree: Tree, tmp_path: Path) -> None:
    for arguments in (["none.md"], ["../x.md"], ["--state", "wrong"], ["--language", "de"]):
        assert run(tmp_path, *arguments).returncode == 2


class Terminal:
    """A person at a terminal of 80 columns, whose editor is a script."""

    def __init__(self, folder: Path, *arguments: str, editor: str = "true") -> None:
        pty = pytest.importorskip("pty")
        self.process, self.handle = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.environ.update(EDITOR=editor, VISUAL=editor, COLUMNS="80", LINES="24", TERM="xterm")
            os.execv(COMMAND[0], [*COMMAND, *arguments])
        self.seen = ""

    def press(self, key: str) -> None:
        """Press a key as soon as one is asked for; what is pressed before is not read."""
        import termios

        end = time.monotonic() + 20
        while termios.tcgetattr(self.handle)[3] & termios.ICANON:
            assert time.monotonic() < end
            time.sleep(0.01)
        os.write(self.handle, key.encode())

    def wait_for(self, text: str, seconds: float = 20) -> str:
        """What was shown up to a text, since the last time."""
        end = time.monotonic() + seconds
        while text not in self.seen:
            ready, _, _ = select.select([self.handle], [], [], max(0, end - time.monotonic()))
            assert ready, f"no {text!r} in {self.seen!r}"
            try:
                chunk = os.read(self.handle, 4096)
            except OSError:
                chunk = b""
            assert chunk, f"no {text!r} in {self.seen!r}"
            self.seen += chunk.decode("utf-8", errors="replace")
        shown, _, self.seen = self.seen.partition(text)
        return shown

    def end(self) -> int:
        try:
            while os.read(self.handle, 4096):
                pass
        except OSError:
            pass
        os.close(self.handle)
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


KEYS = "q quit"


def test_a_person_accepts_skips_goes_back_and_quits(tree: Tree, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    assert "│ Velikosti souborů." in terminal.wait_for(KEYS)
    terminal.press("x")
    terminal.wait_for(KEYS)
    terminal.press("s")
    assert "2/9" in terminal.wait_for(KEYS)
    terminal.press("b")
    assert "1/9" in terminal.wait_for(KEYS)
    terminal.press("a")
    assert "2/9" in terminal.wait_for(KEYS)
    assert records(tree) == ["reviewed", *["machine"] * (SEGMENTS - 1)], "written at once"
    terminal.press("b")
    assert "reviewed" in terminal.wait_for(KEYS)
    terminal.press("q")
    terminal.wait_for("1 reviewed, 8 left")
    assert terminal.end() == 0


def script(folder: Path, old: str, new: str) -> str:
    """An editor that replaces a text."""
    path = folder / "editor.py"
    path.write_text(
        "import os, pathlib, sys\n"
        "path = pathlib.Path(sys.argv[-1])\n"
        f"path.write_text(path.read_text(encoding='utf-8').replace({old!r}, {new!r}), encoding='utf-8')\n"
        "os.utime(path, (2_000_000_000, 2_000_000_000))\n",
        encoding="utf-8",
    )
    return f"{sys.executable} {path}"


def test_a_person_edits(tree: Tree, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "sizes.md", editor=script(tmp_path, "Konec.", "To je konec."))
    for _ in range(SEGMENTS - 1):
        terminal.wait_for(KEYS)
        terminal.press("s")
    terminal.wait_for(KEYS)
    terminal.press("e")
    terminal.wait_for("1 reviewed, 8 left")
    assert terminal.end() == 0
    assert body(tree).endswith("To je konec.\n")
    assert records(tree)[-1] == "reviewed"


def test_an_edit_with_findings_can_be_kept_or_dropped(tree: Tree, tmp_path: Path) -> None:
    before = body(tree)
    for key, expected in (("n", before), ("k", before.replace("[[sizes.saving|.1%]]", "mnoho"))):
        terminal = Terminal(tmp_path, editor=script(tmp_path, "Ušetří [[sizes.saving|.1%]]", "Ušetří mnoho"))
        for _ in range(3):
            terminal.wait_for(KEYS)
            terminal.press("s")
        terminal.wait_for(KEYS)
        terminal.press("e")
        terminal.wait_for("facts differ")
        terminal.wait_for("leave the page as it was")
        terminal.press(key)
        terminal.wait_for(KEYS)
        terminal.press("q")
        assert terminal.end() == 0
        assert body(tree) == expected


def test_a_killed_review_keeps_what_was_decided(tree: Tree, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.wait_for(KEYS)
    terminal.press("a")
    terminal.wait_for(KEYS)
    os.kill(terminal.process, signal.SIGKILL)
    terminal.end()
    assert records(tree) == ["reviewed", *["machine"] * (SEGMENTS - 1)]
