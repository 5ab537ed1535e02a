import struct

from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

from edgedocs import quantizers

# A block as its fields: e is a 16-bit float, B a byte, H two bytes, I four; "<" means without padding.
FIELDS = {"Q4_0": "e16B", "Q5_1": "eeI16B", "Q8_0": "e32b", "Q4_K": "ee12B128B", "Q6_K": "128B64B16be"}
FIELDS |= {"IQ2_XXS": "e32H", "IQ4_XS": "eH4B128B", "TQ1_0": "52Be", "MXFP4": "B16B", "NVFP4": "4B32B"}

for name, fields in FIELDS.items():
    ours = quantizers.get(name)
    assert struct.calcsize(f"<{fields}") == ours.block_bytes, name
    print(f"{name:8} {fields:10} {ours.block_bytes:4} bytes")

compared = 0
unknown = []
for name in quantizers.names():
    ours = quantizers.get(name)
    if ours.name not in GGMLQuantizationType.__members__:
        unknown.append(ours.name)
        continue
    assert GGML_QUANT_SIZES[GGMLQuantizationType[ours.name]] == (ours.block_size, ours.block_bytes), name
    compared += 1
print(f"{compared} formats have the size that gguf gives; not known to it: {', '.join(unknown) or 'none'}")
