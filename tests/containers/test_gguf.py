import struct
import tracemalloc
from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedocs.containers.gguf import GGUFFile
from edgedocs.containers.gguf_fields import LARGEST_METADATA, TENSOR_TYPES
from edgedocs.core.errors import BadInput
from tests.containers.gguf_bytes import (
    ARRAY,
    BOOL,
    INT32,
    Q4_0,
    STRING,
    UINT8,
    UINT32,
    GGUFBytes,
    array_pair,
    entry,
    pair,
    text,
)
from tests.oracles import ggml_files
from tests.requirements import require


def opened(tmp_path: Path, content: bytes) -> GGUFFile:
    path = tmp_path / "file.gguf"
    path.write_bytes(content)
    return GGUFFile.open(path)


def test_what_the_gguf_package_writes_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "file.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    numbers = {"uint8": 255, "int8": -128, "uint16": 65535, "int16": -32768, "uint32": 2**32 - 1, "int32": -(2**31)}
    numbers |= {"uint64": 2**64 - 1, "int64": -(2**63)}
    for kind, value in numbers.items():
        getattr(writer, f"add_{kind}")(f"test.{kind}", value)
    writer.add_float32("test.float32", 0.1)
    writer.add_float64("test.float64", 0.1)
    writer.add_bool("test.bool", True)
    writer.add_string("test.text", "žluťoučký kůň 🐎")
    writer.add_array("test.texts", ["", "a", "š"])
    writer.add_array("test.integers", [-1, 2**30])
    writer.add_array("test.floats", [0.5, -2.0])
    writer.add_array("test.truths", [True, False])
    matrix = np.arange(6, dtype=np.float32).reshape(2, 3)
    blocks = np.arange(36, dtype=np.uint8).reshape(2, 18)
    writer.add_tensor("matrix", matrix)
    writer.add_tensor("blocks", blocks, raw_dtype=gguf.GGMLQuantizationType.Q4_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    file = GGUFFile.open(path)
    assert file.version == 3
    assert file.metadata == {
        "general.architecture": "llama",
        **{f"test.{kind}": value for kind, value in numbers.items()},
        "test.float32": float(np.float32(0.1)),
        "test.float64": 0.1,
        "test.bool": True,
        "test.text": "žluťoučký kůň 🐎",
        "test.texts": ["", "a", "š"],
        "test.integers": [-1, 2**30],
        "test.floats": [0.5, -2.0],
        "test.truths": [True, False],
    }
    assert [(t.name, t.type, t.shape) for t in file.tensors.values()] == [
        ("matrix", "F32", (2, 3)),
        ("blocks", "Q4_0", (2, 32)),
    ]
    np.testing.assert_array_equal(file.tensors["matrix"].data.view(np.float32), matrix)
    np.testing.assert_array_equal(file.tensors["blocks"].data, blocks)
    assert not file.tensors["blocks"].data.flags.writeable


@pytest.mark.parametrize("version", [2, 3])
def test_a_file_made_by_hand_is_read(tmp_path: Path, version: int) -> None:
    content = GGUFBytes(
        version=version,
        fields=[pair("general.alignment", UINT32, struct.pack("<I", 64)), array_pair("a", UINT8, 2, b"\x01\x02")],
        entries=[entry("x", (3, 2)), entry("y", (), offset=64), entry("z", (0, 5), offset=128)],
        data=np.arange(6, dtype=np.float32).tobytes() + bytes(40) + np.float32(7).tobytes() + bytes(60),
        alignment=64,
    )
    file = opened(tmp_path, content.build())
    assert file.version == version
    assert file.metadata == {"general.alignment": 64, "a": [1, 2]}
    assert {name: tensor.shape for name, tensor in file.tensors.items()} == {"x": (2, 3), "y": (), "z": (5, 0)}
    assert file.tensors["x"].data.view(np.float32).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert file.tensors["y"].data.view(np.float32).tolist() == [7]
    assert file.tensors["z"].data.size == 0


def test_the_table_of_types_is_ggmls() -> None:
    require("llama_cpp")
    assert len(TENSOR_TYPES) == 35
    for one in TENSOR_TYPES.values():
        name, block_size, block_bytes = ggml_files.type_layout(one.code)
        assert (name.lower(), block_size, block_bytes) == (one.name.lower(), one.block_size, one.block_bytes)


BIG = 2**63
COUNT = pair("n", UINT32, bytes(4))
LIES: dict[str, tuple[GGUFBytes | bytes, str]] = {
    "empty file": (b"", "the magic takes 4 bytes"),
    "another format": (b"PK\x03\x04" + bytes(40), r"starts with b'PK\x03\x04'"),
    "only the magic": (b"GGUF", "the version takes 4 bytes"),
    "version 1": (GGUFBytes(version=1), "version 1 of GGUF"),
    "version 4": (GGUFBytes(version=4), "version 4 of GGUF"),
    "big-endian": (GGUFBytes(version=3 << 24), "a big-endian file of GGUF"),
    "too many tensors": (GGUFBytes(tensor_count=BIG), "9223372036854775808 tensors"),
    "too many fields": (GGUFBytes(field_count=2**40), "1099511627776 metadata fields"),
    "one tensor too many": (GGUFBytes(tensor_count=2), "tensor '' is said to start at 0; expected 32"),
    "one field too many": (
        GGUFBytes(fields=[COUNT], field_count=2, entries=[], data=bytes(24)),
        "an empty metadata key",
    ),
    "endless key": (
        GGUFBytes(fields=[struct.pack("<Q", BIG) + b"key"]),
        "a metadata key takes 9223372036854775808 bytes",
    ),
    "empty key": (GGUFBytes(fields=[pair("", UINT32, bytes(4))]), "an empty metadata key"),
    "duplicate key": (GGUFBytes(fields=[COUNT, COUNT]), "metadata key 'n' occurs twice"),
    "key not UTF-8": (GGUFBytes(fields=[pair(b"\xff", UINT32, bytes(4))]), "a metadata key is not UTF-8"),
    "unknown value type": (GGUFBytes(fields=[pair("k", 13, bytes(8))]), "k has the unknown type 13"),
    "endless text": (GGUFBytes(fields=[pair("k", STRING, struct.pack("<Q", 2**40))]), "k takes 1099511627776 bytes"),
    "text not UTF-8": (GGUFBytes(fields=[pair("k", STRING, text(b"ok\xfe"))]), "k is not UTF-8"),
    "truth value of 2": (GGUFBytes(fields=[pair("k", BOOL, b"\x02")]), "k holds a truth value of 2"),
    "endless array": (GGUFBytes(fields=[array_pair("k", INT32, 2**62, b"")]), "4611686018427387904 items of k"),
    "49 bytes with an array of 2**63 - 1": (
        b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1) + b"k" + struct.pack("<IIQ", ARRAY, ARRAY, 2**63 - 1),
        "k is an array of arrays",
    ),
    "49 bytes with a text array of 2**63 - 1": (
        b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1) + b"k" + struct.pack("<IIQ", ARRAY, STRING, 2**63 - 1),
        "9223372036854775807 items of k",
    ),
    "endless array of texts": (
        GGUFBytes(fields=[array_pair("k", STRING, 2**61, b"")]),
        "2305843009213693952 items of k",
    ),
    "array of arrays": (
        GGUFBytes(fields=[array_pair("k", ARRAY, 1, struct.pack("<IIQ", ARRAY, ARRAY, 1) * 1000)]),
        "k is an array of arrays",
    ),
    "unknown item type": (GGUFBytes(fields=[array_pair("k", 99, 0, b"")]), "k has the unknown type 99"),
    "alignment of 0": (
        GGUFBytes(fields=[pair("general.alignment", UINT32, bytes(4))]),
        "general.alignment is 0; expected a power of two",
    ),
    "alignment of 24": (
        GGUFBytes(fields=[pair("general.alignment", UINT32, struct.pack("<I", 24))]),
        "general.alignment is 24",
    ),
    "alignment of 2**31": (
        GGUFBytes(fields=[pair("general.alignment", UINT32, struct.pack("<I", 2**31))]),
        "general.alignment is 2147483648",
    ),
    "alignment as text": (
        GGUFBytes(fields=[pair("general.alignment", STRING, text("32"))]),
        "general.alignment is 32; expected a power of two",
    ),
    "alignment as an array": (
        GGUFBytes(fields=[array_pair("general.alignment", UINT32, 1, struct.pack("<I", 32))]),
        "general.alignment is [32]",
    ),
    "duplicate tensor": (
        GGUFBytes(entries=[entry(), entry(offset=32)], data=bytes(64)),
        "tensor name 'x' occurs twice",
    ),
    "long tensor name": (GGUFBytes(entries=[entry("x" * 64)]), "is too long"),
    "five dimensions": (GGUFBytes(entries=[entry(dims=(1, 1, 1, 1, 1))]), "tensor 'x' has 5 dimensions"),
    "2**32 - 1 dimensions": (GGUFBytes(entries=[entry(count=2**32 - 1)]), "tensor 'x' has 4294967295 dimensions"),
    "dimensions that overflow": (GGUFBytes(entries=[entry(dims=(2**32, 2**32))]), "fewer than 2**63 bytes"),
    "dimensions that wrap to 8 bytes": (GGUFBytes(entries=[entry(dims=(2**62 + 2,))]), "fewer than 2**63 bytes"),
    "empty, but overflowing": (GGUFBytes(entries=[entry(dims=(0, 2**62, 4))]), "fewer than 2**63 bytes"),
    "unknown tensor type": (GGUFBytes(entries=[entry(kind=4)]), "tensor 'x' has the unknown type 4"),
    "row of half a block": (GGUFBytes(entries=[entry(dims=(48,), kind=Q4_0)]), "a multiple of 32, as Q4_0"),
    "one number in blocks": (GGUFBytes(entries=[entry(dims=(), kind=Q4_0)]), "tensor 'x' has rows of 1; expected"),
    "offset beyond the file": (
        GGUFBytes(entries=[entry(offset=BIG)]),
        "tensor 'x' is said to start at 9223372036854775808",
    ),
    "overlap": (GGUFBytes(entries=[entry(), entry("y")]), "tensor 'y' is said to start at 0; expected 32"),
    "gap": (
        GGUFBytes(entries=[entry(), entry("y", offset=64)], data=bytes(96)),
        "tensor 'y' is said to start at 64; expected 32",
    ),
    "data cut off": (GGUFBytes(data=bytes(7)), "tensor 'x' ends at byte"),
    "tensor larger than the file": (GGUFBytes(entries=[entry(dims=(2**40,))]), "tensor 'x' ends at byte"),
}


