"""Examples have no network: what listens on this machine's own loopback interface is out of their reach."""

import os
import socket
import subprocess
import sys
import time

import psutil
import pytest

from edgedocs.examples import launcher, network
from edgedocs.examples.outcome import ExampleError
from tests.requirements import require_network_namespaces

NATIVE = """
import ctypes, socket, struct
library = ctypes.CDLL(None, use_errno=True)
number = library.socket(2, 1, 0)
address = struct.pack("=HH4s8x", 2, socket.htons({port}), socket.inet_aton("127.0.0.1"))
print("reached" if library.connect(number, address, len(address)) == 0 else "out of reach")
"""
PLAIN = """
import socket
with socket.socket() as client:
    client.settimeout(5)
    print("reached" if client.connect_ex(("127.0.0.1", {port})) == 0 else "out of reach")
"""
SERVER = """
import threading, urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

class Hello(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *arguments):
        pass

with HTTPServer(("127.0.0.1", 0), Hello) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/").read().decode())
    server.shutdown()
"""


@pytest.fixture
def port():
    """A port of this machine's loopback interface on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_there_is_a_listener_outside(port):
    """Without which the tests below would pass whatever the examples could reach."""
    code = PLAIN.format(port=port)
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.strip() == b"reached"


@pytest.mark.parametrize("code", [PLAIN, NATIVE], ids=["python", "native"])
def test_an_example_cannot_reach_it(site, port, code):
    require_network_namespaces()
    site.python(code.format(port=port))
    assert site.evaluate().output.strip() == "out of reach"


def test_a_child_process_cannot_reach_it(site, port):
    require_network_namespaces()
    site.python(f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {PLAIN.format(port=port)!r}])\n")
    assert site.evaluate().output.strip() == "out of reach"


def test_a_command_cannot_reach_it(site, port):
    require_network_namespaces()
    site.write("reach.py", PLAIN.format(port=port))
    site.page(f"```console {{#x}}\n$ python {site.root / 'reach.py'}\n```\n")
    assert site.evaluate().output.strip() == "out of reach"


def test_an_example_in_an_example_has_no_network_either(site, port):
    """An example may run ``pytest docs/`` itself: the second network is made as an ordinary user makes it."""
    require_network_namespaces()
    code = (
        "import subprocess, sys\n"
        f"command = [sys.executable, '-c', {(SERVER + PLAIN.format(port=port))!r}]\n"
        f"subprocess.run([sys.executable, '-I', '-S', {launcher.__file__!r}, 'closed', *command], check=True)\n"
    )
    site.python(code)
    assert site.evaluate().output.split("\n")[:2] == ["hello", "out of reach"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="network namespaces are a matter of Linux")
def test_there_is_no_way_back(site):
    require_network_namespaces()
    site.python(
        "import ctypes, os\n"
        f"outside = os.open('/proc/{os.getpid()}/ns/net', os.O_RDONLY)\n"
        "print(ctypes.CDLL(None).setns(outside, 0))\n"
    )
    try:
        assert site.evaluate().output == "-1\n"
    except ExampleError as error:
        assert "Permission denied" in str(error)  # noqa: PT017 - it may not even see the other network


def test_a_server_on_the_loopback_works(site):
    site.python(SERVER)
    assert site.evaluate().output == "hello\n"


def test_who_tries_is_told_clearly(site):
    site.python("import urllib.request\nurllib.request.urlopen('http://docs.example.invalid/')\n")
    with pytest.raises(ExampleError) as caught:
        site.evaluate()
    message = str(caught.value)
    assert "example a#x tried to look up docs.example.invalid; examples run without network" in message


def test_who_can_do_without_passes(site):
    site.python(
        "import socket\ntry:\n    socket.create_connection(('192.0.2.1', 80), 1)\n"
        "except OSError as error:\n    print(type(error).__name__)\n"
    )
    assert site.evaluate().output == "PermissionError\n"


def test_where_a_network_cannot_be_closed_it_stays_open(site, monkeypatch, port):
    """Python code cannot reach other machines all the same; what is on this one, it can."""
    monkeypatch.setattr(network, "can_close", lambda: False)
    site.python(PLAIN.format(port=port))
    assert site.evaluate().output == "reached\n"
    site.python("import socket\nsocket.socket().connect(('192.0.2.1', 80))\n")
    with pytest.raises(ExampleError, match=r"tried to reach 192\.0\.2\.1:80; examples run without network"):
        site.evaluate()


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_it_is_not_tried_on_other_systems(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    network.can_close.cache_clear()
    try:
        assert network.can_close() is False
        assert network.without_network(["program"]) == ["program"]
    finally:
        network.can_close.cache_clear()


def test_a_command_that_cannot_be_started_is_told():
    require_network_namespaces()
    command = network.without_network(["/no/such/program"])
    started = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert started.returncode == launcher.NOT_STARTED
    assert started.stderr == "cannot start /no/such/program: No such file or directory\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells a process that its parent is dead")
def test_an_example_does_not_outlive_the_run(site, tmp_path):
    noted = tmp_path / "pid"
    site.python(f"import os, time\nopen({str(noted)!r}, 'w').write(str(os.getpid()))\ntime.sleep(25)\n")
    run = subprocess.Popen([sys.executable, "-m", "pytest", "-q", "docs"], cwd=site.root, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while not (noted.is_file() and noted.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    run.kill()
    run.wait()
    example = int(noted.read_text())
    while _is_alive(example) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_alive(example)


def _is_alive(process: int) -> bool:
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
