import contextlib
import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from edgedocs.core import files
from edgedocs.core.errors import BadInput, CannotRun


def test_a_failing_writer_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with contextlib.suppress(RuntimeError), files.atomic_writer(target) as stream:
        stream.write(b"half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_a_killed_writer_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    code = (
        "import os, pathlib\nfrom edgedocs.core import files\n"
        f"with files.atomic_writer(pathlib.Path({str(target)!r})) as stream:\n"
        "    stream.write(b'half'); stream.flush(); os._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    assert target.read_text() == "old"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
def test_a_written_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    files.write_text(tmp_path / "ours", "x")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_writing_into_a_missing_folder_cannot_run(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="cannot write here"):
        files.write_text(tmp_path / "no" / "a.txt", "x")


def test_a_full_disk_cannot_run_and_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(CannotRun, match=r"a\.txt: cannot write: No space left on device"),
        files.atomic_writer(tmp_path / "a.txt"),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_file_to_read(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="a folder, not a file"):
        files.read_bytes(tmp_path)


def test_line_ends_are_written_and_read_as_they_are(tmp_path: Path) -> None:
    files.write_text(tmp_path / "a.txt", "a\r\nb\n")
    assert files.read_text(tmp_path / "a.txt") == "a\r\nb\n"


def test_text_that_is_not_utf8_names_line_and_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"first\nsec\xffond\n")
    with pytest.raises(BadInput, match="not UTF-8") as caught:
        files.read_text(path)
    assert caught.value.where == f"{path}:2"
    assert "0xff" in caught.value.what


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert files.read_bytes(tmp_path / "a", limit=5) == b"12345"
    with pytest.raises(BadInput, match="larger than 4 bytes"):
        files.read_bytes(tmp_path / "a", limit=4)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("{", "no JSON"), ("[" * 100_000, "nested too deeply"), ("9" * 5000, "a number too long")],
)
def test_bad_json_is_one_clear_error(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(BadInput, match=complaint):
        files.read_json(tmp_path / "a.json")


def test_json_round_trip_keeps_letters(tmp_path: Path) -> None:
    files.write_json(tmp_path / "a.json", {"č": [1, 2.5, None]})
    assert files.read_json(tmp_path / "a.json") == {"č": [1, 2.5, None]}
    assert "č" in (tmp_path / "a.json").read_text(encoding="utf-8")


def test_sha256_of_the_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    known = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert files.sha256(tmp_path / "empty") == known


def test_errors_carry_their_parts() -> None:
    error = BadInput("wrong", where="a.gguf:3", expected="right", remedy="mend it")
    assert str(error) == "a.gguf:3: wrong; expected right\nremedy: mend it"
    assert json.loads(json.dumps(error.as_dict())) == {
        "error": "wrong",
        "kind": "BadInput",
        "where": "a.gguf:3",
        "expected": "right",
        "remedy": "mend it",
        "exit_code": 2,
    }
