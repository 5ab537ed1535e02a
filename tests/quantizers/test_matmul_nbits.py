"""MatMulNBits: bytes from ONNX Runtime's own quantizer, weights from its operator."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal

from edgedocs.core.errors import BadInput
from edgedocs.quantizers import bit_stream
from edgedocs.quantizers.matmul_nbits import MatMulNBitsQuantizer, MatMulNBitsWeights
from tests.contract.scaled_quantizers import ScaledQuantizerContract, gaussian
from tests.oracles import onnx_runtime
from tests.quantizers import inputs

QUANTIZERS = [
    MatMulNBitsQuantizer(bits, size, symmetric)
    for bits, size, symmetric in itertools.product((8, 4, 2), (16, 32, 64, 128, 256), (True, False))
]
COLUMNS = [512, 500, 33]
"""A whole number of blocks; not so; no whole number of bytes."""


def identity(quantizer: MatMulNBitsQuantizer) -> str:
    return f"{quantizer.bits}-{quantizer.block_size}-{'symmetric' if quantizer.symmetric else 'asymmetric'}"


every_quantizer = pytest.mark.parametrize("quantizer", QUANTIZERS, ids=identity)


def ort_quantize(quantizer: MatMulNBitsQuantizer, weights: np.ndarray) -> MatMulNBitsWeights:
    """What ONNX Runtime's weight-only quantizer writes into a model for MatMul's input B."""
    import onnxruntime  # noqa: F401 - the module below belongs to it
    from onnxruntime.capi import _pybind_state

    rows, columns = weights.shape
    blocks, a_byte = -(-columns // quantizer.block_size), 8 // quantizer.bits
    packed = np.zeros((rows, blocks, quantizer.block_size // a_byte), np.uint8)
    scales = np.zeros((rows, blocks), weights.dtype)
    zero_points = np.zeros((rows, -(-blocks // a_byte)), np.uint8)
    transposed = np.zeros((blocks * quantizer.block_size, rows), weights.dtype)
    transposed[:columns] = weights.T
    quantize = getattr(_pybind_state, f"quantize_matmul_{quantizer.bits}bits")
    quantize(packed, transposed, scales, zero_points, quantizer.block_size, rows, columns, quantizer.symmetric)
    return MatMulNBitsWeights(packed, scales, None if quantizer.symmetric else zero_points, columns)


def assert_as_ort(quantizer: MatMulNBitsQuantizer, weights: np.ndarray) -> None:
    found, expected = quantizer.quantize(weights), ort_quantize(quantizer, weights)
    assert found.scales.dtype == weights.dtype
    assert_array_equal(found.scales.view(np.uint8), expected.scales.view(np.uint8))
    if not quantizer.symmetric:
        assert_array_equal(found.zero_points, expected.zero_points)
    columns = weights.shape[1]
    if columns * quantizer.bits % 8 == 0:
        assert_array_equal(found.packed, expected.packed)
    else:  # ONNX Runtime leaves the bits that nothing reads as they were
        rows = [one.packed.reshape(len(weights), -1) for one in (found, expected)]
        assert_array_equal(*(bit_stream.unpack(row, quantizer.bits, columns) for row in rows))
        last = bit_stream.size(columns, quantizer.bits)
        assert_array_equal(rows[0][:, last:], rows[1][:, last:])


@pytest.fixture(scope="module", params=QUANTIZERS[::3], ids=identity)
def quantizer(request: pytest.FixtureRequest) -> MatMulNBitsQuantizer:
    return request.param


class TestMatMulNBitsQuantizer(ScaledQuantizerContract):
    narrow = ()  # float16 weights get float16 scales, and codes that go with them: compared with ONNX Runtime's below

    def bound(self, quantizer: MatMulNBitsQuantizer, quantized: MatMulNBitsWeights, weights: np.ndarray) -> np.ndarray:
        """Half a step, but on the side of a symmetric block that lacks its last code a whole one."""
        scales = np.repeat(np.abs(quantized.scales), quantizer.block_size, axis=1)[:, : weights.shape[1]]
        return scales if quantizer.symmetric else scales / 2


@every_quantizer
@pytest.mark.parametrize("name", list(inputs.INPUTS))
def test_bytes_are_those_of_onnx_runtime(quantizer: MatMulNBitsQuantizer, name: str) -> None:
    weights = inputs.make(name)
    if np.abs(weights).max() > 1e37:  # so that the range of a block is a float32
        weights = weights / np.float32(8)
    for columns in COLUMNS:
        assert_as_ort(quantizer, weights[:, :columns])


@every_quantizer
@pytest.mark.parametrize("name", ["gaussian", "ties", "outliers", "denormal", "scale underflows", "zero groups"])
def test_bytes_of_float16_are_those_of_onnx_runtime(quantizer: MatMulNBitsQuantizer, name: str) -> None:
    for columns in COLUMNS:
        assert_as_ort(quantizer, inputs.make(name)[:, :columns].astype(np.float16))


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(
    quantizer=st.sampled_from(QUANTIZERS),
    steps=arrays(np.int16, (2, 96), elements=st.integers(-510, 510)),
    exponent=st.integers(-60, 60),
)
def test_bytes_of_any_grid_are_those_of_onnx_runtime(
    quantizer: MatMulNBitsQuantizer, steps: np.ndarray, exponent: int
) -> None:
    assert_as_ort(quantizer, np.ldexp(steps.astype(np.float32), exponent))


def test_bfloat16_is_exact() -> None:
    import ml_dtypes

    weights = gaussian(3, 64).astype(ml_dtypes.bfloat16)
    for quantizer in QUANTIZERS:
        found, expected = (quantizer.quantize(one) for one in (weights, weights.astype(np.float32)))
        assert_array_equal(found.packed, expected.packed)
        assert_array_equal(found.scales, expected.scales)


@every_quantizer
@pytest.mark.parametrize("columns", [256, 100])
@pytest.mark.parametrize(("dtype", "output", "tolerance"), [(np.float32, "FLOAT", 0), (np.float16, "FLOAT16", 2e-3)])
def test_weights_are_those_that_onnx_runtime_multiplies_with(
    quantizer: MatMulNBitsQuantizer, columns: int, dtype: type, output: str, tolerance: float
) -> None:
    """Multiplied with the identity; exactly, but for the rounding of products that are float16."""
    quantized = quantizer.quantize(gaussian(5, columns).astype(dtype))
    product = onnx_runtime.run(
        "MatMulNBits",
        np.eye(columns, dtype=dtype),
        quantized.packed,
        quantized.scales,
        *([] if quantizer.symmetric else [quantized.zero_points]),
        output=output,
        domain=onnx_runtime.CONTRIBUTED,
        K=quantized.columns,
        N=5,
        bits=quantizer.bits,
        block_size=quantizer.block_size,
        accuracy_level=1,
    )
    found = product.view(dtype).reshape(columns, 5).astype(np.float32)
    np.testing.assert_allclose(quantizer.dequantize(quantized).T, found, rtol=0, atol=tolerance)


def test_a_block_by_hand() -> None:
    weights = np.array([[-8, 7, 0.5, -0.5, 1.5, 8] + [0] * 10], np.float32)
    quantized = MatMulNBitsQuantizer(4, 16).quantize(weights)
    assert quantized.scales.tolist() == [[1.0]]
    assert quantized.packed[0, 0].tolist() == [0xF0, 0x89, 0xFA] + [0x88] * 5
    quantized = MatMulNBitsQuantizer(4, 16, symmetric=False).quantize(weights[:, :16] + np.float32(0.25))
    # From -7.75 to 8.25 in 15 steps: 0 is 7.27 steps up, so code 7; one block, and the middle code beside it.
    assert quantized.scales.tolist() == [[np.float32(16) / np.float32(15)]]
    assert quantized.zero_points.tolist() == [[0x87]]


def test_refuses_what_does_not_fit() -> None:
    for settings_, message in (
        ((3, 32), "bits 3; expected one of 8, 4, 2"),
        ((4, 48), "block size 48; expected one of 16, 32, 64, 128, 256"),
    ):
        with pytest.raises(BadInput, match=message):
            MatMulNBitsQuantizer(*settings_)
    quantizer = MatMulNBitsQuantizer(4, 32)
    with pytest.raises(BadInput, match=r"w: a tensor of shape \(2, 3, 32\) for MatMulNBits of 4 bits; .*a matrix"):
        quantizer.quantize(gaussian(2, 3, 32), where="w")
    good = quantizer.quantize(gaussian(2, 64))
    with pytest.raises(BadInput, match=r"w: codes, scales and zero points of shapes \(2, 2, 16\), \(2, 2\), None"):
        MatMulNBitsQuantizer(4, 32, symmetric=False).dequantize(good, where="w")
    with pytest.raises(BadInput, match="in int8; expected"):
        quantizer.dequantize(MatMulNBitsWeights(good.packed.view(np.int8), good.scales, None, 64))


def test_refuses_a_range_that_overflows() -> None:
    weights = gaussian(3, 64)
    weights[1, 40:42] = 3e38, -3e38
    with pytest.raises(BadInput, match=r"w: the range of the weights in group \[1, 1\] is no float32, so MatMulNBits"):
        MatMulNBitsQuantizer(4, 32, symmetric=False).quantize(weights, where="w")
