import numpy as np

from edgedocs.quantizers.affine import AffineQuantizer


def quantize(weights, bits, symmetric):
    """Codes, scale and zero point: a weight is (code - zero point) * scale."""
    lowest, highest = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    low, high = min(0.0, float(weights.min())), max(0.0, float(weights.max()))
    if symmetric:
        high = max(-low, high)
        low = -high
    scale = (high - low) / (highest - lowest)
    zero_point = 0 if symmetric else round(lowest - low / scale)
    codes = np.clip(np.rint(weights / np.float32(scale)) + zero_point, lowest, highest)
    return codes, np.float32(scale), zero_point


weights = np.array([0.0, 0.02, 0.11, 0.26, 0.3, 0.45, 0.58, 0.6], np.float32)
errors = {}
for symmetric in (True, False):
    codes, scale, zero_point = quantize(weights, 4, symmetric)
    restored = ((codes - zero_point) * scale).astype(np.float32)
    name = "symmetric" if symmetric else "affine"
    errors[name] = float(np.sqrt(np.mean((restored - weights) ** 2)))
    print(f"{name:10} scale {scale:.4f}  zero point {zero_point:2}  codes", *codes.astype(int))

    library = AffineQuantizer(4, symmetric=symmetric)
    assert np.array_equal(restored, library.dequantize(library.quantize(weights)))

gain = errors["symmetric"] / errors["affine"]
assert gain > 1
