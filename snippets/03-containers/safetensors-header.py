import json
from math import prod

import numpy as np
from safetensors import safe_open

import edgedocs

path = edgedocs.Checkpoint.open().path / "model.safetensors"
with path.open("rb") as file:
    length = int.from_bytes(file.read(8), "little")
    header = json.loads(file.read(length))
header.pop("__metadata__", None)

name = "model.norm.weight"
begin, end = header[name]["data_offsets"]
print("header ", length, "bytes,", len(header), "tensors")
print(name, header[name])

with path.open("rb") as file:
    file.seek(8 + length + begin)
    raw = file.read(end - begin)
if header[name]["dtype"] == "BF16":  # the upper half of a float32
    values = (np.frombuffer(raw, "<u2").astype(np.uint32) << 16).view(np.float32)
else:
    values = np.frombuffer(raw, {"F16": "<f2", "F32": "<f4"}[header[name]["dtype"]])
print("values ", *values[:4])

with safe_open(path, framework="numpy") as library:
    assert sorted(library.keys()) == sorted(header)
    assert library.get_slice(name).get_shape() == [len(values)]
sizes = {"BF16": 2, "F16": 2, "F32": 4}
stored = sum(prod(tensor["shape"]) * sizes[tensor["dtype"]] for tensor in header.values())
assert 8 + length + stored == path.stat().st_size
