import numpy as np

import edgedocs

tensor = edgedocs.Checkpoint.open().tensors["model.layers.0.mlp.down_proj.weight"]
weights = tensor.float32()
rows, columns = weights.shape
spread = float(weights.std())
largest = float(np.abs(weights).max() / spread)
normal = float(np.abs(np.random.default_rng(0).standard_normal(weights.size)).max())

print(f"{tensor.name}: {rows} rows of {columns}, stored as {tensor.dtype}")
print(f"{weights.size:,} weights, {weights.size * 2:,} bytes with 16 bits each")
print(f"standard deviation {spread:.4f}, the largest weight {largest:.1f} times that")
print(f"of as many normally distributed numbers the largest is {normal:.1f} times that")
print("first weights:", *(f"{value:.4f}" for value in weights[0, :5]))
