from pathlib import Path

import numpy as np

import edgedocs
from edgedocs.containers.imatrix import ImportanceMatrix
from edgedocs.measurement import importance
from edgedocs.tiny import held_out

text = held_out("en")[16_000:20_000]
importance(edgedocs.Checkpoint.open(), text).write(Path("en.gguf"), ["en.txt"])
factors = ImportanceMatrix.open(Path("en.gguf")).entries["blk.0.ffn_down.weight"]

order = np.argsort(-factors)
largest = float(factors[order[0]] / np.median(factors))
tenth = factors.size // 10
share = float(factors[order[:tenth]].sum() / factors.sum())
print(f"{factors.size} columns; the largest importance is {largest:.0f} times the median")
print(f"the {tenth} columns that matter most have {share:.0%} of all importance")
print("the first five:", *order[:5])
assert share > 0.1
