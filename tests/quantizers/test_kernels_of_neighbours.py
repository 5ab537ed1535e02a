"""Kernels that work on 16 blocks at a time: what is left over, and what the contract's inputs seldom meet."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from edgedocs import quantizers
from edgedocs.core.errors import BadInput
from edgedocs.quantizers import kernels
from tests import requirements
from tests.oracles import ggml

FORMATS = ["q8_0", "q4_0", "q4_1", "q5_0", "q5_1", "mxfp4", "nvfp4", "tq1_0", "tq2_0", "q1_0", "q2_0", "f16", "bf16"]
WITH_IMPORTANCE = ["q4_0", "q4_1", "q5_0", "q5_1"]
COUNTS = [1, 2, 15, 16, 17, 33]
EVERY_16_BITS = np.arange(1 << 16, dtype=np.uint16)


@pytest.fixture(autouse=True)
def _with_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    requirements.require("numba")
    monkeypatch.setenv(kernels.VARIABLE, "numba")


def gaussian(*shape: int) -> np.ndarray:
    return np.random.default_rng(5).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", FORMATS)
def test_any_number_of_blocks(name: str, count: int) -> None:
    ggml.require()
    quantizer = quantizers.get(name)
    weights = gaussian(1, count * quantizer.block_size)
    expected = ggml.quantize(quantizer.name, weights)
    assert_array_equal(quantizer.quantize(weights), expected)
    assert_array_equal(quantizer.dequantize(expected), ggml.dequantize(quantizer.name, expected))


@pytest.mark.parametrize("rows", [1, 3, 16, 17])
@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", WITH_IMPORTANCE)
def test_any_number_of_blocks_with_importance(name: str, count: int, rows: int) -> None:
    """Where 16 blocks belong to several rows, each has the mean square of its own."""
    ggml.require()
    weights = gaussian(rows, 32 * count) * np.exp2(np.arange(rows, dtype=np.float32))[:, np.newaxis]
    importance = np.square(gaussian(32 * count))
    quantizer = quantizers.get(name)
    assert_array_equal(
        quantizer.quantize(weights, importance), ggml.quantize(quantizer.name, weights, importance), strict=True
    )


@pytest.mark.parametrize("value", [np.nan, -np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("with_importance", [False, True])
@pytest.mark.parametrize("name", FORMATS[:-2])
def test_finds_what_is_not_finite_anywhere(name: str, with_importance: bool, value: float) -> None:
    quantizer = quantizers.get(name)
    columns = 17 * quantizer.block_size
    importance = np.ones(columns, np.float32) if with_importance else None
    for column in (0, 15, 31, columns // 2 + 8, columns - 1):
        weights = gaussian(1, columns)
        weights[0, column] = value
        with pytest.raises(BadInput, match=f"row 0, column {column} is {value}"):
            quantizer.quantize(weights, importance)


@pytest.mark.parametrize("name", ["q4_0", "q5_0", "q4_1", "q5_1"])
def test_first_of_equals(name: str) -> None:
    """Of equal magnitudes the first gives the scale its sign; of lowest zeros the first gives the minimum its own."""
    ggml.require()
    weights = np.abs(gaussian(64, 32))
    places = np.random.default_rng(1).permuted(np.tile(np.arange(32), (64, 1)), axis=1)[:, :2]
    pair = (8, -8) if name.endswith("_0") else (0.0, -0.0)
    np.put_along_axis(weights, places, np.array([pair], np.float32), axis=1)
    expected = ggml.quantize(name.upper(), weights)
    assert_array_equal(quantizers.get(name).quantize(weights), expected)
    signs = expected[:, 1 if name.endswith("_0") else 3] >> 7
    assert {0, 1} == set(signs.tolist())


def test_exponents_about_powers_of_two() -> None:
    """log2 of numbers just below a power of two is rounded up to it, the further below the greater the exponent."""
    ggml.require()
    powers = np.exp2(np.arange(-149, 128)).astype(np.float32).view(np.int32)
    bits = powers[:, np.newaxis] + np.arange(-100, 4)
    bits = bits[(bits > 0) & (bits < 0x7F800000)]
    weights = np.zeros((len(bits), 32), np.float32)
    weights[:, 9] = bits.astype(np.int32).view(np.float32)
    weights[::2] *= -1
    assert len(bits) > 25000
    assert_array_equal(quantizers.get("mxfp4").quantize(weights), ggml.quantize("MXFP4", weights))


def test_every_half_is_widened_exactly() -> None:
    for dtype in (np.float16, ml_dtypes.bfloat16):
        halves = EVERY_16_BITS.view(dtype)
        wide = kernels.widened(halves)
        expected = halves.astype(np.float32)
        assert_array_equal(wide, expected)
        is_number = ~np.isnan(expected)
        assert_array_equal(wide[is_number].view(np.uint32), expected[is_number].view(np.uint32))
        for count in (0, 1, 15, 17, 40):
            assert_array_equal(kernels.widened(halves[:count]), expected[:count])


@pytest.mark.parametrize("rows", [1, 15, 16, 17, 33])
def test_mean_squares_are_added_from_left_to_right(rows: int) -> None:
    weights = gaussian(rows, 96) * 1000
    means = np.empty(rows, np.float32)
    kernels.mean_squares(weights, means)
    for mean, row in zip(means, weights, strict=True):
        total = np.float32(0)
        for weight in row:
            total += weight * weight
        assert mean == total / np.float32(96)
