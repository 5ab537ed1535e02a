"""When kernels are used: at once where that is asked for, and otherwise once they are worth it."""

from __future__ import annotations

import pytest

from edgedocs.quantizers import kernels
from edgedocs.quantizers.kernels import choosing, machine_code
from edgedocs.quantizers.kernels.choosing import Choice
from tests import requirements

LITTLE = 1000
MUCH = int(2 * choosing.WORTH_COMPILING * choosing.WEIGHTS_PER_SECOND)


@pytest.fixture(autouse=True)
def _needs_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    requirements.require("numba")
    monkeypatch.delenv(kernels.VARIABLE, raising=False)
    monkeypatch.setattr(machine_code, "has", lambda name, function: False)


def test_little_work_is_numpys() -> None:
    assert Choice("q8_0", "encode").kernels(LITTLE) is None


def test_much_work_at_once_is_a_kernels() -> None:
    assert Choice("q8_0", "encode").kernels(MUCH) is kernels.load("q8_0")


def test_much_work_that_is_announced_is_a_kernels() -> None:
    choice = Choice("q8_0", "encode")
    for _ in range(4):
        choice.expect(MUCH // 4)
    assert choice.kernels(LITTLE) is kernels.load("q8_0")


def test_work_that_took_numpy_long_goes_on_with_a_kernel() -> None:
    choice = Choice("iq2_s", "decode")
    choice.spent(choosing.WORTH_COMPILING / 2)
    assert choice.kernels(LITTLE) is None
    choice.spent(choosing.WORTH_COMPILING / 2)
    assert choice.kernels(LITTLE) is kernels.load("iq2_s")
    assert choice.kernels(LITTLE) is kernels.load("iq2_s")


def test_what_was_compiled_before_is_worth_less_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_code, "has", lambda name, function: (name, function) == ("q8_0", "encode"))
    weights = int(2 * choosing.WORTH_LOADING * choosing.WEIGHTS_PER_SECOND)
    assert Choice("q8_0", "encode").kernels(LITTLE) is None
    assert Choice("q8_0", "encode").kernels(weights) is kernels.load("q8_0")
    assert Choice("q8_0", "decode").kernels(weights) is None


@pytest.mark.parametrize("weights", [0, MUCH])
def test_the_environment_decides(weights: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kernels.VARIABLE, "numba")
    assert Choice("q8_0", "encode").kernels(weights) is kernels.load("q8_0")
    monkeypatch.setenv(kernels.VARIABLE, "numpy")
    assert Choice("q8_0", "encode").kernels(weights) is None


def test_formats_without_kernels_are_numpys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kernels.VARIABLE, "numba")
    assert Choice("f32", "encode").kernels(MUCH) is None
