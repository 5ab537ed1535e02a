import numpy as np

from edgedocs.quantizers.affine import AffineQuantizer

weights = np.random.default_rng(seed=1).normal(0, 0.02, (1, 256)).astype(np.float32)
with_outlier = weights.copy()
with_outlier[0, 100] = 1.0


def others_lost(matrix, group):
    """How many weights but the outlier become exactly zero."""
    quantizer = AffineQuantizer(4, granularity="group", group_size=group)
    restored = quantizer.dequantize(quantizer.quantize(matrix))
    return int(np.delete(restored[0] == 0, 100).sum())


rows = [(group, others_lost(weights, group), others_lost(with_outlier, group)) for group in (256, 128, 32)]
print("group  zeros without outlier  zeros with it")
for group, without, with_it in rows:
    print(f"{group:5} {without:22} {with_it:14}")

whole_row, (_, without_outlier, group_of_32) = rows[0][2], rows[-1]
assert group_of_32 - without_outlier <= 31, "only the outlier's own group may suffer"
assert whole_row > group_of_32
