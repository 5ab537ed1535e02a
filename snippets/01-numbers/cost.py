BILLION = 1e9
weights = 7.25 * BILLION  # a model of the kind that is called "7B"


def bits_per_weight(bits, group, scale_bits, zero_point_bits=0):
    return bits + (scale_bits + zero_point_bits) / group


for group in (32, 64, 128):
    symmetric, affine = bits_per_weight(4, group, 32), bits_per_weight(4, group, 32, 4)
    print(f"INT4 in groups of {group:3}: {symmetric:.3f} bits a weight, affine {affine:.3f}")

print()
kinds = {"fp32": 32, "fp16": 16, "8 bits": bits_per_weight(8, 64, 32), "4 bits": bits_per_weight(4, 64, 32)}
size = {name: weights * bits / 8 / BILLION for name, bits in kinds.items()}
for name, gigabytes in size.items():
    print(f"{name:7} {kinds[name]:5.2f} bits a weight {gigabytes:6.2f} GB")

int4_bits = kinds["4 bits"]
fp32_size, fp16_size, int4_size = size["fp32"], size["fp16"], size["4 bits"]
saving_from_16, saving_from_32 = 1 - int4_bits / 16, 1 - int4_bits / 32
