"""Kill −9 at random moments, and two writers: nothing is lost, no page is damaged."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from edgedocs.core import files
from edgedocs.translation import Tree, overview
from edgedocs.translation.locks import page_lock
from edgedocs.translation.sync import Engine, due
from edgedocs.translation.translated_page import TranslatedPage
from edgedocs.translation.translators import Settings, translators
from tests.translation.trees import edit, write

KILLS = 100
PAGES = 4
SEGMENTS = 6

WORKER = """
import os, signal, sys, threading, time
from pathlib import Path
os.fsync = lambda handle: None
from edgedocs.translation import Tree
from edgedocs.translation.sync import Engine, due
from edgedocs.translation.translators import Settings, translators
def opened(folder):
    return Tree.open(Path(folder) / "docs", Path(folder) / "translations")
Pseudo = translators.get("pseudo")
class Counting(Pseudo):
    def translate(self, request):
        with open(Path(sys.argv[1]) / "asked", "ab", buffering=0) as log:
            log.write(b"x")
        return super().translate(request)
# What a run loads at first is loaded before, and it is known how long a whole run takes.
for folder in sys.argv[2:]:
    start = time.perf_counter()
    Engine(opened(folder), Counting(Settings(opened(folder))), jobs=2).run(due(opened(folder), [], []))
    whole = time.perf_counter() - start
tree = opened(sys.argv[1])
# Forked children start at once, and each is killed; starting Python a hundred times would take a minute.
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        threading.Timer(float(line) * whole, os.kill, (os.getpid(), signal.SIGKILL)).start()
        synced = Engine(tree, Counting(Settings(tree)), jobs=2).run(due(tree, [], []))
        os._exit(synced.exit_code)
    status = os.waitpid(child, 0)[1]
    print(os.waitstatus_to_exitcode(status), flush=True)
"""


def make(folder: Path, round_: int = 0) -> Tree:
    (folder / "translations" / "x-pseudo").mkdir(parents=True, exist_ok=True)
    for page in range(PAGES):
        text = "\n\n".join(f"Page {page} has sentence {number}, {round_}." for number in range(SEGMENTS))
        write(folder / "docs", {f"page{page}.md": f"{text}\n"})
    return Tree.open(folder / "docs", folder / "translations")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_a_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("tree", "first", "second")]
    tree, *_ = [make(folder) for folder in folders]
    rolls = random.Random(5)
    killed = finished = 0
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, *(folder.as_posix() for folder in folders)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    ) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        person = 0
        while killed < KILLS:
            worker.stdin.write(f"{rolls.uniform(0.01, 1.5)}\n")
            worker.stdin.flush()
            code = int(worker.stdout.readline())
            if code == 0:
                # All is in step: the source changes, and a person writes into a page.
                finished += 1
                make(folders[0], finished)
                path = tree.translation_path("x-pseudo", "page0.md")
                page = files.read_text(path)
                words = f"Člověk {person}."
                person += 1
                files.write_text(path, page.replace("-->\n", f"-->\n{words}\n\n", 1))
                continue
            if code == 1:
                # What the person added waits for review; the rest is done.
                finished += 1
                make(folders[0], finished)
                continue
            assert code == -9
            killed += 1
            for page_path in tree.translations.glob("x-pseudo/*.md"):
                TranslatedPage.parse(files.read_text(page_path), page_path.name).outline("")
            if person:
                assert f"Člověk {person - 1}." in files.read_text(tree.translation_path("x-pseudo", "page0.md"))
        worker.stdin.close()
    assert finished > 0
    Engine(tree, translators.get("pseudo")(Settings(tree)), jobs=1).run(due(tree, [], []))
    states = {entry.page: entry.status.counts for entry in overview(tree).entries}
    assert all(set(counts) <= {"fresh", "needs-review"} for counts in states.values())
    assert not list((tree.translations / ".sync").rglob("*.jsonl"))


def test_a_kill_loses_only_what_is_under_way(tmp_path: Path) -> None:
    """Each run is killed early; the answers add up, so that the page is done although no run lasts long enough."""
    if not hasattr(os, "fork"):
        pytest.skip("needs fork and SIGKILL")
    tree = make(tmp_path)
    runs = 0
    while any(entry.status.state != "fresh" for entry in overview(tree).entries):
        child = os.fork()
        if child == 0:
            _translate_two_and_die(tree)
        os.waitpid(child, 0)
        runs += 1
        assert runs < 40
    assert (tmp_path / "asked").stat().st_size <= PAGES * SEGMENTS + runs


def _translate_two_and_die(tree: Tree) -> None:
    pseudo = translators.get("pseudo")(Settings(tree))
    original = pseudo.translate
    asked = 0

    def translate(request: object) -> object:
        nonlocal asked
        if asked == 2:
            os.kill(os.getpid(), 9)
        asked += 1
        with (tree.source.parent / "asked").open("ab", buffering=0) as log:
            log.write(b"x")
        return original(request)  # type: ignore[arg-type]

    pseudo.translate = translate  # type: ignore[method-assign,assignment]
    Engine(tree, pseudo, jobs=1).run(due(tree, [], []))
    os._exit(0)


def test_two_writers_and_two_hundred_saves(tmp_path: Path) -> None:
    """A person saves a page 200 times, as an editor does that takes the lock, while sync writes it again and again."""
    tree = make(tmp_path)
    pseudo = translators.get("pseudo")(Settings(tree))
    Engine(tree, pseudo, jobs=1).run(due(tree, [], []))
    path = tree.translation_path("x-pseudo", "page0.md")
    saves = 200
    done = threading.Event()
    failures: list[BaseException] = []

    def synchronize() -> None:
        try:
            round_ = 0
            while not done.is_set():
                round_ += 1
                source = tree.source / "page0.md"
                lines = files.read_text(source).split("\n\n")
                lines[-1] = f"The last sentence of round {round_}.\n"
                files.write_text(source, "\n\n".join(lines))
                Engine(tree, pseudo, jobs=2).run(due(tree, [], []))
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=synchronize)
    thread.start()
    for number in range(saves):
        with page_lock(tree, "x-pseudo", "page0.md"):
            text = files.read_text(path)
            files.write_text(path, text.replace("-->\n", f"-->\n<!-- save {number} -->\n", 1))
        if number % 10 == 0:
            time.sleep(0.01)
    done.set()
    thread.join()
    assert failures == []
    text = files.read_text(path)
    assert [number for number in range(saves) if f"<!-- save {number} -->" not in text] == []
    TranslatedPage.parse(text, "page0.md")


def test_two_processes_at_once(tmp_path: Path) -> None:
    tree = make(tmp_path)
    command = [sys.executable, "-m", "edgedocs", "translate", "sync", "--translator", "pseudo"]
    folders = ["--source", str(tree.source), "--translations", str(tree.translations)]
    root = Path(__file__).parents[3]
    runs = [subprocess.Popen([*command, *folders], stdout=subprocess.PIPE, cwd=root) for _ in range(2)]
    assert [run.wait() for run in runs] == [0, 0]
    for run in runs:
        run.communicate()
    assert {entry.status.state for entry in overview(tree).entries} == {"fresh"}
    edit(tree.source / "page1.md", "sentence 3", "number 3")
    assert {entry.status.state for entry in overview(tree).entries} == {"fresh", "stale"}
