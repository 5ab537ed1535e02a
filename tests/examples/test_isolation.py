"""Examples that misbehave: each ends in time with a verdict, and nothing of it stays."""

import os
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from edgedocs.examples.limits import Limits
from edgedocs.examples.outcome import ExampleError

posix = pytest.mark.skipif(os.name != "posix", reason="forks, signals and sessions are a matter of POSIX")


@pytest.fixture
def own(site, tmp_path, monkeypatch):
    """Evaluates an example within limits; afterwards no process of it lives, and no file of it is left."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))

    def run(code, **limits):
        site.python(code)
        if limits:
            monkeypatch.setattr("edgedocs.examples.options.Limits", lambda: Limits(**limits))
        start = time.monotonic()
        try:
            return site.evaluate().output
        except ExampleError as error:
            return str(error)
        finally:
            assert time.monotonic() - start < limits.get("seconds", 30) + 10
            assert list(temporary.iterdir()) == []
            assert _left(temporary) == []

    return run


def _left(folder: Path) -> list[psutil.Process]:
    """The processes that work in a folder, or that were told of it."""
    found = []
    for process in psutil.process_iter():
        try:
            if str(folder) in process.environ().get("TMPDIR", "") and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


@posix
def test_one_that_forks(own):
    code = "import os, time\nif os.fork() == 0:\n    time.sleep(60)\nprint('parent')\n"
    assert own(code) == "parent\n"


@posix
def test_one_whose_children_leave_the_session_and_forget_their_mark(own, tmp_path):
    eat = "import time; kept = b'x' * 2**28; time.sleep(60)"
    code = (
        "import os, sys, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        f"        os.execve(sys.executable, [sys.executable, '-c', {eat!r}], {{'TMPDIR': os.environ['TMPDIR']}})\n"
        "    os._exit(0)\n"
        "time.sleep(60)\n"
    )
    if not sys.platform.startswith("linux"):
        pytest.skip("only on Linux an orphan stays a descendant")
    assert "took more than 0.125 GiB of memory" in own(code, memory=2**27, seconds=20)


@posix
def test_one_that_ignores_signals(own):
    code = (
        "import signal, time\n"
        "for name in ('SIGTERM', 'SIGINT', 'SIGHUP'):\n"
        "    signal.signal(getattr(signal, name), signal.SIG_IGN)\n"
        "while True:\n    time.sleep(0.1)\n"
    )
    assert "ran longer than 1 s and was ended" in own(code, seconds=1)


def test_one_that_prints_a_gigabyte(own):
    before = psutil.Process().memory_info().rss
    code = "import os\npiece = b'x' * 2**20\nfor _ in range(1024):\n    os.write(1, piece)\n"
    assert "printed more than 1,048,576 bytes and was ended" in own(code)
    assert psutil.Process().memory_info().rss - before < 64 * 2**20


def test_one_that_complains_a_gigabyte(own):
    before = psutil.Process().memory_info().rss
    code = "import os\npiece = b'x' * 2**20\nfor _ in range(1024):\n    os.write(2, piece)\nprint('done')\n"
    assert own(code) == "done\n"
    assert psutil.Process().memory_info().rss - before < 64 * 2**20


def test_one_that_reads_its_input(own):
    assert "EOFError" in own("input()\n")
    assert own("import sys\nprint(repr(sys.stdin.read()))\n") == "''\n"


def test_one_that_leaves_a_thread_running(own):
    code = "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()\nprint('done')\n"
    assert "ran longer than 2 s and was ended" in own(code, seconds=2)


def test_one_that_leaves_a_daemon_thread_running(own):
    code = (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\nprint('done')\n"
    )
    assert own(code) == "done\n"


def test_one_that_leaves_at_once(own):
    assert "exited with 3" in own("import os\nos._exit(3)\n")
    assert own("import os\nprint('done', flush=True)\nos._exit(0)\n") == "done\n"


def test_one_that_closes_its_output(own):
    assert own("import os\nos.close(1)\nos.close(2)\n") == ""
    assert own("import sys\nprint('done')\nsys.stdout.close()\n") == "done\n"


@posix
def test_one_that_closes_its_output_and_goes_on(own):
    assert "ran longer than 1 s" in own("import os, time\nos.close(1)\nos.close(2)\ntime.sleep(60)\n", seconds=1)


@posix
def test_one_that_kills_its_own_group(own):
    assert "was ended by signal 9" in own("import os, signal\nos.killpg(0, signal.SIGKILL)\n")


@posix
@pytest.mark.parametrize("target", ["os.getpgid(os.getppid())", "os.getsid(os.getppid())"])
def test_one_that_kills_its_parents_group(own, target):
    # In a container the leader can live outside, and the system then says 0, which would be the example's own group.
    code = f"import os, signal\nos.killpg({target} or os.getppid(), signal.SIGKILL)\n"
    assert "tried to signal process" in own(code)


@posix
@pytest.mark.parametrize("target", ["os.getppid()", "-1"])
def test_one_that_kills_its_parent(own, target):
    assert "which it did not start" in own(f"import os, signal\nos.kill({target}, signal.SIGKILL)\n")


@posix
def test_one_that_ends_what_it_started(own):
    code = (
        "import os, signal, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True)\n"
        "os.killpg(child.pid, signal.SIGTERM)\n"
        "print(child.wait())\n"
    )
    assert own(code) == "-15\n"


def test_one_that_is_ended_by_its_own_mistake(own):
    # An access to an address that nobody has: native code's usual end.
    assert "example a#x " in own("import ctypes\nctypes.string_at(0)\n")


@posix
@pytest.mark.parametrize("mode", ["0o500", "0o000"])
def test_one_that_makes_a_folder_that_cannot_be_written_to(own, mode):
    code = (
        f"import os\nos.makedirs('a/b')\nopen('a/b/c', 'w').close()\nos.chmod('a/b', {mode})\nos.chmod('a', {mode})\n"
    )
    assert own(code) == ""


@posix
def test_one_that_takes_memory_in_native_code(own):
    code = (
        "import ctypes\n"
        "library = ctypes.CDLL(None)\n"
        "library.malloc.restype = ctypes.c_void_p\n"
        "library.malloc.argtypes = [ctypes.c_size_t]\n"
        "while True:\n"
        "    ctypes.memset(library.malloc(2**24), 1, 2**24)\n"
    )
    assert "took more than 0.25 GiB of memory and was ended" in own(code, memory=2**28)


@posix
def test_one_whose_children_take_memory_together(own):
    eat = "import time; kept = b'x' * 2**26; time.sleep(60)"
    code = (
        "import subprocess, sys\n"
        f"children = [subprocess.Popen([sys.executable, '-c', {eat!r}]) for _ in range(4)]\n"
        "children[0].wait()\n"
    )
    assert "took more than 0.25 GiB of memory and was ended" in own(code, memory=2**28, seconds=20)


def test_one_that_sleeps_in_native_code_holding_the_interpreter(own):
    if os.name != "posix":
        pytest.skip("usleep is a function of POSIX")
    code = "import ctypes\nlibrary = ctypes.PyDLL(None)\nlibrary.sleep(60)\n"
    assert "ran longer than 1 s and was ended" in own(code, seconds=1)
