import numpy as np

from edgedocs import Checkpoint
from edgedocs.quantizers.mlx_affine import MLXAffineQuantizer

weights = Checkpoint.open().tensors["model.layers.0.mlp.gate_proj.weight"].float32().reshape(-1, 256)
errors = {}
for bits, group in ((4, 32), (5, 128)):
    quantizer = MLXAffineQuantizer(bits, group)
    restored = quantizer.dequantize(quantizer.quantize(weights))
    errors[bits] = float(np.sqrt(np.mean((restored - weights) ** 2) / np.mean(weights**2)))
    print(f"{bits} bits, groups of {group:3}: {bits + 32 / group:.2f} bits a weight, error {errors[bits]:.3%}")
