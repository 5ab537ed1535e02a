import numpy as np

from edgedocs import BadInput
from edgedocs.quantizers.mlx_affine import MLXAffineQuantizer

codes = np.array([100, 127, 128, 200], np.int32)
print("cast   ", *codes.astype(np.int8))
print("clipped", *np.clip(codes, -128, 127).astype(np.int8))

with np.errstate(over="ignore", invalid="ignore"):
    activation = np.float16(300) * np.float16(300)
    print("fp16   ", activation, activation - activation)

quantizer = MLXAffineQuantizer(4, group_size=32)
for weights in (np.full((1, 64), activation), np.ones((1, 48), np.float32)):
    try:
        quantizer.quantize(weights, where="layer.weight")
    except BadInput as error:
        print(error)
    else:
        raise AssertionError("this should have been refused")

assert codes.astype(np.int8)[-1] < 0
