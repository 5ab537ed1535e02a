import matplotlib.pyplot as plt
import numpy as np

import edgedocs
from edgedocs import quantizers

weights = edgedocs.Checkpoint.open().tensors["model.layers.0.mlp.down_proj.weight"].float32()
measured = {}
print("type     bits a weight    bytes    error")
for name in ("q2_k", "q3_k", "iq4_xs", "q4_0", "q4_k", "q5_0", "q5_k", "q6_k", "q8_0"):
    form = quantizers.get(name)
    packed = form.quantize(weights)
    error = np.sqrt(np.mean((form.dequantize(packed) - weights) ** 2) / np.mean(weights**2))
    measured[form.name] = (form.bits_per_weight, float(error))
    print(f"{form.name:8} {form.bits_per_weight:13.4f} {packed.nbytes:8,} {error:8.4f}")

plt.figure(figsize=(6, 3.6))
for name, (bits, error) in measured.items():
    plt.plot(bits, error, "o", color="C1" if name.endswith("_0") else "C0")
    offset, side = (-6, "right") if name.startswith("IQ") else (6, "left")
    plt.annotate(name, (bits, error), (offset, 0), textcoords="offset points", fontsize=8, va="center", ha=side)
plt.gca().set(yscale="log", xlabel="bits a weight", ylabel="error, relative to the weights", xlim=(2, 9.5))
plt.savefig("sweep.svg", bbox_inches="tight")

q2_k, q4_0, q4_k, q8_0 = (measured[name][1] for name in ("Q2_K", "Q4_0", "Q4_K", "Q8_0"))
assert q8_0 < q4_k < q4_0 < q2_k
assert measured["Q4_0"][0] == measured["Q4_K"][0]
assert measured["IQ4_XS"] < measured["Q4_0"]  # fewer bits
assert measured["IQ4_XS"][1] < q4_0
