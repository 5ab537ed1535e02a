import base64
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from edgedocs import Checkpoint
from edgedocs.quantizers.affine import AffineQuantizer

tensor = Checkpoint.open().tensors["model.layers.0.mlp.gate_proj.weight"]
weights = tensor.float32().reshape(-1)[:4096].reshape(-1, 256)

# For the page's script: the upper halves of the floats, which is all of them that the checkpoint stores.
upper = (weights.view("<u4") >> 16).astype("<u2")
text = base64.b64encode(upper.tobytes()).decode()
Path("weights.js").write_bytes(f'globalThis.edgedocsWeights = "{text}";\n'.encode())

errors = []
for symmetric in (False, True):
    quantizer = AffineQuantizer(4, symmetric=symmetric, granularity="group", group_size=32)
    restored = quantizer.dequantize(quantizer.quantize(weights))
    errors.append(float(np.sqrt(np.mean((restored - weights) ** 2) / np.mean(weights**2))))
affine_error, error = errors
affine_gain = error / affine_error
print(f"{weights.size} weights in 4 bits, groups of 32: error {error:.3%}, with an affine range {affine_error:.3%}")
assert affine_gain > 1

edges = np.linspace(-1, 1, 82) * np.abs(weights).max()
plt.figure(figsize=(6, 2.6))
plt.hist(weights.ravel(), edges, color="#9aa5a8", label="weights")
plt.hist(restored.ravel(), edges, color="#0a6f6a", histtype="step", label="restored")
plt.gca().set(xlabel="weight", ylabel="how many")
plt.legend(frameon=False, borderaxespad=2)
plt.savefig("figure.svg", bbox_inches="tight")
