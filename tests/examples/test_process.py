import os
import sys
import time

import psutil
import pytest

from edgedocs.examples import process
from edgedocs.examples.limits import Limits


def run(tmp_path, code, **limits):
    return process.run([sys.executable, "-c", code], tmp_path, dict(os.environ), Limits(**limits))


def alive(path):
    """Whether the process whose id a file holds is alive."""
    pid = int(path.read_text())
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def gone(path):
    deadline = time.monotonic() + 5
    while alive(path) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not alive(path)


def test_output_errors_and_status(tmp_path):
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    finished = run(tmp_path, code)
    assert (finished.output.split(), finished.errors.split()) == ([b"out"], [b"err"])
    assert (finished.status, finished.broken) == (3, None)


def test_there_is_no_input(tmp_path):
    assert run(tmp_path, "import sys; print(repr(sys.stdin.read()))").output.strip() == b"''"


def test_a_loop_is_ended_in_time(tmp_path):
    start = time.monotonic()
    finished = run(tmp_path, "while True: pass", seconds=1)
    assert finished.broken == "time"
    assert 1 <= time.monotonic() - start < 6


@pytest.mark.skipif(os.name != "posix", reason="signals can be ignored on POSIX only")
def test_ignoring_signals_does_not_help(tmp_path):
    code = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(0.1)"
    assert run(tmp_path, code, seconds=1).broken == "time"


def test_eating_memory_is_ended(tmp_path):
    code = "kept = []\nwhile True: kept.append(bytearray(b'x') * 2**22)"
    assert run(tmp_path, code, memory=2**28, seconds=30).broken == "memory"


def test_the_memory_of_children_counts(tmp_path):
    eat = "import time; kept = b'x' * 2**28; time.sleep(20)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {eat!r}])"
    assert run(tmp_path, code, memory=2**27, seconds=20).broken == "memory"


def test_output_is_bounded(tmp_path):
    finished = run(tmp_path, "while True: print('x' * 1000)", output=10_000, seconds=30)
    assert finished.broken == "output"
    assert len(finished.output) == 10_000


def test_the_end_of_long_errors_is_kept(tmp_path):
    finished = run(tmp_path, "import sys; sys.stderr.write('x' * 200_000 + 'end')")
    assert finished.errors.endswith(b"xend")
    assert len(finished.errors) == 2**16


def test_a_child_that_outlives_is_ended(tmp_path):
    code = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open('pid', 'w').write(str(child.pid))\n"
        "print('done')\n"
    )
    start = time.monotonic()
    finished = run(tmp_path, code)
    assert (finished.output.strip(), finished.status, finished.broken) == (b"done", 0, None)
    assert time.monotonic() - start < 20
    assert gone(tmp_path / "pid")


@pytest.mark.skipif(os.name != "posix", reason="sessions are a matter of POSIX")
def test_a_child_that_leaves_the_session_is_ended(tmp_path):
    code = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        open('pid', 'w').write(str(os.getpid()))\n"
        "        time.sleep(60)\n"
        "    os._exit(0)\n"
        "os.wait()\n"
        "while not os.path.exists('pid') or not open('pid').read(): time.sleep(0.01)\n"
    )
    assert run(tmp_path, code).status == 0
    assert gone(tmp_path / "pid")


def test_what_does_not_exist_is_told(tmp_path):
    with pytest.raises(OSError, match="no-such-program"):
        process.run(["no-such-program-here"], tmp_path, dict(os.environ), Limits())
