import numpy as np

from edgedocs import quantizers

q5_1 = quantizers.get("q5_1")
block = q5_1.quantize(np.linspace(-0.7, 1.3, 32, dtype=np.float32))
before = q5_1.dequantize(block)
step = float(block[:2].view(np.float16)[0])

# Turn each bit of the block over, and look which change weight 20 and no other.
found = {}
for byte in range(block.size):
    for bit in range(8):
        turned = block.copy()
        turned[byte] ^= 1 << bit
        changed = np.flatnonzero(q5_1.dequantize(turned) != before)
        if changed.tolist() == [20]:
            found[byte, bit] = round(abs(q5_1.dequantize(turned)[20] - before[20]) / step)

for (byte, bit), steps in sorted(found.items(), key=lambda one: one[1]):
    print(f"byte {byte:2}, bit {bit}: {steps:2} steps")

byte, bit = max(found, key=found.__getitem__)
assert sorted(found.values()) == [1, 2, 4, 8, 16]
assert 8 * (byte - 4) + bit == 20  # bytes 4-7 are one bit for each weight
