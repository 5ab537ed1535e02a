from pathlib import Path

import numpy as np

import edgedocs
from edgedocs import quantizers
from edgedocs.containers.imatrix import ImportanceMatrix
from edgedocs.measurement import importance
from edgedocs.tiny import held_out

checkpoint = edgedocs.Checkpoint.open("tiny")
importance(checkpoint, held_out("en")[16_000:20_000]).write(Path("en.gguf"), ["en.txt"])
factors = ImportanceMatrix.open(Path("en.gguf")).entries["blk.0.ffn_down.weight"]
weights = checkpoint.tensors["model.layers.0.mlp.down_proj.weight"].float32()[:32]

print("format   same bytes  error of all weights   error where it matters")
for name in ("iq3_s", "q2_k", "q3_k", "iq4_xs", "q4_k", "q4_0", "q5_k", "q6_k"):
    form = quantizers.get(name)
    plain, weighted = form.quantize(weights), form.quantize(weights, factors)
    errors = [form.dequantize(packed) - weights for packed in (plain, weighted)]
    every = [np.sqrt(np.mean(e**2) / np.mean(weights**2)) for e in errors]
    mattering = [np.sqrt(np.mean(factors * e**2) / np.mean(factors * weights**2)) for e in errors]
    same = np.mean(plain == weighted)
    print(f"{form.name:7} {same:10.1%}  {every[0]:8.4f} to {every[1]:.4f}    {mattering[0]:8.4f} to {mattering[1]:.4f}")
    assert plain.nbytes == weighted.nbytes  # not a bit more, for whatever matters
    assert mattering[1] < mattering[0]
    if name == "q4_k":
        every_plain, every_weighted = (float(one) for one in every)
        assert every_weighted > every_plain
