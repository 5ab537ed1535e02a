import json

import numpy as np
from safetensors.numpy import load_file

import edgedocs

checkpoint = edgedocs.Checkpoint.open()
folder = edgedocs.convert(checkpoint, "mlx", to="mlx", type="4bit", dtype="f16").path
settings = json.loads((folder / "config.json").read_text())["quantization"]
tensors = load_file(folder / "model.safetensors")
name = "model.layers.0.mlp.up_proj"
packed, scales, biases = (tensors[f"{name}.{part}"] for part in ("weight", "scales", "biases"))
print("settings", settings)
print("weight  ", packed.shape, packed.dtype, " scales and biases", scales.shape, scales.dtype)

# Eight codes of four bits in a 32-bit word, the first in the lowest bits.
codes = (packed[..., np.newaxis] >> np.arange(0, 32, 4, dtype=np.uint32) & 15).reshape(packed.shape[0], -1)
group = settings["group_size"]
restored = codes * scales.astype(np.float32).repeat(group, axis=1) + biases.astype(np.float32).repeat(group, axis=1)

weights = checkpoint.tensors[f"{name}.weight"].float32()
error = float(np.sqrt(np.mean((restored - weights) ** 2) / np.mean(weights**2)))
bits = 8 * (packed.nbytes + scales.nbytes + biases.nbytes) / weights.size
print(f"error    {error:.4f} at {bits} bits a weight")
assert error < 0.15
