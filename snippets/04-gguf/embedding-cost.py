from math import prod

import edgedocs
from edgedocs import quantizers

checkpoint = edgedocs.Checkpoint.open()
bits = weights = 0

for tensor in checkpoint.tensors.values():
    matrix = len(tensor.shape) == 2
    form = quantizers.get("q4_0" if matrix else "f32")
    bits += prod(tensor.shape) * form.bits_per_weight
    weights += prod(tensor.shape)

all_q4_0_bits = bits / weights
print(f"{all_q4_0_bits:.4f} bits a weight")
