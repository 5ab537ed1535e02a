import numpy as np

import edgedocs
from edgedocs import quantizers

layer = {name.split(".")[-2]: t for name, t in edgedocs.Checkpoint.open().tensors.items() if ".layers.0." in name}
print("matrix       rows columns    Q4_K    Q4_0")
errors = {}
for matrix in ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"):
    weights = layer[matrix].float32()
    errors[matrix] = []
    for form in (quantizers.get("q4_k"), quantizers.get("q4_0")):
        restored = form.dequantize(form.quantize(weights))
        errors[matrix].append(float(np.sqrt(np.mean((restored - weights) ** 2) / np.mean(weights**2))))
    print(f"{matrix:10} {weights.shape[0]:6} {weights.shape[1]:7}", *(f"{error:7.4f}" for error in errors[matrix]))
    assert errors[matrix][0] < errors[matrix][1]

smallest, largest = (pick(error[0] for error in errors.values()) for pick in (min, max))
