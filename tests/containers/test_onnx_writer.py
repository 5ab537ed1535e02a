"""OnnxWriter: weights beyond what a Protocol Buffers file can hold, in pieces, on any page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from edgedocs.containers.onnx_writer import ALIGNMENT, DATA, MODEL, OnnxWriter

FLOAT = np.dtype(np.float32)


def sum_of(folder: Path, values: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(folder / MODEL, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"x": values})[0])


def test_weights_beyond_four_gigabytes_are_found(tmp_path: Path) -> None:
    """The file has a hole, so that the test needs no such disk."""
    first, last = np.arange(6, dtype=FLOAT).reshape(2, 3), np.full((2, 3), 10, FLOAT)
    with OnnxWriter(tmp_path) as writer:
        given = writer.input("x", FLOAT, [2, 3])
        total = writer.node("Add", [given, writer.weight("first", first)], "one")
        writer._data.seek(5 * 2**30 + 1)
        writer.node("Add", [total, writer.weight("last", last)], "y")
        writer.output("y", FLOAT, [2, 3])
        writer.save("test", "tests")
    assert (tmp_path / DATA).stat().st_size > 5 * 2**30
    places = {
        one.name: {entry.key: entry.value for entry in one.external_data}
        for one in onnx.load(tmp_path / MODEL, load_external_data=False).graph.initializer
    }
    assert places["last"] == {"location": DATA, "offset": str(5 * 2**30 + ALIGNMENT), "length": "24"}
    np.testing.assert_array_equal(sum_of(tmp_path, np.ones((2, 3), np.float32)), first + last + 1)


def test_pieces_are_one_weight(tmp_path: Path) -> None:
    whole = np.arange(12, dtype=FLOAT).reshape(4, 3)
    with OnnxWriter(tmp_path) as writer:
        pieces = (whole[start : start + 1] for start in range(4))
        weight = writer.weight_in_pieces("w", FLOAT, whole.shape, pieces)
        writer.node("Add", [writer.input("x", FLOAT, [4, 3]), weight], "y")
        writer.output("y", FLOAT, [4, 3])
        writer.save("test", "tests", {"note": "kept"})
    np.testing.assert_array_equal(sum_of(tmp_path, np.zeros((4, 3), np.float32)), whole)
    assert [(one.key, one.value) for one in onnx.load(tmp_path / MODEL).metadata_props] == [("note", "kept")]


def test_a_graph_that_is_wrong_is_not_kept_quiet(tmp_path: Path) -> None:
    with OnnxWriter(tmp_path) as writer:
        writer.node("Add", [writer.input("x", FLOAT, [4, 3]), "nowhere"], "y")
        writer.output("y", FLOAT, [4, 3])
        with pytest.raises(onnx.checker.ValidationError, match="nowhere"):
            writer.save("test", "tests")
