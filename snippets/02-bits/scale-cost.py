import numpy as np

from edgedocs.quantizers.matmul_nbits import MatMulNBitsQuantizer

weights = np.random.default_rng(1).normal(0, 0.02, (64, 1024)).astype(np.float32)
bits = {}
for size in (16, 32, 64, 128, 256):
    made = MatMulNBitsQuantizer(4, block_size=size).quantize(weights)
    bits[size] = 8 * (made.packed.nbytes + made.scales.nbytes) / weights.size
    print(f"block of {size:3}: {bits[size]} bits a weight")
at_32, at_64, at_128 = bits[32], bits[64], bits[128]
