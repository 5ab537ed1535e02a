"""What all commands have in common: closed pipes, signals, encodings, one error each."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "edgedocs"]


def edgedocs(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, check=False, timeout=120, env=os.environ | environment
    )


@pytest.mark.parametrize("group", [[], ["examples"], ["translate"]])
def test_a_group_alone_shows_its_help(group: list[str]) -> None:
    done = edgedocs(*group)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"Usage: ")


@pytest.mark.parametrize("options", [["--max-tokens", "512"], ["--stop", ""], ["--temperature", "nan"]])
def test_nothing_is_printed_before_the_options_are_checked(options: list[str]) -> None:
    done = edgedocs("run", "tiny", "--prompt", "The", *options)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"error: ")


def test_what_a_stream_cannot_encode_is_escaped() -> None:
    asked = ["run", "tiny", "--prompt", "Příliš žluťoučký", "--max-tokens", "1"]
    plain = edgedocs(*asked, PYTHONIOENCODING="cp1252")
    assert plain.returncode == 0, plain.stderr
    assert plain.stdout.startswith(rb"P\u0159" + "íliš ".encode("cp1252"))
    as_json = edgedocs(*asked, "--json", PYTHONIOENCODING="cp1252")
    assert json.loads(as_json.stdout)["prompt"] == "Příliš žluťoučký"
    failed = edgedocs("run", "žádný", "--prompt", "x", "--json", PYTHONIOENCODING="cp1252")
    assert json.loads(failed.stderr)["where"] == "žádný"


def test_a_closed_pipe_is_no_finding_and_no_traceback() -> None:
    process = subprocess.Popen([*COMMAND, "catalog", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr:
        assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 3


def test_an_interrupt_while_modules_are_read_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt\n", encoding="utf-8")
    path = os.pathsep.join(filter(None, [str(tmp_path), str(ROOT), os.environ.get("PYTHONPATH")]))
    done = edgedocs("--help", PYTHONPATH=path)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"interrupted" + os.linesep.encode())


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking it")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_leaves_no_temporary_folder(tmp_path: Path, name: str) -> None:
    text = tmp_path / "text.txt"
    text.write_text("Click the button. " * 20_000, encoding="utf-8")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        [*COMMAND, "measure", "tiny", "--text", str(text)],
        env=os.environ | {"TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        # Under nohup it would inherit that SIGHUP is ignored, and rightly go on ignoring it.
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 60
    while not list(temporary.glob("edgedocs-*/*")):
        assert process.poll() is None, "it ended before it used its temporary folder"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    number = signal.Signals[name]
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert b"Traceback" not in errors
    assert list(temporary.iterdir()) == []
