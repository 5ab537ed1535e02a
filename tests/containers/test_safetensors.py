import json
import tracemalloc
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import safetensors
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.safetensors import DTYPES, LARGEST_HEADER, SafetensorsFile
from edgedocs.core.errors import BadInput

LIBRARY_DTYPES = ["?", "u1", "i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f2", "<f4", "<f8"]
ENTRY = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


def file_of(header: Any, data: bytes = bytes(8)) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def opened(tmp_path: Path, content: bytes) -> SafetensorsFile:
    path = tmp_path / "file.safetensors"
    path.write_bytes(content)
    return SafetensorsFile.open(path)


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda name: name != "__metadata__"),
        st.sampled_from(LIBRARY_DTYPES).flatmap(
            lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
        ),
        max_size=4,
    ),
    st.dictionaries(
        st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")), min_size=1, max_size=2
    ),
)
def test_what_the_library_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, tensors: dict[str, Any], metadata: dict[str, str]
) -> None:
    path = tmp_path_factory.mktemp("written") / "file.safetensors"
    safetensors.numpy.save_file(tensors, path, metadata)
    file = SafetensorsFile.open(path)
    assert file.metadata == metadata
    assert file.tensors.keys() == tensors.keys()
    for name, expected in tensors.items():
        found = file.tensors[name].array()
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
        assert found.tobytes() == expected.tobytes()
        assert not found.flags.writeable


def test_the_shipped_model_is_read_as_the_library_reads_it() -> None:
    path = Checkpoint.open("tiny").path / "model.safetensors"
    file = SafetensorsFile.open(path)
    expected = dict(safetensors.deserialize(path.read_bytes()))
    assert len(file.tensors) == len(expected) == 38
    for name, tensor in file.tensors.items():
        assert tensor.dtype == expected[name]["dtype"] == "BF16"
        assert list(tensor.shape) == expected[name]["shape"]
        assert tensor.array().tobytes() == expected[name]["data"]


def test_bfloat16_becomes_float32_exactly(tmp_path: Path) -> None:
    # 1.0, -2.5, the smallest and the largest bfloat16, by their bits: the upper half of a float32.
    bits = np.array([0x3F80, 0xC020, 0x0001, 0x7F7F], "<u2")
    header = {"x": {"dtype": "BF16", "shape": [2, 2], "data_offsets": [0, 8]}}
    tensor = opened(tmp_path, file_of(header, bits.tobytes())).tensors["x"]
    assert tensor.array().dtype == ml_dtypes.bfloat16
    expected = np.array([[1.0, -2.5], [2.0**-133, 255 * 2.0**120]], np.float32)
    np.testing.assert_array_equal(tensor.float32(), expected)


def test_tensors_at_odd_offsets_are_read(tmp_path: Path) -> None:
    header = {
        "a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]},
        "b": {"dtype": "F32", "shape": [1], "data_offsets": [1, 5]},
        "c": {"dtype": "BF16", "shape": [1], "data_offsets": [5, 7]},
    }
    data = b"\x07" + np.float32(1.5).tobytes() + b"\x80\x3f"
    file = opened(tmp_path, file_of(header, data))
    assert [float(tensor.float32()[0]) for tensor in file.tensors.values()] == [7.0, 1.5, 1.0]


