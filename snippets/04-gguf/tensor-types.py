from collections import Counter

import edgedocs
from edgedocs.inspection import inspect

checkpoint = edgedocs.Checkpoint.open()

for name in ("f16", "q8_0", "q4_0"):
    artifact = edgedocs.convert(checkpoint, f"model-{name}.gguf", type=name)
    found = inspect(artifact.path)
    types = Counter(tensor.type for tensor in found.tensors)
    mix = ", ".join(f"{count} {kind}" for kind, count in sorted(types.items()))
    print(f"{name:5} {artifact.size_bytes:9,} bytes  {found.bits_per_weight:7.4f} bits a weight  {mix}")

q4_0_bits = found.bits_per_weight
embedding_type = next(t.type for t in found.tensors if t.name == "token_embd.weight")
assert q4_0_bits > 4.5
