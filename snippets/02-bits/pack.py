import numpy as np

from edgedocs import quantizers

weights = np.linspace(-0.7, 1.3, 32, dtype=np.float32)

# Q5_1: a scale, a minimum, and codes from 0 to 31.
minimum = weights.min()
scale = (weights.max() - minimum) / np.float32(31)
codes = np.minimum((weights - minimum) * (np.float32(1) / scale) + np.float32(0.5), 31).astype(np.uint8)

low, high = codes & 15, codes >> 4
fifth_bits = sum(int(bit) << place for place, bit in enumerate(high))
block = np.array([scale, minimum], np.float16).tobytes()  # bytes 0-3
block += fifth_bits.to_bytes(4, "little")  # bytes 4-7: one bit for each weight
block += (low[:16] | low[16:] << 4).tobytes()  # bytes 8-23: two codes share a byte

print("codes", *codes)
print("block", block.hex(" "))

# And back: the bits are put together again, then code * scale + minimum.
restored = np.concatenate([np.frombuffer(block[8:], np.uint8) & 15, np.frombuffer(block[8:], np.uint8) >> 4])
restored |= np.array([fifth_bits >> place & 1 for place in range(32)], np.uint8) << 4
assert np.array_equal(restored, codes)
assert block == quantizers.get("q5_1").quantize(weights).tobytes()
