from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from gguf.constants import GGUFValueType as ValueType
from hypothesis import given
from hypothesis import strategies as st

from edgedocs.containers.gguf import GGUFFile
from edgedocs.containers.gguf_fields import TENSOR_TYPES, Field
from edgedocs.containers.gguf_writer import PlannedTensor, write_gguf
from edgedocs.core.errors import CannotRun
from tests.containers.gguf_bytes import F32, STRING, UINT32, GGUFBytes, array_pair, entry, pair, text

utf8 = st.text(st.characters(codec="utf-8"), max_size=8)
RANGES = {
    ValueType.UINT8: st.integers(0, 255),
    ValueType.INT8: st.integers(-128, 127),
    ValueType.UINT16: st.integers(0, 2**16 - 1),
    ValueType.INT16: st.integers(-(2**15), 2**15 - 1),
    ValueType.UINT32: st.integers(0, 2**32 - 1),
    ValueType.INT32: st.integers(-(2**31), 2**31 - 1),
    ValueType.UINT64: st.integers(0, 2**64 - 1),
    ValueType.INT64: st.integers(-(2**63), 2**63 - 1),
    ValueType.FLOAT32: st.floats(width=32, allow_nan=False),
    ValueType.FLOAT64: st.floats(allow_nan=False),
    ValueType.BOOL: st.booleans(),
    ValueType.STRING: utf8,
}
fields = st.sampled_from(list(RANGES)).flatmap(
    lambda kind: st.builds(Field, st.just(kind), RANGES[kind] | st.lists(RANGES[kind], max_size=4))
)
alignments = st.sampled_from([1, 8, 32, 4096]).map(lambda value: Field(ValueType.UINT32, value))


@st.composite
def tensor_lists(draw: st.DrawFn) -> list[tuple[str, str, tuple[int, ...], bytes]]:
    """Names, types, shapes and bytes of a few tensors."""
    tensors = []
    for name in draw(st.lists(st.text("abc.0", min_size=1, max_size=6), unique=True, max_size=4)):
        kind = TENSOR_TYPES[draw(st.sampled_from(["F32", "F16", "I8", "Q4_0", "Q6_K"]))]
        rows = draw(st.lists(st.integers(0, 3), max_size=3))
        blocks = draw(st.integers(0, 2))
        nbytes = int(np.prod(rows, dtype=int)) * blocks * kind.block_bytes
        data = draw(st.binary(min_size=nbytes, max_size=nbytes))
        tensors.append((name, kind.name, (*rows, blocks * kind.block_size), data))
    return tensors


def planned(name: str, kind: str, shape: tuple[int, ...], data: bytes) -> PlannedTensor:
    return PlannedTensor(name, kind, shape, lambda: np.frombuffer(data, np.uint8))


@given(st.dictionaries(utf8.map("k".__add__), fields, max_size=4), alignments | st.none(), tensor_lists())
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    metadata: dict[str, Field],
    alignment: Field | None,
    tensors: list[tuple[str, str, tuple[int, ...], bytes]],
) -> None:
    path = tmp_path_factory.getbasetemp() / "written.gguf"
    if alignment is not None:
        metadata = metadata | {"general.alignment": alignment}
    write_gguf(path, metadata, [planned(*tensor) for tensor in tensors])
    file = GGUFFile.open(path)
    assert list(file.fields.items()) == list(metadata.items())
    found = [(one.name, one.type, one.shape, one.data.tobytes()) for one in file.tensors.values()]
    assert found == tensors


def test_the_bytes_are_those_of_the_specification(tmp_path: Path) -> None:
    path = tmp_path / "file.gguf"
    metadata = {
        "a": Field(ValueType.UINT32, 7),
        "b": Field(ValueType.STRING, "č"),
        "c": Field(ValueType.STRING, ["x", ""]),
    }
    matrix = np.arange(6, dtype=np.float32)
    write_gguf(path, metadata, [planned("m", "F32", (2, 3), matrix.tobytes())])
    expected = GGUFBytes(
        fields=[
            pair("a", UINT32, b"\x07\0\0\0"),
            pair("b", STRING, text("č")),
            array_pair("c", STRING, 2, text("x") + text("")),
        ],
        entries=[entry("m", (3, 2), F32)],
        data=matrix.tobytes() + bytes(8),
    )
    assert path.read_bytes() == expected.build()


def test_progress_ends_at_the_total(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    tensors = [planned("a", "F32", (2,), bytes(8)), planned("b", "F32", (3,), bytes(12))]
    write_gguf(tmp_path / "file.gguf", {}, tensors, lambda done, total: seen.append((done, total)))
    assert seen == [(8, 20), (20, 20)]


def test_a_tensor_is_encoded_when_its_turn_comes_and_once(tmp_path: Path) -> None:
    calls: list[str] = []

    def encode(name: str) -> np.ndarray:
        calls.append(name)
        return np.zeros(4, np.uint8)

    tensors = [PlannedTensor(name, "F32", (1,), lambda name=name: encode(name)) for name in "abc"]
    write_gguf(tmp_path / "file.gguf", {}, tensors, lambda done, _: calls.append(str(done)))
    assert calls == ["a", "4", "b", "8", "c", "12"]


def test_a_tensor_that_may_go_ahead_is_begun_before_those_before_it_are_written(tmp_path: Path) -> None:
    calls: list[str] = []

    def encode(name: str) -> Iterator[Callable[[], np.ndarray]]:
        calls.append(name)
        for half in (name, name.upper()):
            yield lambda half=half: np.frombuffer(2 * half.encode(), np.uint8)

    tensors = [
        PlannedTensor("a", "F32", (1,), lambda: encode("a")),
        PlannedTensor("b", "F32", (1,), lambda: encode("b"), is_ahead=True),
        PlannedTensor("c", "F32", (1,), lambda: encode("c")),
    ]
    path = tmp_path / "file.gguf"
    write_gguf(path, {}, tensors, lambda done, _: calls.append(str(done)), threads=9)
    assert calls == ["a", "b", "2", "4", "6", "8", "c", "10", "12"]
    assert b"".join(letters + bytes(28) for letters in (b"aaAA", b"bbBB", b"ccCC")) in path.read_bytes()


def test_bytes_that_are_not_as_many_as_they_should_be_are_a_mistake(tmp_path: Path) -> None:
    for count in (3, 5):
        with pytest.raises(ValueError, match=f"b gave {count} bytes instead of 4"):
            write_gguf(
                tmp_path / "file.gguf",
                {},
                [planned("a", "F32", (1,), bytes(4)), planned("b", "F32", (1,), bytes(count))],
            )
    assert not list(tmp_path.iterdir())


def test_a_failure_keeps_the_old_file_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "file.gguf"
    path.write_bytes(b"old")

    def fail() -> np.ndarray:
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        write_gguf(path, {}, [PlannedTensor("a", "F32", (1,), fail)])
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_cannot_be_written_to(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="cannot write here"):
        write_gguf(tmp_path / "none" / "file.gguf", {}, [])
