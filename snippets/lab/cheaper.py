import numpy as np

import edgedocs
from edgedocs import quantizers

weights = edgedocs.Checkpoint.open().tensors["model.layers.0.mlp.down_proj.weight"].float32()
budget = weights.size * 2 // 4  # bytes: a quarter of what 16 bits take

fitting = []
names = ["q2_k", "iq3_s", "q3_k", "iq4_xs", "iq4_nl", "q4_0", "q4_k", "q5_0", "q5_k", "q6_k", "q8_0"]
for form in map(quantizers.get, names):
    if weights.size * form.bits_per_weight / 8 <= budget:
        restored = form.dequantize(form.quantize(weights))
        error = float(np.sqrt(np.mean((restored - weights) ** 2) / np.mean(weights**2)))
        fitting.append((error, form.bits_per_weight, form.name))
for error, bits, name in sorted(fitting):
    print(f"{name:8} {bits:7.4f} bits  error {error:.4f}")
best, error = min(fitting)[2], min(fitting)[0]
