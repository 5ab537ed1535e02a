from collections import Counter

import numpy as np

import edgedocs
from edgedocs.converters.gguf import plan
from edgedocs.precision import saving

checkpoint = edgedocs.Checkpoint.open()
names = ["q8_0", "q6_k", "q5_k_m", "q5_1", "q5_k_s", "q4_k_m", "q4_k_s", "q4_0", "iq4_xs", "q3_k_l", "q3_k_m"]
names += ["q3_k_s", "q2_k", "tq2_0", "tq1_0", "mxfp4_moe"]
bits = {}
for name in names:
    planned = plan(checkpoint, name)  # chooses a format for each tensor, and writes nothing
    bits[name] = planned.bits_per_weight
    weights: Counter[str] = Counter()
    for one in planned.tensors:
        weights[one.choice.format] += int(np.prod(one.tensor.info.shape))
    mix = ", ".join(f"{count / weights.total():.0%} {form}" for form, count in weights.most_common() if form != "F32")
    saved = f"{saving(bits[name], 16):5.1%} of 16, {saving(bits[name], 32):5.1%} of 32"
    print(f"{name:9} {bits[name]:6.3f} bits  {saved}  {mix}")

q2_k, q4_k_m, mxfp4_moe = bits["q2_k"], bits["q4_k_m"], bits["mxfp4_moe"]
assert q2_k > 3
assert q4_k_m > 5
assert mxfp4_moe > 8
