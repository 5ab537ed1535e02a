import numpy as np

from edgedocs.quantizers.affine import AffineQuantizer

group = np.zeros((1, 32), np.float32)

with np.errstate(invalid="ignore"):
    scale = np.abs(group).max() / np.float32(7)
    naive = np.rint(group / scale) * scale
print("naive  ", naive[0, :4])

quantizer = AffineQuantizer(4, granularity="group", group_size=32)
careful = quantizer.dequantize(quantizer.quantize(group))
print("careful", careful[0, :4])
assert np.isnan(naive).all()
assert np.array_equal(careful, group)
