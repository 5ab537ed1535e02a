"""``edgedocs serve`` with a real server and the official client, and ``edgedocs modelfile``."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from edgedocs import converters, runners
from tests.cli.test_models import edgedocs
from tests.requirements import require

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for package in ("llama_cpp", "fastapi", "openai"):
        require(package)
    return converters.convert("tiny", tmp_path_factory.mktemp("models") / "tiny.gguf", type="f32").path


@contextmanager
def serving(*arguments: str | Path, **variables: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """The process, the address that it prints, and all that it prints until it is ready."""
    command = [sys.executable, "-m", "edgedocs", "serve", *map(str, arguments)]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"} | variables
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    )
    try:
        assert process.stdout is not None
        shown = "".join(process.stdout.readline() for _ in range(3))
        found = re.search(r"is served at (http://\S+) \(Ctrl-C ends it\)", shown)
        assert found, shown + (process.stderr.read() if process.stderr and process.poll() is not None else "")
        yield process, found[1], shown
    finally:
        process.terminate()
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_gone(pid: int) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


@linux
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_serves_until_it_is_ended_and_leaves_no_process(file: Path, number: signal.Signals) -> None:
    import openai

    with serving(file, "--port", "0") as (process, address, shown):
        (child,) = children(process.pid)
        client = openai.OpenAI(base_url=address, api_key="none", max_retries=0)
        # The server's own default punishes repetition.
        penalty = {"repeat_penalty": 1.0}
        answer = client.completions.create(model="x", prompt="The", max_tokens=20, temperature=0, extra_body=penalty)
        with runners.load(file, backend="llama_cpp", threads=1) as computed:
            assert answer.choices[0].text == computed.generate("The", max_tokens=20)
        assert f"edgedocs run {address}" in shown
        assert "/completions" in shown
        process.send_signal(number)
        code = process.wait(15)
        assert code == {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}[number]
        assert is_gone(child)


def test_the_printed_commands_work(file: Path, tmp_path: Path) -> None:
    # Variables that the server's own settings would take from the environment.
    common = {"PORT": "1", "HOST": "0.0.0.0", "SEED": "x", "MODEL": "nowhere"}
    with serving("tiny", "--port", "0", TMPDIR=str(tmp_path), **common) as (_, address, shown):
        assert list(tmp_path.glob("*/*.gguf"))
        assert address.startswith("http://127.0.0.1:")
        assert "is served at" in shown
        done = edgedocs("run", address, "--prompt", "The", "--max-tokens", "5", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["backend"] == "llama_server"
        body = re.search(r"-d '(\{.*\})'", shown)
        assert body
        request = Request(f"{address}/completions", body[1].encode(), {"Content-Type": "application/json"})
        assert json.loads(urlopen(request, timeout=30).read())["choices"][0]["text"]
    assert list(tmp_path.iterdir()) == []


def test_a_model_may_be_named_beside_the_address(file: Path) -> None:
    with serving(file, "--port", "0") as (_, address, _shown):
        common = ("--prompt", "The", "--max-tokens", "2")
        # vLLM's runner asks for nothing here that another server of OpenAI's protocol lacks.
        done = edgedocs("run", "tiny.gguf", "--backend", "vllm", "--address", address, *common)
        assert done.returncode == 0, done.stderr
        other = edgedocs("run", "other", "--backend", "vllm", "--address", address, *common)
        assert other.returncode == 2
        assert "the server has no model 'other'; expected one of tiny.gguf" in other.stderr
        assert "--address" in other.stderr
    alone = edgedocs("run", "tiny.gguf", "--address", address, *common)
    assert alone.returncode == 2
    assert "--address without --backend" in alone.stderr
    measured = edgedocs("measure", address, "--text", __file__)
    assert measured.returncode == 2
    assert measured.stderr.startswith("error: ")


def test_web_pages_cannot_ask_it(file: Path) -> None:
    with serving(file, "--port", "0") as (_, address, _shown):
        for header, value, status in (("Host", "evil.example", 400), ("Origin", "http://evil.example", 200)):
            request = Request(f"{address}/models", headers={header: value})
            try:
                answer = urlopen(request, timeout=10)
            except HTTPError as error:
                answer = error
            with answer:
                assert answer.status == status
                # Without this header a browser keeps the answer from the page.
                assert answer.headers["Access-Control-Allow-Origin"] is None


def test_a_key_is_demanded_where_one_is_set(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(file, "--port", "0", EDGEDOCS_API_KEY="secret-key") as (_, address, _shown):
        done = edgedocs("run", address, "--prompt", "The", "--max-tokens", "2", "--backend", "llama_server")
        assert done.returncode == 3
        assert "status 401" in done.stderr
        assert "EDGEDOCS_API_KEY" in done.stderr
        monkeypatch.setenv("EDGEDOCS_API_KEY", "secret-key")
        assert edgedocs("run", address, "--prompt", "The", "--max-tokens", "2").returncode == 0


def test_a_port_that_is_taken_is_one_clear_error(file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = edgedocs("serve", file, "--port", str(taken.getsockname()[1]))
    assert done.returncode == 3
    assert "cannot listen on port" in done.stderr
    assert "remedy: choose another port" in done.stderr


def test_what_cannot_be_served_is_one_clear_error(file: Path, tmp_path: Path) -> None:
    converters.convert("tiny", tmp_path / "onnx", to="onnx")
    for arguments, code, complaint in (
        (["nowhere"], 2, "no such model"),
        ([tmp_path / "onnx"], 2, "there is no server for this"),
        ([file, "--context", "100000"], 2, "context is 100000"),
        ([file, "--port", "70000"], 2, "70000"),
        ([file, "--host", "192.0.2.1", "--port", "0"], 3, "cannot listen on port 0 of 192.0.2.1"),
    ):
        done = edgedocs("serve", *arguments)
        assert done.returncode == code, done.stderr
        assert done.stderr.startswith("error: ")
        assert complaint in done.stderr


def test_a_server_that_dies_is_told(file: Path) -> None:
    with serving(file, "--port", "0") as (process, _, _shown):
        (child,) = children(process.pid)
        os.kill(child, signal.SIGKILL)
        _, errors = process.communicate(timeout=15)
        assert process.returncode == 3
        assert "the server ended by itself, with code -9" in errors


def test_without_the_packages_it_says_what_to_install(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from edgedocs.core.errors import CannotRun
    from edgedocs.runners.servers import local_server

    monkeypatch.setattr(local_server, "PACKAGES", ("server_that_is_not_installed",))
    with pytest.raises(CannotRun, match=r"server is not installed\nremedy: .*'\.\[server\]'"):
        local_server.LocalServer(file)


def test_modelfile_writes_and_tells(file: Path, tmp_path: Path) -> None:
    done = edgedocs("modelfile", file, tmp_path / "Modelfile")
    assert done.returncode == 0, done.stderr
    assert f"next: ollama create NAME -f {tmp_path / 'Modelfile'}" in done.stdout
    as_json = json.loads(edgedocs("modelfile", file, tmp_path / "Modelfile", "--no-template", "--json").stdout)
    assert as_json["num_ctx"] == 512
    assert as_json["template"] is None
    assert edgedocs("modelfile", "nowhere.gguf", tmp_path / "M").returncode == 2
