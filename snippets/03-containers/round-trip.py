import numpy as np

import edgedocs

source = edgedocs.Checkpoint.open()
identical = {}
for name in ("bf16", "f16", "q8_0", "q4_0"):
    artifact = edgedocs.convert(source, f"{name}.gguf", type=name)
    back = edgedocs.Checkpoint.open(edgedocs.convert(artifact.path, name, to="safetensors", type="f32").path)
    assert set(back.tensors) == set(source.tensors)
    pairs = [(tensor.float32(), back.tensors[key].float32()) for key, tensor in source.tensors.items()]
    identical[name] = sum(np.array_equal(*pair) for pair in pairs)
    lost = max(float(np.abs(one - other).max() / np.abs(one).max()) for one, other in pairs)
    print(f"{name:5} {identical[name]:2} of {len(pairs)} tensors identical, greatest error {lost:.1e}")

tensors = len(pairs)
bf16, f16, q8_0 = identical["bf16"], identical["f16"], identical["q8_0"]
if all(tensor.dtype == "BF16" for tensor in source.tensors.values()):
    assert bf16 == tensors
    assert q8_0 < f16 < bf16
