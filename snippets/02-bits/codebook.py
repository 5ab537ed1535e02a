import numpy as np
from gguf import GGMLQuantizationType, dequantize

# One super-block of IQ2_XXS for each place in the codebook; the scale is 8, and everything else is 0.
blocks = np.zeros((256, 66), np.uint8)
blocks[:, :2] = np.array([8], np.float16).view(np.uint8)
blocks[:, 2] = np.arange(256)  # the first byte after the scale: a place in the codebook
points = dequantize(blocks, GGMLQuantizationType.IQ2_XXS)[:, :8]

levels = np.unique(points)
found = len(np.unique(points, axis=0))
possible = len(levels) ** 8
print("levels of a weight    ", *levels)
print("groups of 8 possible  ", possible)
print("groups in the codebook", found)
print("the first four        ", *points[:4].astype(int).tolist())

# What 256 weights take: a place for each 8, seven signs for each 8, four bits of scale for each 32, one scale.
bits = (32 * 8 + 32 * 7 + 8 * 4 + 16) / 256
print("bits a weight         ", bits)
assert found == 256
