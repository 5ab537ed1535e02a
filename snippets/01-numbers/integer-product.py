import numpy as np
import onnxruntime
from onnx import TensorProto, helper

from edgedocs import Checkpoint

weights = Checkpoint.open().tensors["model.layers.0.mlp.gate_proj.weight"].float32()[:64].T
inputs = np.random.default_rng(seed=2).normal(size=(4, len(weights))).astype(np.float32)
# 63 for the weights: pairs of products then fit the 16-bit sums of processors without VNNI instructions.
scales = [np.abs(inputs).max() / 127, np.abs(weights).max() / 63]
a, b = (np.rint(array / scale).astype(np.int8) for array, scale in zip((inputs, weights), scales, strict=True))

tensors = [helper.make_tensor_value_info(name, TensorProto.INT8, array.shape) for name, array in (("a", a), ("b", b))]
output = helper.make_tensor_value_info("c", TensorProto.INT32, (4, 64))
graph = helper.make_graph([helper.make_node("MatMulInteger", ["a", "b"], ["c"])], "integers", tensors, [output])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=10)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
sums = session.run(None, {"a": a, "b": b})[0]

product = inputs @ weights
error = float(np.linalg.norm(sums * (scales[0] * scales[1]) - product) / np.linalg.norm(product))
print("inputs", a.dtype, b.dtype, "- sums", sums.dtype, "- first", *sums[0, :4])
print(f"error after one multiplication by both scales: {error:.3%}")
assert sums.dtype == np.int32
assert np.array_equal(sums, a.astype(np.int32) @ b.astype(np.int32))
