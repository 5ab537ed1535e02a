"""Importance matrices, GGUF and .dat."""

import numpy as np

from edgedocs.containers.imatrix import ImportanceMatrix
from edgedocs.core.errors import BadInput
from tests.scratch import scratch


def fuzz_one(data: bytes) -> None:
    path = scratch() / "matrix.dat"
    path.write_bytes(data)
    try:
        found = ImportanceMatrix.open(path)
    except BadInput:
        return
    assert all(np.isfinite(values).all() for values in found.entries.values())
    assert sum(values.nbytes for values in found.entries.values()) <= 4 * len(data)
