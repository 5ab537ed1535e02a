import numpy as np

from edgedocs import Checkpoint
from edgedocs.quantizers.float8 import E4M3, E5M2

weight = Checkpoint.open().tensors["model.layers.0.mlp.gate_proj.weight"].float32()[0, :1]


def show(name, code, width, exponent_bits, value):
    bits = f"{int(code):0{width}b}"
    parts = f"{bits[0]} {bits[1 : 1 + exponent_bits]} {bits[1 + exponent_bits :]}"
    print(f"{name:5} {parts:35} {value:.9f}")


half = weight.astype(np.float16)
show("fp32", weight.view(np.uint32)[0], 32, 8, weight[0])
show("fp16", half.view(np.uint16)[0], 16, 5, half[0])
show("bf16", weight.view(np.uint32)[0] >> 16, 16, 8, (weight.view(np.uint32) >> 16 << 16).view(np.float32)[0])
for name, form in (("e4m3", E4M3), ("e5m2", E5M2)):
    code = form.encode(weight)
    show(name, code[0], 8, 7 - form.mantissa_bits, form.decode(code)[0])

# Of a weight that is stored in bf16, the lower half of the fp32 is empty.
lower_half = int(weight.view(np.uint32)[0]) & 0xFFFF
print("lower half of fp32:", lower_half)
