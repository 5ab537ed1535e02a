import numpy as np

import edgedocs
from edgedocs import quantizers
from edgedocs.inspection import inspect

checkpoint = edgedocs.Checkpoint.open()
weights = next(t.float32() for t in checkpoint.tensors.values() if len(t.shape) == 2)

# Arithmetic: half of one step is the most that rounding may cost, up to the rounding of the scale itself.
q8_0 = quantizers.get("q8_0")
error = np.abs(weights - q8_0.dequantize(q8_0.quantize(weights))).max()
assert error <= 0.51 * np.abs(weights).max() / 127
print("arithmetic  ok")

# Files: what is written can be read, tensor by tensor.
artifact = edgedocs.convert(checkpoint, "model.gguf", type="f32")
assert len(inspect(artifact.path).tensors) == len(checkpoint.tensors)
print("files       ok")

# Running: each position of a text gives one row of finite scores.
with edgedocs.load(checkpoint.path, backend="onnxruntime") as runner:
    scores = runner.logits([1, 2, 3])
assert scores.shape[0] == 3
assert np.isfinite(scores).all()
print("running     ok")
