import numpy as np

from edgedocs import Checkpoint, quantizers
from edgedocs.precision import precision_class

weights = Checkpoint.open().tensors["model.layers.0.mlp.gate_proj.weight"].float32().reshape(-1, 256)
size = np.sqrt(np.mean(weights**2))

print("class      format  bits a weight    error   share of fp16")
measured = {}
for name in ("f32", "f16", "q8_0", "q6_k", "q5_k", "q4_k", "q4_0", "q3_k", "q2_k", "tq1_0"):
    form = quantizers.get(name)
    restored = form.dequantize(form.quantize(weights))
    measured[name] = float(np.sqrt(np.mean((restored - weights) ** 2)) / size)
    bits = form.bits_per_weight
    print(f"{precision_class(bits).name:10} {form.name:6} {bits:14.4f} {measured[name]:8.3%} {bits / 16:15.1%}")

q8_0, q4_k, q2_k, tq1_0 = (measured[name] for name in ("q8_0", "q4_k", "q2_k", "tq1_0"))
assert q8_0 < q4_k < q2_k < tq1_0
