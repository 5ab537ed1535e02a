import matplotlib.pyplot as plt
import numpy as np

import edgedocs
from edgedocs import quantizers

matrix = edgedocs.Checkpoint.open().tensors["model.layers.0.mlp.up_proj.weight"]
weights = matrix.float32().reshape(-1)[:8192].reshape(-1, 256)
importance = np.ones(weights.shape[-1], np.float32)
found, useless = {}, []
for form in (quantizers.get(name) for name in quantizers.names()):
    packed = form.quantize(weights, importance if form.needs_importance else None)
    lost = np.sqrt(np.mean((form.dequantize(packed) - weights) ** 2) / np.mean(weights**2))
    if 1e-3 < lost < 0.5:
        found[form.name] = (form.bits_per_weight, float(lost))
    elif lost >= 0.5:
        useless.append(form.name)

plt.figure(figsize=(7, 6.5))
for name, (bits, lost) in sorted(found.items(), key=lambda item: (item[1][0], item[1][1])):
    better = [other for other, (b, e) in found.items() if b <= bits and e < lost and other != name]
    note = f"  beaten by {', '.join(sorted(better))}" if better else ""
    print(f"{name:8} {bits:7.4f} bits  error {lost:.4f}{note}")
    plt.plot(bits, lost, "o", color="C1" if "_K" in name else "C2" if name.startswith("IQ") else "C0")
    offset, side = (5, "left") if better else (-5, "right")
    plt.annotate(name, (bits, lost), (offset, 0), textcoords="offset points", fontsize=6, va="center", ha=side)
print("errors of a half and more:", ", ".join(useless))

plt.yscale("log")
plt.xlabel("bits a weight")
plt.ylabel("error, relative to the weights")
plt.margins(0.1)
plt.savefig("error.svg", bbox_inches="tight")
q5_1, q5_k = found["Q5_1"][1], found["Q5_K"][1]
assert q5_k < q5_1
assert found["Q5_K"][0] < found["Q5_1"][0]
