from pathlib import Path

import numpy as np

import edgedocs
from edgedocs import quantizers
from edgedocs.containers.imatrix import ImportanceMatrix
from edgedocs.measurement import importance
from edgedocs.tiny import held_out

checkpoint = edgedocs.Checkpoint.open()
weights = checkpoint.tensors["model.layers.0.mlp.down_proj.weight"].float32()
importance(checkpoint, held_out("en")[16_000:20_000]).write(Path("en.gguf"), ["en.txt"])
factors = ImportanceMatrix.open(Path("en.gguf")).entries["blk.0.ffn_down.weight"]


def lost(columns: np.ndarray, name: str) -> float:
    form, part = quantizers.get(name), np.ascontiguousarray(weights[:, columns])
    restored = form.dequantize(form.quantize(part, factors[columns]))
    return float(np.sum(factors[columns] * (restored - part) ** 2) / np.sum(factors * weights**2))


order, everything = np.argsort(-factors), np.arange(factors.size)
first = factors.size // 3 // 256 * 256  # whole super-blocks
share = first / factors.size
low, high = np.sqrt(lost(everything, "q4_k")), np.sqrt(lost(everything, "q5_k"))
split = float(np.sqrt(lost(np.sort(order[:first]), "q5_k") + lost(np.sort(order[first:]), "q4_k")))
between = float(low ** (1 - share) * high**share)
print(f"Q4_K {low:.4f}, Q5_K {high:.4f}, {share:.0%} of the columns in Q5_K {split:.4f}")
print(f"on a straight line between the two: {between:.4f}")
gain = 1 - split / between
