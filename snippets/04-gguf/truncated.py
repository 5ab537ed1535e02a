from pathlib import Path

import edgedocs
from edgedocs.inspection import inspect

checkpoint = edgedocs.Checkpoint.open()
artifact = edgedocs.convert(checkpoint, "whole.gguf", type="q8_0")

broken = Path("download.gguf")
broken.write_bytes(artifact.path.read_bytes()[: artifact.size_bytes // 2])

try:
    inspect(broken)
except edgedocs.BadInput as error:
    print(error)
else:
    raise AssertionError("half a file was taken for a whole one")
