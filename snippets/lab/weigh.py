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

gains = {}
print("type     error where it matters: plain  weighted  saved")
for name in ("q2_k", "q3_k", "iq4_xs", "q4_k", "q5_k"):
    form = quantizers.get(name)
    plain, weighted = (
        float(np.sqrt(np.mean(factors * (form.dequantize(packed) - weights) ** 2) / np.mean(factors * weights**2)))
        for packed in (form.quantize(weights), form.quantize(weights, factors))
    )
    gains[name] = 1 - weighted / plain
    print(f"{form.name:8} {plain:29.4f} {weighted:9.4f} {gains[name]:6.1%}")
    assert weighted < plain

q2_k, q5_k = gains["q2_k"], gains["q5_k"]
