import edgedocs
from edgedocs.inspection import inspect

ALIGNMENT = 32
for name in ("f16", "q8_0", "q4_k_m"):
    artifact = edgedocs.convert(edgedocs.Checkpoint.open(), f"{name}.gguf", type=name)
    found = inspect(artifact.path)
    tensors = sum(tensor.size_bytes for tensor in found.tensors)
    gaps = sum(-tensor.size_bytes % ALIGNMENT for tensor in found.tensors)
    header = artifact.size_bytes - tensors - gaps
    print(f"{name:7} {tensors:9,} bytes of tensors, {header:7,} of header, {gaps} between")
header_share = header / artifact.size_bytes
assert gaps == 0