LIES = {
    "empty file": (b"", "0 bytes long"),
    "seven bytes": (bytes(7), "7 bytes long"),
    "header longer than the file": ((9).to_bytes(8, "little") + b"{}", "header length 9 at byte 0"),
    "header of 2**63 bytes": ((2**63).to_bytes(8, "little") + b"{}", "header length 9223372036854775808"),
    "truncated header": (file_of({"x": ENTRY})[:20], "header length"),
    "no object": (file_of(b"[1,2]"), "does not start with {"),
    "no JSON": (file_of(b'{"x": '), "no JSON object"),
    "not UTF-8": (file_of(b'{"\xff": 1}'), "no JSON object"),
    "a number of 5000 digits": (file_of(b'{"x": ' + b"9" * 5000 + b"}"), "no JSON object"),
    "NaN": (file_of(b'{"x": NaN}'), "NaN is no JSON"),
    "lone surrogate": (file_of(rb'{"\ud800": {}}'), "no JSON object"),
    "deep nesting": (file_of(b'{"x":' + b"[" * 200_000 + b"]" * 200_000 + b"}"), "nested too deeply"),
    "duplicate name": (
        file_of(b'{"x":' + json.dumps(ENTRY).encode() + b',"x":' + json.dumps(ENTRY).encode() + b"}"),
        "'x' occurs twice",
    ),
    "metadata of numbers": (file_of({"__metadata__": {"a": 1}, "x": ENTRY}), "__metadata__"),
    "entry no object": (file_of({"x": 3}), "entry of tensor 'x' is malformed"),
    "entry without shape": (file_of({"x": {"dtype": "F32", "data_offsets": [0, 8]}}), "entry of tensor 'x'"),
    "unknown dtype": (file_of({"x": ENTRY | {"dtype": "F4"}}), "dtype 'F4'"),
    "dtype no text": (file_of({"x": ENTRY | {"dtype": ["F32"]}}), "dtype"),
    "negative size": (file_of({"x": ENTRY | {"shape": [-2]}}), "shape of tensor 'x' is malformed"),
    "truth value as size": (file_of({"x": ENTRY | {"shape": [True, 2]}}), "shape of tensor 'x' is malformed"),
    "fraction as size": (file_of({"x": ENTRY | {"shape": [2.0]}}), "shape of tensor 'x' is malformed"),
    "too many dimensions": (file_of({"x": ENTRY | {"shape": [2] + [1] * 32}}), "shape of tensor 'x' is malformed"),
    "sizes that overflow": (file_of({"x": ENTRY | {"shape": [2**62, 2**62]}}), "tensor 'x' spans 8 bytes"),
    "empty, but overflowing": (
        file_of({"x": ENTRY | {"shape": [0, 2**62], "data_offsets": [0, 0]}}, b""),
        "tensor 'x' spans 0 bytes",
    ),
    "shape larger than the data": (file_of({"x": ENTRY | {"shape": [3]}}), "tensor 'x' spans 8 bytes; expected 12"),
    "three offsets": (file_of({"x": ENTRY | {"data_offsets": [0, 4, 8]}}), "data_offsets of tensor 'x'"),
    "offsets backwards": (file_of({"x": ENTRY | {"data_offsets": [8, 0]}}), "data_offsets of tensor 'x'"),
    "offsets beyond the file": (
        file_of({"x": ENTRY | {"data_offsets": [8, 16]}}),
        "within the file's 8 bytes of data",
    ),
    "truncated data": (file_of({"x": ENTRY}, bytes(7)), "within the file's 7 bytes of data"),
    "overlap": (
        file_of({"x": ENTRY, "y": ENTRY | {"data_offsets": [4, 12]}}, bytes(12)),
        "tensor 'y' overlaps the tensor before it",
    ),
    "gap": (file_of({"x": ENTRY | {"data_offsets": [4, 12]}}, bytes(12)), "tensor 'x' leaves a gap before it"),
    "bytes left over": (file_of({"x": ENTRY}, bytes(9)), "1 bytes after the last tensor"),
}


@pytest.mark.parametrize(("content", "message"), LIES.values(), ids=LIES.keys())
def test_a_file_that_lies_is_one_bad_input(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        opened(tmp_path, content)
    assert message in str(caught.value)
    assert str(tmp_path / "file.safetensors") in str(caught.value)


def test_a_giant_header_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file.safetensors"
    with path.open("wb") as stream:
        stream.write((LARGEST_HEADER + 1).to_bytes(8, "little"))
        stream.truncate(LARGEST_HEADER + 100)  # a sparse file: it takes no room on the disk
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match="at most 100000000 bytes"):
            SafetensorsFile.open(path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_file_that_shrinks_after_it_was_opened_is_bad_input(tmp_path: Path) -> None:
    file = opened(tmp_path, file_of({"x": ENTRY}))
    file.path.write_bytes(b"short")
    with pytest.raises(BadInput, match="shorter since it was opened"):
        file.tensors["x"].array()


def test_a_missing_file_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        SafetensorsFile.open(tmp_path / "none.safetensors")


VALID = file_of(
    {
        "__metadata__": {"format": "pt"},
        "x": ENTRY,
        "y": {"dtype": "BF16", "shape": [2, 3], "data_offsets": [8, 20]},
        "z": {"dtype": "U8", "shape": [], "data_offsets": [20, 21]},
    },
    bytes(range(21)),
)


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda text: file_of(b"{" + text)))
def test_any_bytes_are_read_or_bad_input(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    check_against_the_library(tmp_path_factory, content)


@given(st.data())
def test_any_damage_is_read_or_bad_input(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    content = bytearray(VALID)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.sampled_from(b'0123456789{}[]",:\x00\xff'))
    kept = data.draw(st.integers(0, len(content)) | st.just(len(content)))
    check_against_the_library(tmp_path_factory, bytes(content[:kept]))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([*DTYPES]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
entries = st.fixed_dictionaries(
    {},
    optional={
        "dtype": st.sampled_from(list(DTYPES)) | json_values,
        "shape": st.lists(st.integers(-1, 2**64), max_size=4) | json_values,
        "data_offsets": st.lists(st.integers(-1, 2**64), max_size=3) | json_values,
    },
)


@given(st.dictionaries(st.text(), entries | json_values, max_size=3), st.binary(max_size=16))
def test_any_header_is_read_or_bad_input(
    tmp_path_factory: pytest.TempPathFactory, header: dict[str, Any], data: bytes
) -> None:
    check_against_the_library(tmp_path_factory, file_of(header, data))


def check_against_the_library(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Nothing but BadInput is raised, and what is accepted is what the library accepts, with the same content."""
    path = tmp_path_factory.getbasetemp() / "fuzzed.safetensors"
    path.write_bytes(content)
    try:
        file = SafetensorsFile.open(path)
    except BadInput:
        return
    expected = dict(safetensors.deserialize(content))
    assert file.tensors.keys() == expected.keys()
    for name, tensor in file.tensors.items():
        assert list(tensor.shape) == expected[name]["shape"]
        assert tensor.array().tobytes() == bytes(expected[name]["data"])
