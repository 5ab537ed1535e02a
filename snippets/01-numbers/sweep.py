import matplotlib.pyplot as plt
import numpy as np

from edgedocs import Checkpoint

weights = Checkpoint.open().tensors["model.layers.0.mlp.gate_proj.weight"].float32()


def error(bits, group):
    """Root mean square of the rounding error, as a share of that of the weights."""
    rows = weights.reshape(-1, group)
    scale = 2 * np.abs(rows).max(axis=1, keepdims=True) / (2**bits - 1)
    codes = np.clip(np.rint(rows / scale), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return float(np.sqrt(np.mean((codes * scale - rows) ** 2) / np.mean(rows**2)))


groups, widths = [16, 32, 64, 128, 256], [2, 3, 4, 5, 6, 8]
table = {group: [error(bits, group) for bits in widths] for group in groups}
print("group", *(f"{bits:>4} bits" for bits in widths))
for group, row in table.items():
    print(f"{group:5}", *(f"{value:9.3%}" for value in row))
    plt.plot(widths, row, "o-", label=f"groups of {group}")

plt.yscale("log")
plt.gca().set(xlabel="bits of a code", ylabel="error (share of the weights)")
plt.legend(frameon=False, borderaxespad=2)
plt.savefig("sweep.svg", bbox_inches="tight")

int8, int4, int2 = (table[32][widths.index(bits)] for bits in (8, 4, 2))
small_groups, large_groups = table[16][2], table[256][2]
factor = (int4 / int8) ** (1 / 4)
assert int8 < int4 < int2
assert small_groups < large_groups
