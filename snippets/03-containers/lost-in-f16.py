import numpy as np

import edgedocs

least_kept = float(np.finfo(np.float16).smallest_normal)
changed = zeros = 0
smallest = np.inf
lossy = []
for name, tensor in edgedocs.Checkpoint.open().tensors.items():
    weights = tensor.float32()
    as_f16 = weights.astype(np.float16).astype(np.float32)
    different = as_f16 != weights
    if tensor.shape[1:] and different.any():
        lossy.append(name)
        changed += int(different.sum())
        zeros += int((different & (as_f16 == 0)).sum())
        smallest = min(smallest, float(np.abs(weights[different]).min()))
        assert np.abs(weights[different]).max() < least_kept

print(len(lossy), "matrices changed, for example", lossy[0])
print(f"{changed} weights, all below {least_kept:.2e}; the smallest was {smallest:.1e}")
