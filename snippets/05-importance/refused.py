from pathlib import Path

import numpy as np

import edgedocs
from edgedocs.containers.imatrix import write_imatrix
from edgedocs.measurement import importance
from edgedocs.tiny import held_out

tiny, tensor = edgedocs.Checkpoint.open("tiny"), "blk.0.ffn_down.weight"
for name, columns, value in (("part", 768, 1), ("other", 1024, 1), ("inf", 768, np.inf)):
    sums, counts = np.full((1, columns), value, np.float32), np.ones((1, 1), np.float32)
    write_imatrix(Path(f"{name}.gguf"), {tensor: sums}, {tensor: counts}, ["text"], 1, 512)

attempts = {
    "no matrix": lambda: edgedocs.convert(tiny, "model.gguf", type="iq2_xxs"),
    "a matrix of some tensors only": lambda: edgedocs.convert(tiny, "model.gguf", type="iq2_xxs", imatrix="part.gguf"),
    "the matrix of another model": lambda: edgedocs.convert(tiny, "model.gguf", type="q4_k_m", imatrix="other.gguf"),
    "an activation overflowed": lambda: edgedocs.convert(tiny, "model.gguf", type="q4_k_m", imatrix="inf.gguf"),
    "too little text": lambda: importance(tiny, held_out("en")[:500]),
}
for title, action in attempts.items():
    try:
        action()
    except edgedocs.EdgeDocsError as error:
        print(f"{title}:\n  {error.what};\n  expected {error.expected}\n  remedy: {error.remedy}")
    else:
        raise AssertionError(title)
