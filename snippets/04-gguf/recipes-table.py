from collections import Counter

import edgedocs
from edgedocs.converters.gguf import plan

checkpoint = edgedocs.Checkpoint.open()
bits = {}
for name in ("q8_0", "q6_k", "q5_k_m", "q4_k_m", "q4_0", "q3_k_m", "q2_k"):
    made = plan(checkpoint, name)  # chooses a format for each tensor, and writes nothing
    formats = Counter(one.choice.format for one in made.tensors if len(one.tensor.info.shape) > 1)
    bits[name] = made.bits_per_weight
    print(f"{name:6} {bits[name]:5.2f} bits a weight:", ", ".join(f"{n} {form}" for form, n in formats.most_common()))

q4_k_m_bits, q4_0_bits = bits["q4_k_m"], bits["q4_0"]
assert q4_k_m_bits > q4_0_bits  # more bits for the tensors that suffer most
