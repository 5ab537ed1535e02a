import numpy as np
from gguf import GGMLQuantizationType, dequantize

from edgedocs import quantizers


def value(code: int) -> float:
    """A float of four bits: sign, two bits of exponent, one bit of mantissa."""
    exponent, mantissa = code >> 1 & 3, code & 1
    magnitude = (1 + mantissa / 2) * 2.0 ** (exponent - 1) if exponent else mantissa / 2
    return -magnitude if code & 8 else magnitude


def e4m3(byte: int) -> float:
    """A scale of eight bits: four of exponent, three of mantissa."""
    exponent, mantissa = byte >> 3 & 15, byte & 7
    return (1 + mantissa / 8) * 2.0 ** (exponent - 7) if exponent else mantissa / 512


print("magnitudes of a code:", *[value(code) for code in range(8)])
weights = np.random.default_rng(4).normal(0, 0.02, 64).astype(np.float32)

block = quantizers.get("mxfp4").quantize(weights[:32])
scale = 2.0 ** (int(block[0]) - 127)  # eight bits of exponent, nothing else
restored = [scale * value(code) for code in [*(block[1:] & 15), *(block[1:] >> 4)]]
print(f"MXFP4: one scale, a power of two: {scale}")
assert np.array_equal(restored, dequantize(block, GGMLQuantizationType.MXFP4))

block = quantizers.get("nvfp4").quantize(weights)
restored = []
for group in range(4):
    pairs = block[4 + 8 * group : 12 + 8 * group]
    restored += [e4m3(int(block[group])) * value(code) for code in [*(pairs & 15), *(pairs >> 4)]]
print("NVFP4: four scales:", *[e4m3(int(byte)) for byte in block[:4]])
assert np.array_equal(restored, dequantize(block, GGMLQuantizationType.NVFP4))
