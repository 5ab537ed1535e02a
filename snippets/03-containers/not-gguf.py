from pathlib import Path

import edgedocs
from edgedocs.inspection import inspect

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 4920739232\n"
whole = edgedocs.convert(edgedocs.Checkpoint.open(), "whole.gguf", type="q8_0").path.read_bytes()
faults = {
    "pointer.gguf": POINTER,
    "version.gguf": whole[:4] + (1).to_bytes(4, "little") + whole[8:],
    "big-endian.gguf": whole[:4] + (3).to_bytes(4, "big") + whole[8:],
    "counts.gguf": whole[:8] + (2**60).to_bytes(8, "little") + whole[16:],
    "cut.gguf": whole[: len(whole) // 3],
}
for name, data in faults.items():
    Path(name).write_bytes(data)
    try:
        inspect(name)
    except edgedocs.BadInput as error:
        print(error)
    else:
        raise AssertionError(f"{name} was taken for a model")
