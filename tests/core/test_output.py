import hashlib
import threading
from pathlib import Path

import pytest

from edgedocs.core import files
from edgedocs.core.digests import FileDigests
from edgedocs.core.errors import CannotRun
from edgedocs.core.files import AtomicFiles
from edgedocs.core.output import FLUSHED_AT_A_TIME, Output, Stage


def test_what_is_written_is_what_was_given_and_its_hash(tmp_path: Path) -> None:
    pieces = [b"head", bytes(range(256)) * (FLUSHED_AT_A_TIME // 300), memoryview(b"tail"), b""]
    with (tmp_path / "file").open("wb") as stream, Output(stream) as output:
        for _ in range(3):
            for piece in pieces:
                output.write(piece)
        digest = output.finish()
    expected = b"".join(pieces) * 3
    assert (tmp_path / "file").read_bytes() == expected
    assert digest == hashlib.sha256(expected).hexdigest()


def put_all(stage: Stage, count: int) -> None:
    for number in range(count):
        stage.put(number)


def test_an_error_in_a_stage_is_raised_where_pieces_are_given_and_ends_the_work() -> None:
    seen = []

    def work(piece: int) -> None:
        seen.append(piece)
        if piece == 3:
            raise OSError(28, "No space left on device")

    stage = Stage(work)
    with pytest.raises(OSError, match="No space left"):
        put_all(stage, 1000)
    with pytest.raises(OSError, match="No space left"):
        stage.finish()
    assert seen == [0, 1, 2, 3]


def fail_after_writing(path: Path) -> None:
    with path.open("wb") as stream, Output(stream) as output:
        output.write(b"x")
        raise RuntimeError


def test_no_thread_is_left_behind(tmp_path: Path) -> None:
    before = threading.active_count()
    with pytest.raises(RuntimeError):
        fail_after_writing(tmp_path / "file")
    with pytest.raises(RuntimeError), FileDigests([tmp_path / "file"] * 1000):
        raise RuntimeError
    assert threading.active_count() == before


def test_digests_of_files(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in "ab"]
    for path in paths:
        path.write_bytes(path.name.encode() * 3_000_000)
    with FileDigests(paths) as digests:
        assert digests.result() == {path: files.sha256(path) for path in paths}
    with FileDigests([tmp_path / "none"]) as digests, pytest.raises(FileNotFoundError):
        digests.result()


def test_files_that_belong_together_appear_together(tmp_path: Path) -> None:
    names = ["first", "second", "third"]
    for name in names:
        (tmp_path / name).write_text("old")
    with AtomicFiles() as written:
        for name in names:
            with written.open(tmp_path / name) as stream:
                stream.write(name.encode())
            assert (tmp_path / name).read_text() == "old"
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {name: name for name in names}


def write_together(folder: Path, names: list[str]) -> None:
    with AtomicFiles() as written:
        for name in names:
            with written.open(folder / name) as stream:
                stream.write(b"new")


@pytest.mark.parametrize("failing", range(3))
def test_the_first_of_several_files_is_there_only_if_all_are(
    tmp_path: Path, failing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whenever the renaming ends: the old files, the new files, or no first one, so nobody reads a mixture."""
    names = ["first", "second", "third"]
    for name in names:
        (tmp_path / name).write_text("old")
    replace, calls = Path.replace, []

    def interrupted(self: Path, target: Path) -> Path:
        if len(calls) == failing:
            raise OSError(5, "Input/output error")
        calls.append(target)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(CannotRun, match="Input/output error"):
        write_together(tmp_path, names)
    assert not (tmp_path / "first").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"second", "third"}
