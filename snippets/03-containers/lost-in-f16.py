import numpy as np

import edgedocs

least_kept = float(np.finfo(np.float16).smallest_normal)
changed = zeros = 0
smallest, largest = np.inf, 0.0
lossy = []
checkpoint = edgedocs.Checkpoint.open()
for name, tensor in checkpoint.tensors.items():
    weights = tensor.float32()
    as_f16 = weights.astype(np.float16).astype(np.float32)
    different = as_f16 != weights
    if tensor.shape[1:] and different.any():
        lossy.append(name)
        changed += int(different.sum())
        zeros += int((different & (as_f16 == 0)).sum())
        smallest = min(smallest, float(np.abs(weights[different]).min()))
        largest = max(largest, float(np.abs(weights[different]).max()))

print(len(lossy), "matrices changed, for example", lossy[0])
print(f"{changed} weights, from {smallest:.1e} to {largest:.1e}; F16 has all digits from {least_kept:.1e}")
if checkpoint.tensors["model.norm.weight"].dtype == "BF16":
    assert largest < least_kept
