"""Importance matrices of both kinds, and files that only look like one."""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedocs.containers.imatrix import ImportanceMatrix
from edgedocs.converters.gguf import quantize
from edgedocs.core.errors import BadInput
from tests.oracles import ggml, llama
from tests.quantizers.models import Model

NAME = "blk.0.attn_q.weight"


def dat(entries: dict[str, tuple[int, list[float]]], tail: bytes = b"") -> bytes:
    """As llama-imatrix wrote it before it wrote GGUF."""
    data = struct.pack("<i", len(entries))
    for name, (calls, values) in entries.items():
        encoded = name.encode()
        data += struct.pack("<i", len(encoded)) + encoded + struct.pack("<ii", calls, len(values))
        data += np.array(values, "<f4").tobytes()
    return data + tail


def write_gguf(
    path: Path, sums: dict[str, np.ndarray], counts: dict[str, np.ndarray], *, metadata: bool = True
) -> None:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type("imatrix")
    if metadata:
        writer.add_array("imatrix.datasets", ["wiki.txt"])
        writer.add_uint32("imatrix.chunk_count", 7)
        writer.add_uint32("imatrix.chunk_size", 512)
    for name, values in sums.items():
        writer.add_tensor(f"{name}.in_sum2", values.astype(np.float32))
    for name, values in counts.items():
        writer.add_tensor(f"{name}.counts", values.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def test_dat(tmp_path: Path) -> None:
    path = tmp_path / "a.dat"
    tail = struct.pack("<i", 5) + struct.pack("<i", 8) + b"wiki.txt"
    path.write_bytes(dat({NAME: (4, [4.0, 8.0]), "b": (0, [3.0])}, tail))
    found = ImportanceMatrix.open(path)
    assert (found.chunks, found.datasets) == (5, ("wiki.txt",))
    assert found.entries[NAME].tolist() == [1.0, 2.0]  # sums by calls
    assert found.entries["b"].tolist() == [3.0]  # never called: as they are
    path.write_bytes(dat({NAME: (4, [4.0, 8.0])}))
    assert ImportanceMatrix.open(path).chunks == 0


def test_gguf_means_are_of_each_expert(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    write_gguf(path, {NAME: np.array([[2, 4], [6, 8], [5, 5]])}, {NAME: np.array([[2], [4], [0]])})
    found = ImportanceMatrix.open(path)
    assert found.entries[NAME].tolist() == [1, 2, 1.5, 2, 1, 1]  # an expert that was never used counts evenly
    assert found.of(NAME, (3, 9, 2)).tolist() == [[1, 2], [1.5, 2], [1, 1]]
    assert (found.chunks, found.datasets) == (7, ("wiki.txt",))
    assert found.of("other", (3, 2)) is None
    with pytest.raises(BadInput, match=r"the importance of blk\.0\.attn_q\.weight has 6 values; expected 2"):
        found.of(NAME, (9, 2))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "number of entries"),
        (struct.pack("<i", 0), "number of entries is 0"),
        (struct.pack("<i", 2**31 - 1), "length of the name"),
        (struct.pack("<ii", 1, -4), "length of the name of entry 1 is -4"),
        (struct.pack("<ii", 1, 2**30), "name of entry 1"),
        (dat({NAME: (1, [])}), "number of values"),
        (dat({NAME: (1, [1.0, 2.0])})[:-1], "8 bytes wanted"),
        (dat({NAME: (1, [float("nan")])}), "infinite or no number"),
        (dat({NAME: (1, [float("inf")])}), "infinite or no number"),
    ],
)
def test_bad_dat(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "a.dat"
    path.write_bytes(data)
    with pytest.raises(BadInput, match=message):
        ImportanceMatrix.open(path)


def test_bad_gguf(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    write_gguf(path, {NAME: np.ones(4)}, {NAME: np.ones(1)}, metadata=False)
    with pytest.raises(BadInput, match=r"no imatrix\.datasets"):
        ImportanceMatrix.open(path)
    write_gguf(path, {NAME: np.ones(4)}, {})
    with pytest.raises(BadInput, match="sums without counts"):
        ImportanceMatrix.open(path)
    write_gguf(path, {NAME: np.ones(4)}, {NAME: np.ones(3)})
    with pytest.raises(BadInput, match="4 sums and 3 counts"):
        ImportanceMatrix.open(path)
    with pytest.raises(BadInput, match="no such file"):
        ImportanceMatrix.open(tmp_path / "missing")


@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("imatrix") / "a.dat"
    path.write_bytes(data)
    with contextlib.suppress(BadInput):
        ImportanceMatrix.open(path)


@pytest.mark.parametrize("kind", ["gguf", "dat"])
def test_a_file_gives_the_bytes_of_llama_cpp(tmp_path: Path, kind: str) -> None:
    ggml.require()
    model = Model(layers=2)
    source, theirs, ours = (tmp_path / name for name in ("source.gguf", "theirs.gguf", "ours.gguf"))
    model.write(source)
    importance = model.importance()
    path = tmp_path / f"imatrix.{kind}"
    if kind == "dat":
        path.write_bytes(dat({name: (1, values.tolist()) for name, values in importance.items()}))
    else:
        counts = {name: np.array([3.0]) for name in importance}
        write_gguf(path, {name: values * np.float32(3) for name, values in importance.items()}, counts)
    matrix = ImportanceMatrix.open(path)
    assert llama.quantize(source, theirs, 20, importance=matrix.entries)
    quantize(source, ours, "iq2_xs", imatrix=path)
    expected, found = llama.read(theirs), llama.read(ours)
    for name, tensor in expected.tensors.items():
        np.testing.assert_array_equal(found.tensors[name].data, tensor.data, name)
