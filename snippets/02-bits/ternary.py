import math

import numpy as np

from edgedocs import quantizers

# Five digits from 0 to 2 make a number below 243, which a byte can hold.
digits = [2, 0, 1, 1, 2]
number = 0
for digit in digits:
    number = 3 * number + digit
stored = (number * 256 + 242) // 243  # stretched to the range of a byte, rounded up

# Back: times three, and the carry out of the byte is the next digit. No division is needed.
read, rest = [], stored
for _ in range(5):
    read.append(rest * 3 >> 8)
    rest = rest * 3 & 255
print(f"{digits} -> {number} of 243 -> byte {stored} -> {read}")
assert read == digits

# The first bytes of a block hold weights 0, 32, 64, 96 and 128 of 256; a digit 1 stands for zero.
weights = np.zeros(256, np.float32)
weights[0:160:32] = np.array(digits) - 1
assert quantizers.get("tq1_0").quantize(weights)[0] == stored

least = math.log2(3)
bits = {name: quantizers.get(name).bits_per_weight for name in ("tq1_0", "tq2_0")}
print(f"three values need {least:.4f} bits; TQ1_0 takes {bits['tq1_0']}, TQ2_0 {bits['tq2_0']}")
tq1_0 = bits["tq1_0"]
