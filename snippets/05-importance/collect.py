from pathlib import Path

import numpy as np

import edgedocs
from edgedocs.containers.imatrix import ImportanceMatrix
from edgedocs.measurement import importance
from edgedocs.tiny import held_out

checkpoint = edgedocs.Checkpoint.open()
found, alikes = {}, {}
for language in ("en", "cs"):
    text = held_out(language)[16_000:20_000]
    importance(checkpoint, text).write(Path(f"{language}.gguf"), [f"{language}.txt"])
    found[language] = ImportanceMatrix.open(Path(f"{language}.gguf")).entries

print(f"{'matrix':24} columns  largest/median  alike in en and cs")
for name, english in found["en"].items():
    if name.startswith("blk.0."):
        spread = english.max() / np.median(english)
        alike = np.corrcoef(np.log(english), np.log(found["cs"][name]))[0, 1]
        alikes[name.split(".")[2]] = float(alike)
        print(f"{name:24} {english.size:7} {spread:15.1f} {alike:19.3f}")

attn_q, attn_output, ffn_down = (alikes[name] for name in ("attn_q", "attn_output", "ffn_down"))
