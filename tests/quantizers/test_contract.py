"""Every registered quantizer, held to the contract and to ggml."""

import pytest

from edgedocs import quantizers
from edgedocs.quantizers.base import Quantizer
from tests.contract.quantizers import GgmlIdentity, QuantizerContract
from tests.oracles import ggml


@pytest.fixture(params=quantizers.names(), scope="class")
def quantizer(request: pytest.FixtureRequest) -> Quantizer:
    return quantizers.get(request.param)


class TestContract(QuantizerContract):
    pass


class TestGgmlIdentity(GgmlIdentity):
    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _needs_ggml(cls) -> None:
        ggml.require()


def test_every_format_ggml_knows_here_is_registered() -> None:
    assert {quantizer.name for quantizer in quantizers.registry} == set(ggml.TYPES)
