"""NF4: levels from the quantiles that the paper takes, blocks by hand, codes and weights from ONNX Runtime."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from edgedocs.core.errors import BadInput
from edgedocs.quantizers.nf4 import LEVELS, NF4Quantizer, NF4Weights
from tests.contract.scaled_quantizers import ScaledQuantizerContract, gaussian
from tests.oracles import onnx_runtime
from tests.quantizers import inputs

SIZES = [16, 32, 64, 128, 256]
NF4 = 1
"""The number of the type in ONNX Runtime's MatMulBnb4."""


def test_levels_are_quantiles_of_the_normal_distribution() -> None:
    """Evenly spaced probabilities, eight below a half and eight above, as section 3 of the QLoRA paper has them."""
    outermost = 1 - (1 / 32 + 1 / 30) / 2
    quantile = NormalDist().inv_cdf
    positive = [quantile(0.5 + (outermost - 0.5) * step / 8) for step in range(9)]
    negative = [-quantile(0.5 + (outermost - 0.5) * step / 7) for step in range(7, 0, -1)]
    expected = np.array(negative + positive) / positive[-1]
    assert_allclose(LEVELS, expected, atol=2e-7)


@pytest.fixture(scope="module", params=SIZES)
def quantizer(request: pytest.FixtureRequest) -> NF4Quantizer:
    return NF4Quantizer(request.param)


class TestNF4Quantizer(ScaledQuantizerContract):
    def bound(self, quantizer: NF4Quantizer, quantized: NF4Weights, weights: np.ndarray) -> np.ndarray:
        """The distance of the nearest of all levels."""
        magnitudes = np.repeat(quantized.magnitudes.astype(np.float64), quantizer.block_size)[: weights.size]
        values = magnitudes[:, np.newaxis] * LEVELS
        nearest = np.abs(values - weights.reshape(-1, 1)).min(axis=1) + 1e-6 * magnitudes
        return nearest.reshape(weights.shape)

    @pytest.mark.parametrize("columns", [512, 33, 7])
    @pytest.mark.parametrize("name", [name for name in inputs.INPUTS if "denormals" not in name])
    def test_bytes_are_those_of_onnx_runtime(self, quantizer: NF4Quantizer, name: str, columns: int) -> None:
        from onnxruntime.capi._pybind_state import quantize_matmul_bnb4

        weights = np.ascontiguousarray(inputs.make(name)[:3, :columns])
        rows = len(weights)
        if name == "an exponent a row":  # the inverse of its denormal magnitudes overflows: see below
            weights = weights * np.float32(2.0**30)
        quantized = quantizer.quantize(weights)
        packed = np.zeros(-(-weights.size // 2), np.uint8)
        magnitudes = np.zeros(-(-weights.size // quantizer.block_size), np.float32)
        quantize_matmul_bnb4(packed, weights, magnitudes, quantizer.block_size, NF4, rows, columns)
        assert_array_equal(quantized.packed, packed)
        assert_array_equal(quantized.magnitudes, magnitudes)

    def test_weights_are_those_that_onnx_runtime_multiplies_with(self, quantizer: NF4Quantizer) -> None:
        weights = gaussian(6, 96)
        quantized = quantizer.quantize(weights)
        product = onnx_runtime.run(
            "MatMulBnb4",
            np.eye(96, dtype=np.float32),
            quantized.packed,
            quantized.magnitudes,
            output="FLOAT",
            domain=onnx_runtime.CONTRIBUTED,
            K=96,
            N=6,
            block_size=quantizer.block_size,
            quant_type=NF4,
        )
        assert_array_equal(quantizer.dequantize(quantized).T, product.view(np.float32).reshape(96, 6))


def test_blocks_by_hand() -> None:
    # 4 * [1, -1, 0, 0.5626, 0.02, 0.07], then a second block: 2 * [-0.5, 1].
    weights = np.array([4, -4, 0, 2.2504, 0.08, 0.28] + [0] * 10 + [-1, 2], np.float32)
    quantized = NF4Quantizer(16).quantize(weights)
    assert quantized.magnitudes.tolist() == [4, 2]
    assert quantized.packed.tolist() == [0xF0, 0x7D, 0x78] + [0x77] * 5 + [0x2F]


def test_halfway_gets_the_lower_code() -> None:
    half = np.float32(0.8614784181118011)  # between the last two levels, 0.7229568362236023 and 1
    weights = np.array([1, half, np.nextafter(half, np.float32(1)), 0], np.float32)
    assert NF4Quantizer(16).quantize(weights).packed.tolist() == [0xFE, 0xF7]


def test_an_odd_number_of_weights_leaves_the_code_of_zero() -> None:
    quantized = NF4Quantizer(16).quantize(np.array([[[-5.0]]], np.float32))
    assert quantized.packed.tolist() == [0x07]
    assert NF4Quantizer(16).dequantize(quantized).tolist() == [[[-5.0]]]


def test_zeros_among_denormals_stay_zeros() -> None:
    """ONNX Runtime makes them the lowest level: the magnitude's inverse is infinite, and zero times that no number."""
    weights = np.array([1e-40, 0, -1e-40, 0], np.float32)
    decoded = NF4Quantizer(16).dequantize(NF4Quantizer(16).quantize(weights))
    assert_array_equal(decoded, weights)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(codes=arrays(np.uint8, (3, 40), elements=st.integers(0, 15)), exponent=st.integers(-100, 100))
def test_levels_come_back(codes: np.ndarray, exponent: int) -> None:
    codes[:, ::8] = 15  # each block of 8 has its magnitude
    weights = np.ldexp(LEVELS[codes], exponent)
    quantized = NF4Quantizer(8).quantize(weights)
    assert_array_equal(NF4Quantizer(8).dequantize(quantized), weights)


def test_refuses_what_does_not_fit() -> None:
    for size in (0, -2, 63):
        with pytest.raises(BadInput, match=f"blocks of {size} weights for NF4; expected an even number"):
            NF4Quantizer(size)
    good = NF4Quantizer(64).quantize(gaussian(2, 64))
    with pytest.raises(BadInput, match=r"w: uint8 codes \(64,\), magnitudes \(2,\) for 128 weights .* in blocks of 32"):
        NF4Quantizer(32).dequantize(good, where="w")
    with pytest.raises(BadInput, match="for 100 weights"):
        NF4Quantizer(64).dequantize(NF4Weights(good.packed, good.magnitudes, (100,)))
