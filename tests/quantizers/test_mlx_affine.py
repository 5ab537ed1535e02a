"""MLX affine: bytes that MLX wrote, recorded, and written again where it is installed."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal

from edgedocs.core.errors import BadInput
from edgedocs.quantizers.mlx_affine import MLXAffineQuantizer, MLXAffineWeights
from tests.contract.scaled_quantizers import ScaledQuantizerContract, gaussian
from tests.quantizers.record_mlx import CASES, DTYPES, RECORDED, outputs, sha256

QUANTIZERS = [MLXAffineQuantizer(bits, size) for bits, size in itertools.product((2, 3, 4, 5, 6, 8), (32, 64, 128))]


@cache
def recorded() -> dict[str, np.ndarray]:
    with np.load(RECORDED) as file:
        return dict(file)


@pytest.fixture(scope="module", params=QUANTIZERS, ids=lambda one: f"{one.bits}-{one.group_size}")
def quantizer(request: pytest.FixtureRequest) -> MLXAffineQuantizer:
    return request.param


class TestMLXAffineQuantizer(ScaledQuantizerContract):
    def bound(self, quantizer: MLXAffineQuantizer, quantized: MLXAffineWeights, weights: np.ndarray) -> np.ndarray:
        """A step: half from rounding; and the end that is not the edge moves by up to a step when 0 gets a code."""
        return np.repeat(np.abs(quantized.scales), quantizer.group_size, axis=1)


def test_all_is_recorded() -> None:
    assert str(recorded()["provenance"]).startswith("mlx ")
    assert recorded()["weights"].shape == (28, 256)
    assert len(CASES) == 30
    assert len(recorded()) == 2 + 3 * len(CASES) + 18


@pytest.mark.parametrize(("dtype", "bits", "size"), CASES)
def test_bytes_are_those_of_mlx(dtype: str, bits: int, size: int) -> None:
    quantizer = MLXAffineQuantizer(bits, size)
    quantized = quantizer.quantize(recorded()["weights"].astype(DTYPES[dtype]))
    name = f"{dtype}_{bits}_{size}"
    assert_array_equal(quantized.packed, recorded()[f"{name}_packed"])
    for part in ("scales", "biases"):
        expected = recorded()[f"{name}_{part}"]
        assert getattr(quantized, part).dtype == DTYPES[dtype]
        assert_array_equal(getattr(quantized, part).view(expected.dtype), expected)
    if dtype == "float32":
        assert_array_equal(sha256(quantizer.dequantize(quantized)), recorded()[f"{name}_decoded"])


def test_mlx_gives_the_recorded_again() -> None:
    pytest.importorskip("mlx.core", reason="needs the Python package mlx")
    found = outputs(recorded()["weights"])
    assert recorded().keys() - found.keys() == {"provenance", "weights"}
    for name, values in found.items():
        assert_array_equal(values, recorded()[name], name)


def test_a_group_by_hand() -> None:
    # 12 in 15 steps of 0.8; the edge is -8, ten steps from 0. The last is 0.3 above it, so it gets its code, 0.
    weights = np.array([[-8, 4, -0.4, 0.4, 0, -7.7] + [0] * 26], np.float32)
    quantized = MLXAffineQuantizer(4, 32).quantize(weights)
    assert (quantized.scales.tolist(), quantized.biases.tolist()) == ([[np.float32(0.8)]], [[-8]])
    assert quantized.packed.tolist() == [[0xAA0AAAF0, 0xAAAAAAAA, 0xAAAAAAAA, 0xAAAAAAAA]]


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(
    quantizer=st.sampled_from(QUANTIZERS),
    codes=arrays(np.uint8, (2, 128)),
    exponent=st.integers(-10, 100),
    positive=st.booleans(),
)
def test_a_grid_comes_back(quantizer: MLXAffineQuantizer, codes: np.ndarray, exponent: int, positive: bool) -> None:
    """Whole numbers from the edge on, of which all codes make one range, get the codes that they are."""
    highest = 2**quantizer.bits - 1
    codes = np.minimum(codes, highest)
    codes[:, ::32], codes[:, 1::32] = 0, highest
    sign = -1 if positive else 1
    weights = np.ldexp((sign * (codes.astype(np.float32) - highest)).astype(np.float32), exponent)
    quantized = quantizer.quantize(weights)
    assert np.all(quantized.scales == np.ldexp(np.float32(sign), exponent))
    assert np.all(quantized.biases == np.ldexp(np.float32(-sign * highest), exponent))
    assert_array_equal(quantizer.dequantize(quantized), weights)


def test_rows_of_any_leading_shape() -> None:
    quantizer = MLXAffineQuantizer(3, 32)
    quantized = quantizer.quantize(gaussian(2, 3, 96))
    assert (quantized.packed.shape, quantized.scales.shape) == ((2, 3, 9), (2, 3, 3))
    assert_array_equal(quantizer.quantize(gaussian(2, 3, 96)[1, 2]).packed, quantized.packed[1, 2])


def test_refuses_what_does_not_fit() -> None:
    for settings_, message in (
        ((7, 64), "bits 7; expected one of 2, 3, 4, 5, 6, 8"),
        ((4, 16), "group size 16; expected one of 32, 64, 128"),
    ):
        with pytest.raises(BadInput, match=message):
            MLXAffineQuantizer(*settings_)
    quantizer = MLXAffineQuantizer(4, 64)
    for shape in ((2, 96), ()):
        with pytest.raises(
            BadInput, match=r"w: MLX affine of 4 bits cannot hold .*; expected rows of a multiple of 64"
        ):
            quantizer.quantize(np.zeros(shape, np.float32), where="w")
    good = quantizer.quantize(gaussian(2, 128))
    with pytest.raises(BadInput, match=r"w: uint32 codes \(2, 16\), .*expected uint32 codes \(2, 32\)"):
        MLXAffineQuantizer(8, 64).dequantize(good, where="w")
    with pytest.raises(BadInput, match="int32 codes"):
        quantizer.dequantize(MLXAffineWeights(good.packed.view(np.int32), good.scales, good.biases))
    weights = gaussian(3, 128)
    weights[1, 70:72] = 3e38, -3e38
    with pytest.raises(BadInput, match=r"w: the range of the weights in group \[1, 1\] is no float32"):
        quantizer.quantize(weights, where="w")
