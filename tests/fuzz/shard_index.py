"""The index of a checkpoint in shards: it names tensors of its folder, or is refused."""

import shutil
from functools import cache
from pathlib import Path

from edgedocs.checkpoint import INDEX, SINGLE, Checkpoint
from edgedocs.core.errors import BadInput
from tests.scratch import scratch_checkpoint


@cache
def folder() -> Path:
    found = scratch_checkpoint("sharded")
    (found / SINGLE).rename(found / "a.safetensors")
    shutil.copyfile(found / "a.safetensors", found.parent / "outside.safetensors")
    return found


def fuzz_one(data: bytes) -> None:
    (folder() / INDEX).write_bytes(data)
    try:
        tensors = Checkpoint.open(folder()).tensors
    except BadInput:
        return
    assert tensors
    assert all(tensor.path.parent == folder() for tensor in tensors.values())
