import numpy as np
import onnx
from onnx import numpy_helper

import edgedocs

folder = edgedocs.convert(edgedocs.Checkpoint.open(), "onnx", to="onnx", type="f32").path
model = onnx.load(folder / "model.onnx", load_external_data=False)
outside = [tensor for tensor in model.graph.initializer if tensor.external_data]
print("model.onnx     ", (folder / "model.onnx").stat().st_size, "bytes,", len(model.graph.node), "nodes")
print("model.onnx.data", (folder / "model.onnx.data").stat().st_size, "bytes,", len(outside), "tensors")

tensor = max(outside, key=lambda one: int(next(e.value for e in one.external_data if e.key == "length")))
place = {entry.key: entry.value for entry in tensor.external_data}
print(tensor.name, list(tensor.dims), place)

offset, length = int(place["offset"]), int(place["length"])
values = np.fromfile(folder / place["location"], np.float32, length // 4, offset=offset).reshape(tensor.dims)

whole = onnx.load(folder / "model.onnx")
same = next(one for one in whole.graph.initializer if one.name == tensor.name)
assert np.array_equal(values, numpy_helper.to_array(same))
largest = max(e.ByteSize() for e in model.graph.initializer)
limit = 2**31 - 1  # bytes of one Protocol Buffers message
