"""Every registered quantizer, held to the contract and to ggml with each engine: NumPy, and kernels if it has any."""

from collections.abc import Iterator

import pytest

from edgedocs import quantizers
from edgedocs.quantizers import kernels
from edgedocs.quantizers.base import Quantizer
from tests import requirements
from tests.contract.quantizers import GgmlIdentity, QuantizerContract
from tests.oracles import ggml

PAIRS = [
    pytest.param((name, engine), id=f"{name}-{engine}")
    for name in quantizers.names()
    for engine in kernels.ENGINES
    if engine == "numpy" or name in kernels.available()
]


@pytest.fixture(params=PAIRS, scope="class")
def quantizer(request: pytest.FixtureRequest) -> Iterator[Quantizer]:
    name, engine = request.param
    if engine == "numba":
        requirements.require("numba")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(kernels.VARIABLE, engine)
        yield quantizers.get(name)


class TestContract(QuantizerContract):
    pass


class TestGgmlIdentity(GgmlIdentity):
    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _needs_ggml(cls) -> None:
        ggml.require()


def test_every_format_ggml_knows_here_is_registered() -> None:
    assert {quantizer.name for quantizer in quantizers.registry} == set(ggml.TYPES)
