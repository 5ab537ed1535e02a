"""Nothing is sent: no name is looked up by Python code, nor by native code where a network of one's own can be made.

The watched process has a resolver of its own: ``/etc/resolv.conf``, in a name space where a server on the loopback
interface notes what it is asked.
"""

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from edgedocs.core import telemetry
from tests.requirements import require

USES = {
    "onnxruntime": ("onnxruntime", "from edgedocs import runners\nrunners.load('tiny', backend='onnxruntime').close()"),
    "mlx": ("mlx_lm", "from edgedocs import runners\nrunners.load('tiny', backend='mlx').close()"),
    "openvino": ("openvino", "from edgedocs import runners\nrunners.load('tiny', backend='openvino').close()"),
    "qnn": (
        "onnxruntime_qnn",
        "import tempfile\nfrom edgedocs import converters, runners\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    runners.load(converters.convert('tiny', folder + '/m', to='qnn', length=8)).close()",
    ),
    "nncf": (
        "nncf",
        "import tempfile\nfrom edgedocs import converters\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    converters.convert('tiny', folder + '/m', to='openvino', type='int8')",
    ),
}
AUDITED = """
import json, os, sys
seen = []
def watch(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.connect", "urllib.Request"):
        seen.append(f"{event} {arguments}")
sys.addaudithook(watch)
%s
print(json.dumps(seen))
"""
RESOLVER = """
import ctypes, fcntl, os, socket, struct, subprocess, sys, threading
with socket.socket() as one:  # up with the loopback interface
    fcntl.ioctl(one, 0x8914, struct.pack("16sH14x", b"lo", 0x41))
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
asked = []
def listen():
    while True:
        data, address = server.recvfrom(512)
        asked.append(data[12:].split(b"\\0")[0])
        server.sendto(data[:2] + b"\\x81\\x83" + data[4:], address)
threading.Thread(target=listen, daemon=True).start()
done = subprocess.run([sys.executable, "-c", sys.argv[1]], capture_output=True, timeout=120)
sys.stderr.buffer.write(done.stderr)
print(len(asked), asked)
sys.exit(done.returncode)
"""
UNSHARED = 'mount --bind "$1" /etc/resolv.conf && exec "$2" -c "$3" "$4"'
IMPORT_AND_WAIT = "import openvino, time; time.sleep(10)"
"""What it sends, it sends from a thread, which has a while to do so also on a machine with much else to do."""


def clean_environment(home: Path) -> dict[str, str]:
    """The environment without anything that would switch telemetry off, and a home of its own."""
    off = {*telemetry.SETTINGS, "CI", "TF_BUILD", "JENKINS_URL"}
    return {name: value for name, value in os.environ.items() if name not in off} | {"HOME": str(home)}


def asked(code: str, tmp_path: Path) -> str:
    """How many questions a resolver was asked by a process with this code, and which."""
    resolver = tmp_path / "resolv.conf"
    resolver.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    command = ["unshare", "--map-root-user", "--net", "--mount", "sh", "-c", UNSHARED, "sh"]
    command += [str(resolver), sys.executable, RESOLVER, code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, env=clean_environment(tmp_path))
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def resolver(tmp_path: Path) -> None:
    tried = [
        "unshare",
        "--map-root-user",
        "--net",
        "--mount",
        "sh",
        "-c",
        "mount --bind /etc/hostname /etc/resolv.conf",
    ]
    try:
        possible = subprocess.run(tried, capture_output=True, timeout=20, check=False).returncode == 0
    except OSError:
        possible = False
    if not possible:
        pytest.skip("needs Linux with name spaces of networks and mounts")


@pytest.mark.parametrize("name", USES)
def test_python_code_looks_nothing_up(name: str, tmp_path: Path) -> None:
    package, code = USES[name]
    require(package)
    command = [sys.executable, "-c", AUDITED % code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, env=clean_environment(tmp_path))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
    assert not (tmp_path / "intel").exists(), "OpenVINO's telemetry keeps an identity there"


@pytest.mark.usefixtures("resolver")
@pytest.mark.parametrize("name", USES)
def test_native_code_looks_nothing_up(name: str, tmp_path: Path) -> None:
    package, code = USES[name]
    require(package)
    assert asked(code + "\nimport time; time.sleep(1)", tmp_path) == "0 []"


@pytest.mark.usefixtures("resolver")
def test_a_look_up_would_be_seen(tmp_path: Path) -> None:
    """In C and in Python; without this, the tests above would pass whatever is sent."""
    native = "import ctypes; ctypes.CDLL(None).gethostbyname(b'native.example')"
    assert "native" in asked(native, tmp_path)
    python = "import socket\ntry: socket.getaddrinfo('python.example', 1)\nexcept OSError: pass"
    assert "python" in asked(python, tmp_path)


@pytest.mark.usefixtures("resolver")
def test_openvino_by_itself_does_look_something_up(tmp_path: Path) -> None:
    require("openvino_telemetry")
    assert "google-analytics" in asked(IMPORT_AND_WAIT, tmp_path)


def test_what_the_user_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    monkeypatch.setitem(sys.modules, "openvino_telemetry", ctypes)
    telemetry.off()
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "0"
    assert sys.modules["openvino_telemetry"] is ctypes
