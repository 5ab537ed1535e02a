"""GGUF: whatever is accepted can be read to the end, looked into, and turned back into a checkpoint or refused."""

from contextlib import suppress

from edgedocs import quantizers
from edgedocs.containers.gguf_split import open_gguf
from edgedocs.converters.gguf_checkpoint import GGUFCheckpoint
from edgedocs.core.errors import BadInput
from edgedocs.inspection import inspect
from edgedocs.runners import gguf_guard
from tests.scratch import scratch


def fuzz_one(data: bytes) -> None:
    path = scratch() / "model-00001-of-00001.gguf"
    path.write_bytes(data)
    try:
        file = open_gguf(path)
    except BadInput:
        return
    for tensor in file.tensors.values():
        assert tensor.data.nbytes == tensor.nbytes <= len(data)
        if tensor.type in quantizers.registry:
            weights = quantizers.get(tensor.type).dequantize(tensor.data)
            assert weights.size * quantizers.get(tensor.type).block_bytes == (
                tensor.nbytes * quantizers.get(tensor.type).block_size
            )
    for use in (lambda: inspect(path).as_dict(), lambda: gguf_guard.check(file), lambda: GGUFCheckpoint.of(file)):
        with suppress(BadInput):
            use()
