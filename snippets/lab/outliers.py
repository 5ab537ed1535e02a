import numpy as np

import edgedocs

weights = edgedocs.Checkpoint.open().tensors["model.layers.0.mlp.down_proj.weight"].float32()


def compare(name: str, sizes: np.ndarray) -> float:
    ratio = float(sizes.max() / np.median(sizes))
    print(f"{name:22} {sizes.size:6}   largest is {ratio:.2f} times the median, number {sizes.argmax()}")
    return ratio


columns = compare("columns", np.sqrt(np.mean(weights**2, axis=0)))
rows = compare("rows", np.sqrt(np.mean(weights**2, axis=1)))
peaks = np.abs(weights).reshape(-1, 32).max(axis=1)
blocks = compare("peaks of blocks of 32", peaks)
assert blocks > max(columns, rows)
