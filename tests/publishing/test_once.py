"""Made once: one process makes, all get it; what failed is not made again, and a process that died leaves no lock."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.publishing.once import made_once
from tests.publishing.site import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PROCESS = """
import os, sys, time
from pathlib import Path
from tests.publishing.once import made_once

def make(folder):
    with open(sys.argv[2], "a") as log:
        log.write("made\\n")
    time.sleep(0.3)
    if sys.argv[3] == "die":
        os._exit(9)
    (folder / "page").write_text("whole")

print((made_once(Path(sys.argv[1]), make) / "page").read_text())
"""


def start(tmp_path: Path, how: str = "") -> subprocess.Popen[str]:
    arguments = [str(tmp_path / "folder"), str(tmp_path / "log"), how]
    return subprocess.Popen(
        [sys.executable, "-c", PROCESS, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_processes_that_begin_together_make_it_once(tmp_path: Path) -> None:
    processes = [start(tmp_path) for _ in range(3)]
    assert [process.communicate(timeout=60)[0].strip() for process in processes] == ["whole"] * 3
    assert (tmp_path / "log").read_text(encoding="utf-8") == "made\n"


def test_a_process_that_dies_leaves_neither_a_lock_nor_a_half(tmp_path: Path) -> None:
    process = start(tmp_path, "die")
    process.communicate(timeout=60)
    assert process.returncode == 9
    assert not (tmp_path / "folder").exists()
    made_once(tmp_path / "folder", lambda folder: None)
    assert list((tmp_path / "folder").iterdir()) == []


def test_what_failed_fails_for_all_and_is_not_made_again(tmp_path: Path) -> None:
    made = []

    def make(folder: Path) -> None:
        made.append(folder)
        raise AssertionError("a page is wrong")

    for _ in range(2):
        with pytest.raises(AssertionError, match="a page is wrong"):
            made_once(tmp_path / "folder", make)
    assert len(made) == 1