@pytest.mark.parametrize(("content", "message"), LIES.values(), ids=LIES.keys())
def test_a_file_that_lies_is_one_bad_input(tmp_path: Path, content: GGUFBytes | bytes, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        opened(tmp_path, content if isinstance(content, bytes) else content.build())
    assert message in str(caught.value)
    assert str(tmp_path / "file.gguf") in str(caught.value)


def test_errors_name_the_byte(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        opened(tmp_path, GGUFBytes(fields=[pair("key", 13, bytes(8))]).build())
    # magic 4, version 4, two counts 16, length of the key 8, the key 3
    assert caught.value.where == f"{tmp_path / 'file.gguf'}, byte 35"


def test_truncation_anywhere_is_one_bad_input(tmp_path: Path) -> None:
    content = GGUFBytes(
        fields=[pair("k", STRING, text("value")), array_pair("a", INT32, 3, bytes(12))], data=bytes(8)
    ).build()
    assert opened(tmp_path, content).metadata == {"k": "value", "a": [0, 0, 0]}
    for length in range(len(content)):
        with pytest.raises(BadInput):
            opened(tmp_path, content[:length])


def test_metadata_without_end_is_refused_before_it_is_held(tmp_path: Path) -> None:
    path = tmp_path / "file.gguf"
    head = GGUFBytes(fields=[array_pair("k", UINT8, LARGEST_METADATA, b"")], entries=[]).build()
    with path.open("wb") as stream:
        stream.write(head)
        stream.truncate(2 * LARGEST_METADATA)  # a sparse file: it takes no room on the disk
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match="items of k"):
            GGUFFile.open(path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_missing_file_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        GGUFFile.open(tmp_path / "none.gguf")


VALID = GGUFBytes(
    fields=[
        pair("general.architecture", STRING, text("llama")),
        pair("flag", BOOL, b"\x01"),
        array_pair("texts", STRING, 2, text("a") + text("č")),
        array_pair("numbers", INT32, 2, bytes(8)),
    ],
    entries=[entry("x", (3, 2)), entry("y", (32,), Q4_0, 32)],
    data=bytes(64),
).build()


sizes = st.integers(0, 4) | st.sampled_from([31, 32, 33, 2**31, 2**32, 2**62, 2**63, 2**64 - 1])
tables = st.lists(
    st.builds(entry, st.sampled_from("xyz"), st.lists(sizes, max_size=5).map(tuple), st.integers(0, 43), sizes),
    max_size=3,
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """The valid file with a few bytes changed, perhaps cut off."""
    content = bytearray(VALID)
    for _ in range(draw(st.integers(0, 3))):
        content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    return bytes(content[: draw(st.just(len(content)) | st.integers(0, len(content)))])


contents = st.one_of(
    st.binary(max_size=200),
    st.binary(max_size=200).map(lambda rest: b"GGUF\x03\0\0\0" + rest),
    damaged(),
    tables.map(lambda entries: GGUFBytes(entries=entries).build()),
    st.builds(
        lambda entries, tensors, fields: GGUFBytes(entries=entries, tensor_count=tensors, field_count=fields).build(),
        tables,
        sizes,
        sizes,
    ),
)


@given(contents)
def test_any_bytes_are_read_or_bad_input(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.gguf"
    path.write_bytes(content)
    try:
        file = GGUFFile.open(path)
    except BadInput:
        return
    assert all(len(tensor.data.tobytes()) == tensor.nbytes <= len(content) for tensor in file.tensors.values())


@given(contents)
def test_what_is_accepted_ggml_accepts_too(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    require("llama_cpp")
    path = tmp_path_factory.getbasetemp() / "compared.gguf"
    path.write_bytes(content)
    try:
        file = GGUFFile.open(path)
    except BadInput:
        return
    # ggml's names are C strings, which end at the first zero.
    expected = {tensor.name.encode().partition(b"\0")[0]: tensor.nbytes for tensor in file.tensors.values()}
    assert ggml_files.tensor_sizes(path) == expected
