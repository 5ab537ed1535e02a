"""Single operators run by ONNX Runtime, with nothing optimized away: what the ONNX formats mean is what they do."""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CONTRIBUTED = "com.microsoft"
OPSET = 25
IR_VERSION = 13

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def run(operator: str, *inputs: NDArray[Any], output: str, domain: str = "", **attributes: Any) -> NDArray[np.uint8]:
    """The bytes of the one output of an operator.

    Args:
        operator: its name.
        inputs: its inputs, also of the types of ml_dtypes; None for one that is left out.
        output: the output's type as onnx.TensorProto calls it.
        domain: of the operator.
        attributes: of the operator.
    """
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    named = {f"input_{number}": one for number, one in enumerate(inputs) if one is not None}
    names = [f"input_{number}" if one is not None else "" for number, one in enumerate(inputs)]
    node = helper.make_node(operator, names, ["output"], domain=domain, **attributes)
    result = helper.make_tensor_value_info("output", getattr(TensorProto, output), None)
    graph = helper.make_graph([node], "graph", [], [result], [numpy_helper.from_array(a, n) for n, a in named.items()])
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIBUTED, 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    binding.bind_output("output", "cpu")
    session.run_with_iobinding(binding)
    value = binding.get_outputs()[0]
    return np.frombuffer(ctypes.string_at(value.data_ptr(), value.tensor_size_in_bytes()), np.uint8).copy()
