"""Several processes give what one gives, in its order, and leave nothing behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.translation import workers

ROOT = Path(__file__).parents[2]

PROGRAM = """
import sys, threading, time
from edgedocs.translation import workers

def work(number):
    time.sleep(0.02)
    open(sys.argv[1], "a").write(f"{__import__('os').getpid()}\\n")
    return number

if __name__ == "__main__":
    if sys.argv[2] == "spawn":
        threading.Thread(target=time.sleep, args=(120,), daemon=True).start()
    print("begun", flush=True)
    for _ in workers.mapped(work, range(5000), 2):
        pass
"""


def double(number: int) -> int:
    return 2 * number


def fail(number: int) -> int:
    if number == 5:
        raise ValueError("five")
    return number


def refuse(number: int) -> int:
    raise BadInput("no good", where=f"page {number}", expected="better", remedy="mend it")


def die(number: int) -> int:
    os._exit(number)


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_the_results_come_in_order(processes: int) -> None:
    assert list(workers.mapped(double, range(100), processes)) == [2 * number for number in range(100)]
    assert list(workers.mapped(double, [], processes)) == []


@pytest.mark.parametrize("processes", [1, 2])
def test_what_one_thing_raises_is_raised(processes: int) -> None:
    with pytest.raises(ValueError, match="five"):
        list(workers.mapped(fail, range(10), processes))


def test_an_error_keeps_what_it_says() -> None:
    with pytest.raises(BadInput) as caught:
        list(workers.mapped(refuse, [7, 8], 2))
    error = caught.value
    assert (error.what, error.where, error.expected, error.remedy) == ("no good", "page 7", "better", "mend it")


@pytest.mark.parametrize("fork", [True, False])
def test_processes_end_with_the_run(monkeypatch: pytest.MonkeyPatch, fork: bool) -> None:
    if not fork:
        monkeypatch.setattr(workers, "can_fork", lambda beside=0: False)
    results = workers.mapped(double, range(100), 2)
    assert next(results) == 0
    assert len(multiprocessing.active_children()) == 2
    results.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
def test_nothing_is_forked_beside_a_thread() -> None:
    assert workers.can_fork() == (threading.active_count() == 1)
    ends = threading.Event()
    thread = threading.Thread(target=ends.wait)
    before = threading.active_count()
    thread.start()
    assert not workers.can_fork()
    assert workers.can_fork(beside=before)
    ends.set()
    thread.join()


def test_a_process_that_dies_is_told_of() -> None:
    with pytest.raises(CannotRun, match="has died") as caught:
        list(workers.mapped(die, [1, 2, 3], 2))
    assert "--jobs 1" in str(caught.value)


def pids(path: Path) -> set[int]:
    return {int(line) for line in path.read_text().split()} if path.exists() else set()


def are_gone(found: set[int]) -> bool:
    """Whether none of these processes is left, or what is left is only waiting to be counted by its parent."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        states = [Path(f"/proc/{pid}/stat") for pid in found]
        if all(not s.exists() or s.read_text().rpartition(")")[2].split()[0] == "Z" for s in states):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left_when_the_first_ends(tmp_path: Path, method: str, number: int) -> None:
    program, seen = tmp_path / "program.py", tmp_path / "pids"
    program.write_text(PROGRAM)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, str(program), str(seen), method], env=environment, stderr=subprocess.PIPE, text=True
    )
    end = time.monotonic() + 60
    while len(pids(seen)) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    found = pids(seen)
    assert len(found) == 2
    process.send_signal(number)
    errors = process.communicate(timeout=60)[1]
    assert process.returncode != 0
    assert are_gone(found | pids(seen))
    assert errors.count("Traceback") == (number == signal.SIGINT)
