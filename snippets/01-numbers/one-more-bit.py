import numpy as np

from edgedocs import Checkpoint
from edgedocs.quantizers.mlx_affine import MLXAffineQuantizer

weights = Checkpoint.open().tensors["model.layers.0.mlp.gate_proj.weight"].float32().reshape(-1, 256)
errors = []
for bits in (3, 4, 5, 6):
    quantizer = MLXAffineQuantizer(bits, group_size=64)
    restored = quantizer.dequantize(quantizer.quantize(weights))
    errors.append(float(np.sqrt(np.mean((restored - weights) ** 2) / np.mean(weights**2))))
    print(f"{bits} bits: error {errors[-1]:.3%}")

factors = [errors[i] / errors[i + 1] for i in range(3)]
print("each bit divides the error by", *(f"{factor:.2f}" for factor in factors))
assert all(1.8 < factor < 2.6 for factor in factors)
