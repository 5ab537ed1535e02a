import pytest

from edgedocs.converters import registry
from tests.contract.converters import SUFFIXES, ConverterContract


@pytest.mark.parametrize("name", registry.names())
class TestConverters(ConverterContract):
    """Every converter there is."""


def test_every_converter_is_held_to_the_contract() -> None:
    assert set(registry.names()) == set(SUFFIXES)
