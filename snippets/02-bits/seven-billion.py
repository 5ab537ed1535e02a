from edgedocs.quantizers.mlx_affine import MLXAffineQuantizer

WEIGHTS = 7.25e9
group = MLXAffineQuantizer(4, group_size=64).group_size
bits = {"float32": 32, "float16": 16, "8 bits": 8 + 2 * 16 / group, "4 bits": 4 + 2 * 16 / group}
sizes = {name: WEIGHTS * each / 8e9 for name, each in bits.items()}
for name, size in sizes.items():
    print(f"{name:8} {bits[name]:5.2f} bits a weight  {size:5.2f} GB")
float32, float16, eight, four = sizes.values()
assert four * 2 > eight  # the scales do not shrink with the codes
