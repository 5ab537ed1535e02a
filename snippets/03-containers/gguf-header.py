import struct
from typing import Any, BinaryIO

import edgedocs
from edgedocs.inspection import inspect

SCALARS = dict(enumerate("BbHhIif?")) | {10: "Q", 11: "q", 12: "d"}


def number(file: BinaryIO, kind: str) -> Any:
    return struct.unpack(f"<{kind}", file.read(struct.calcsize(f"<{kind}")))[0]


def value(file: BinaryIO, kind: int) -> Any:
    if kind == 8:  # a string: its length in bytes, then UTF-8
        return file.read(number(file, "Q")).decode()
    if kind == 9:  # an array: the type of its elements, how many, and they
        of, count = number(file, "I"), number(file, "Q")
        return [value(file, of) for _ in range(count)]
    return number(file, SCALARS[kind])


artifact = edgedocs.convert(edgedocs.Checkpoint.open(), "model.gguf", type="q4_k_m")
with artifact.path.open("rb") as file:
    assert file.read(4) == b"GGUF"
    version, count, keys = number(file, "I"), number(file, "Q"), number(file, "Q")
    metadata = {value(file, 8): value(file, number(file, "I")) for _ in range(keys)}
    tensors = {}
    for _ in range(count):
        name, dimensions = value(file, 8), number(file, "I")
        shape = [number(file, "Q") for _ in range(dimensions)]
        tensors[name] = (shape, number(file, "I"), number(file, "Q"))
    end = file.tell()

for key in ("general.architecture", "general.license", "llama.context_length", "tokenizer.ggml.model"):
    print(f"{key:22} {metadata.get(key)}")
print(f"{'tokens':22} {len(metadata['tokenizer.ggml.tokens'])}")
print(f"{'output_norm.weight':22} shape, type, offset: {tensors['output_norm.weight']}")
header_share = end / artifact.size_bytes
assert {one.name for one in inspect(artifact.path).tensors} == set(tensors)
