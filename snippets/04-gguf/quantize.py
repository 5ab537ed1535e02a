import numpy as np

from edgedocs import quantizers

weights = np.linspace(-1.0, 0.9, 32, dtype=np.float32)
q4_0 = quantizers.get("q4_0")
block = q4_0.quantize(weights)

# A block by hand: two bytes of scale, then sixteen bytes with two 4-bit codes each.
scale = block[:2].view(np.float16)[0]
codes = np.concatenate([block[2:] & 15, block[2:] >> 4])
restored = np.float32(scale) * (codes.astype(np.float32) - 8)

print("bytes ", block.nbytes)
print("scale ", scale)
print("codes ", *codes)
print("error ", f"{np.abs(weights - restored).max():.4f}")

bits = 8 * block.nbytes / weights.size
saving_from_16_bits = 1 - bits / 16
saving_from_32_bits = 1 - bits / 32
assert np.array_equal(restored, q4_0.dequantize(block))
