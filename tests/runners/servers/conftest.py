from collections.abc import Iterator

import pytest

from edgedocs import runners
from edgedocs.runners import Runner


@pytest.fixture(scope="session")
def computed() -> Iterator[Runner]:
    """``tiny`` in float32, computed in this process: what servers with the same weights must write."""
    with runners.load("tiny", backend="onnxruntime", threads=1) as runner:
        yield runner


@pytest.fixture(scope="session")
def behind() -> Iterator[Runner]:
    """The runner behind a contract server; another one, for each has one text at a time."""
    with runners.load("tiny", backend="onnxruntime", threads=1) as runner:
        yield runner
