import os
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from tools.tasks.console import CommandError
from tools.tasks.vllm import _free_port, running

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="vLLM's package is for Linux")

# A server whose child holds a file open for writing until it is ended too.
SERVER = """
import subprocess, sys
from http.server import HTTPServer, SimpleHTTPRequestHandler
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open(sys.argv[2], "w").write(str(child.pid))
HTTPServer(("127.0.0.1", int(sys.argv[1])), SimpleHTTPRequestHandler).serve_forever()
"""


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_server_and_its_children_end_with_the_block(tmp_path: Path) -> None:
    port, note = _free_port(), tmp_path / "pid"
    url = f"http://127.0.0.1:{port}/"
    with running([sys.executable, "-c", SERVER, str(port), note], url, os.environ, 30):
        assert urlopen(url, timeout=5).status == 200
        child = int(note.read_text())
        assert is_alive(child)
    end = time.monotonic() + 5
    while is_alive(child) and time.monotonic() < end:
        time.sleep(0.05)
    assert not is_alive(child)
    with pytest.raises(OSError, match="refused"):
        urlopen(url, timeout=5)


def test_a_server_that_ends_is_told_with_its_log(capsys: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-c", "import sys; print('no such model'); sys.exit(7)"]
    with (
        pytest.raises(CommandError, match="the server ended with code 7"),
        running(command, "http://127.0.0.1:9/", os.environ, 30),
    ):
        pytest.fail("it never answered")
    assert "no such model" in capsys.readouterr().out


def test_a_server_that_never_answers_is_ended() -> None:
    with (
        pytest.raises(CommandError, match=r"did not answer in 0\.2 s"),
        running([sys.executable, "-c", "import time; time.sleep(600)"], "http://127.0.0.1:9/", os.environ, 0.2),
    ):
        pytest.fail("it never answered")
