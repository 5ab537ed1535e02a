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
budget = weights.size * 2 * 3 // 10  # bytes: three tenths of what 16 bits take

fitting = []
names = ["q2_k", "iq3_s", "q3_k", "iq4_xs", "iq4_nl", "q4_0", "q4_k", "q5_0", "q5_k", "q6_k", "q8_0"]
for form in map(quantizers.get, names):
    if weights.size * form.bits_per_weight / 8 <= budget:
        packed = form.quantize(weights, factors if form.uses_importance else None)
        lost = factors * (form.dequantize(packed) - weights) ** 2
        error = float(np.sqrt(lost.sum() / (factors * weights**2).sum()))
        fitting.append((error, packed.nbytes, form.name))
fitting.sort()

print(f"{len(fitting)} types fit into {budget:,} bytes, the best first:")
for error, size, name in fitting:
    print(f"{name:8} {size:8,} bytes  error where it matters {error:.4f}")
best, error = fitting[0][2], fitting[0][0]
