"""``config.json``: it fits the weights, or is refused, whatever sizes it claims."""

from edgedocs.checkpoint import Checkpoint
from edgedocs.core.errors import BadInput
from edgedocs.inspection import inspect
from tests.scratch import scratch_checkpoint


def fuzz_one(data: bytes) -> None:
    folder = scratch_checkpoint("configured")
    (folder / "config.json").write_bytes(data)
    try:
        found = Checkpoint.open(folder)
        inspect(folder)
        spec = found.spec
    except BadInput:
        return
    assert len(found.architecture.tensors(spec)) == len(found.tensors)
