"""OnnxWriter: an ONNX model of opset 23 whose weights go to a file beside it, one at a time."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np

from edgedocs.containers.layouts import ONNX, ONNX_WEIGHTS
from edgedocs.core import files
from edgedocs.core.signals import deferred

OPSET = 23
"""The first with Attention, RotaryEmbedding and RMSNormalization."""
IR_VERSION = 11
"""The file version that came with opset 23."""
CONTRIBUTED = "com.microsoft"
"""The domain of ONNX Runtime's own operators."""
ALIGNMENT = 4096
"""Bytes; a page, so that a runtime can map a weight from the file."""
MODEL, DATA = ONNX, ONNX_WEIGHTS


class OnnxWriter:
    """Collects a graph's nodes and writes its weights to disk as they come; use it in a ``with`` block.

    Peak memory is that of the largest weight: none is kept. The same calls give the same bytes.

    Args:
        folder: where ``model.onnx`` and ``model.onnx.data`` go; it must exist.
    """

    def __init__(self, folder: Path) -> None:
        with deferred():  # Protocol Buffers' native code does not survive an exception while it is loaded or works
            import onnx  # noqa: F401
        self.folder = folder
        self._nodes: list[Any] = []
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []
        self._weights: list[Any] = []
        self._domains = {"": OPSET}
        self._data: IO[bytes] = (folder / DATA).open("wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._data.close()

    def input(self, name: str, element: np.dtype[Any], shape: list[int | str]) -> str:
        """Declare an input; a dimension given by a name is free. Returns its name."""
        with deferred():
            self._inputs.append(_value(name, element, shape))
        return name

    def output(self, name: str, element: np.dtype[Any], shape: list[int | str]) -> None:
        """Declare an output, which some node must make."""
        with deferred():
            self._outputs.append(_value(name, element, shape))

    def weight(self, name: str, array: np.ndarray[Any, Any]) -> str:
        """Write a weight to the data file, little-endian, rows first. Returns its name."""
        return self.weight_in_pieces(name, array.dtype, array.shape, [array])

    def weight_in_pieces(
        self, name: str, element: np.dtype[Any], shape: tuple[int, ...], pieces: Iterable[np.ndarray[Any, Any]]
    ) -> str:
        """Write a weight whose values come in several arrays, in the order of the file. Returns its name."""
        import onnx

        self._data.write(b"\0" * (-self._data.tell() % ALIGNMENT))
        start = self._data.tell()
        tensor = onnx.TensorProto(name=name, dims=shape, data_type=_element_type(element))
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for piece in pieces:
            little_endian = np.ascontiguousarray(piece).astype(element.newbyteorder("<"), copy=False)
            self._data.write(little_endian.data)
        place = {"location": DATA, "offset": str(start), "length": str(self._data.tell() - start)}
        for key, value in place.items():
            tensor.external_data.add(key=key, value=value)
        self._weights.append(tensor)
        return name

    def constant(self, name: str, value: np.ndarray[Any, Any]) -> str:
        """A small constant, kept in the graph itself. Returns its name."""
        import onnx

        self.node("Constant", [], name, value=onnx.numpy_helper.from_array(value))
        return name

    def node(self, operator: str, inputs: list[str], *outputs: str, domain: str = "", **attributes: Any) -> str:
        """Append a node; an empty input name leaves an optional input out. Returns the first output's name."""
        import onnx

        self._domains.setdefault(domain, 1)
        with deferred():
            self._nodes.append(
                onnx.helper.make_node(operator, inputs, outputs, name=outputs[0], domain=domain, **attributes)
            )
        return outputs[0]

    def save(self, name: str, producer: str, notes: Mapping[str, str] | None = None) -> None:
        """Check the graph and write ``model.onnx``.

        Args:
            name: the graph's name.
            producer: what wrote it.
            notes: what else is to stand in the file, as its metadata.

        Raises:
            onnx.checker.ValidationError: if the graph is wrong, which is a mistake in its builder.
        """
        import onnx

        with deferred():
            graph = onnx.helper.make_graph(self._nodes, name, self._inputs, self._outputs, self._weights)
            model = onnx.helper.make_model(
                graph,
                producer_name=producer,
                opset_imports=[onnx.helper.make_opsetid(*entry) for entry in self._domains.items()],
                ir_version=IR_VERSION,
            )
            onnx.helper.set_model_props(model, dict(notes or {}))
            data = model.SerializeToString(deterministic=True)
        self._data.flush()
        os.fsync(self._data.fileno())
        files.write_bytes(self.folder / MODEL, data)
        onnx.checker.check_model(str(self.folder / MODEL), full_check=True)


def _element_type(element: np.dtype[Any]) -> int:
    import onnx

    return int(onnx.helper.np_dtype_to_tensor_dtype(element))


def _value(name: str, element: np.dtype[Any], shape: list[int | str]) -> Any:
    import onnx

    return onnx.helper.make_tensor_value_info(name, _element_type(element), shape)
