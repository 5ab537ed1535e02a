import struct

import edgedocs

checkpoint = edgedocs.Checkpoint.open()
artifact = edgedocs.convert(checkpoint, "model-f16.gguf", type="f16")

with artifact.path.open("rb") as file:
    magic, version, tensors, metadata = struct.unpack("<4sIQQ", file.read(24))

print("magic   ", magic.decode())
print("version ", version)
print("tensors ", tensors)
print("metadata", metadata, "entries")

assert tensors == len(checkpoint.tensors)
