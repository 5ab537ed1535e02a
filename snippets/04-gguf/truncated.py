from pathlib import Path

import edgedocs
from edgedocs.inspection import inspect

checkpoint = edgedocs.Checkpoint.open()
artifact = edgedocs.convert(checkpoint, "whole.gguf", type="q8_0")

broken = Path("download.gguf")
broken.write_bytes(artifact.path.read_bytes()[:1_000_000])

try:
    inspect(broken)
except edgedocs.BadInput as error:
    print(error)
