"""safetensors: what is accepted, the safetensors library accepts too, with the same content."""

import safetensors

from edgedocs.containers.safetensors import SafetensorsFile
from edgedocs.core.errors import BadInput
from tests.scratch import scratch


def fuzz_one(data: bytes) -> None:
    path = scratch() / "model.safetensors"
    path.write_bytes(data)
    try:
        file = SafetensorsFile.open(path)
    except BadInput:
        return
    expected = dict(safetensors.deserialize(data))
    assert file.tensors.keys() == expected.keys()
    for name, tensor in file.tensors.items():
        assert list(tensor.shape) == expected[name]["shape"]
        assert tensor.array().tobytes() == bytes(expected[name]["data"])
