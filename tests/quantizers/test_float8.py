"""FP8: every half and bfloat16 against ml_dtypes and ONNX Runtime, weights against QuantizeLinear."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal

from edgedocs.core.errors import BadInput
from edgedocs.quantizers.float8 import E4M3, E5M2, Float8, Float8Quantizer, ScaledFloat8
from tests.contract.scaled_quantizers import ScaledQuantizerContract, gaussian
from tests.oracles import onnx_runtime
from tests.quantizers import inputs

FORMATS = [E4M3, E5M2]
ML_DTYPES = {"E4M3": ml_dtypes.float8_e4m3fn, "E5M2": ml_dtypes.float8_e5m2}
ONNX = {"E4M3": "FLOAT8E4M3FN", "E5M2": "FLOAT8E5M2"}
QUANTIZERS = [
    Float8Quantizer(form, **sharing)
    for form in FORMATS
    for sharing in (
        {"granularity": "tensor"},
        {"granularity": "channel"},
        {"granularity": "group", "group_size": 32},
        {"granularity": "group", "group_size": 100, "axis": -1},
    )
]

every_format = pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)


def identity(quantizer: Float8Quantizer) -> str:
    return f"{quantizer.format.name}-{quantizer.granularity}-{quantizer.group_size}"


def every_16_bits(dtype: type) -> np.ndarray:
    return np.arange(2**16, dtype=np.uint16).view(dtype)


def without_payload(form: Float8, codes: np.ndarray) -> np.ndarray:
    """All codes of no number are one: ml_dtypes and ONNX Runtime write different ones of E5M2."""
    return np.where(codes & 0x7F > (form.infinity_code or 0x7E), codes | 0x7F, codes)


def assert_as_ml_dtypes(form: Float8, values: np.ndarray) -> None:
    with np.errstate(all="ignore"):
        expected = values.astype(ML_DTYPES[form.name]).view(np.uint8)
    assert_array_equal(form.encode(values, saturate=False), without_payload(form, expected))


@every_format
class TestFloat8:
    def test_values_are_those_of_ml_dtypes(self, form: Float8) -> None:
        codes = np.arange(256, dtype=np.uint8)
        expected = codes.view(ML_DTYPES[form.name]).astype(np.float32)
        assert_array_equal(form.decode(codes), expected)
        assert_array_equal(np.signbit(form.decode(codes)), np.signbit(expected))
        limits = ml_dtypes.finfo(ML_DTYPES[form.name])
        assert (form.largest, form.least) == (limits.max, limits.smallest_subnormal)

    def test_every_code_comes_back(self, form: Float8) -> None:
        codes = np.arange(256, dtype=np.uint8)
        assert_array_equal(form.encode(form.decode(codes), saturate=False), without_payload(form, codes))

    @pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16])
    def test_encodes_every_16_bits_as_ml_dtypes(self, form: Float8, dtype: type) -> None:
        assert_as_ml_dtypes(form, every_16_bits(dtype))

    @settings(max_examples=100, deadline=None, derandomize=True, database=None)
    @given(bits=arrays(np.uint32, 64, elements=st.integers(0, 2**32 - 1)))
    def test_encodes_any_float32_as_ml_dtypes(self, form: Float8, bits: np.ndarray) -> None:
        assert_as_ml_dtypes(form, bits.view(np.float32))

    def test_neighbours_of_ties_as_ml_dtypes(self, form: Float8) -> None:
        magnitudes = np.sort(form.values[: form.largest_code + 1])
        ties = (magnitudes[1:] + magnitudes[:-1]) / 2
        around = [np.nextafter(ties, np.float32(towards)) for towards in (0, np.inf)]
        values = np.concatenate([magnitudes, ties, *around])
        assert_as_ml_dtypes(form, np.concatenate([values, -values]))

    @pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float32])
    def test_saturates_as_cast_of_onnx_runtime(self, form: Float8, dtype: type) -> None:
        values = every_16_bits(ml_dtypes.bfloat16 if dtype is np.float32 else dtype).astype(dtype)
        to = onnx_type(form)
        expected = onnx_runtime.run("Cast", values, output=ONNX[form.name], to=to, saturate=1)
        assert_array_equal(form.encode(values), expected)

    def test_overflows_as_cast_of_onnx_runtime(self, form: Float8) -> None:
        """But for a range above the greatest finite value, where ONNX Runtime 1.31 disagrees with the ONNX standard.

        The standard wants what ml_dtypes gives: infinity or, for E4M3, not a number.
        """
        values = every_16_bits(np.float16)
        expected = onnx_runtime.run("Cast", values, output=ONNX[form.name], to=onnx_type(form), saturate=0)
        magnitude = np.abs(values.astype(np.float32))
        first, last = {"E4M3": (480, 496), "E5M2": (61440, 65536)}[form.name]
        agreed = ~((magnitude >= first) & (magnitude < last))
        assert agreed.sum() >= 2**16 - 256
        assert_array_equal(form.encode(values, saturate=False)[agreed], expected[agreed])

    def test_infinity_and_no_number(self, form: Float8) -> None:
        values = np.array([np.inf, -np.inf, np.nan, -np.nan, 1e38], np.float32)
        largest = {"E4M3": 0x7E, "E5M2": 0x7B}[form.name]
        assert form.encode(values).tolist() == [largest, largest | 0x80, 0x7F, 0xFF, largest]
        infinity = {"E4M3": 0x7F, "E5M2": 0x7C}[form.name]
        assert form.encode(values, saturate=False).tolist() == [infinity, infinity | 0x80, 0x7F, 0xFF, infinity]

    def test_refuses_other_types(self, form: Float8) -> None:
        with pytest.raises(BadInput, match=f"cannot encode float64 as {form.name}; expected float32"):
            form.encode(np.zeros(2))
        with pytest.raises(BadInput, match=f"{form.name} codes given as int8; expected an array of uint8"):
            form.decode(np.zeros(2, np.int8))


def onnx_type(form: Float8) -> int:
    from onnx import TensorProto

    return int(getattr(TensorProto, ONNX[form.name]))


@pytest.fixture(scope="module", params=QUANTIZERS, ids=identity)
def quantizer(request: pytest.FixtureRequest) -> Float8Quantizer:
    return request.param


class TestFloat8Quantizer(ScaledQuantizerContract):
    def bound(self, quantizer: Float8Quantizer, quantized: ScaledFloat8, weights: np.ndarray) -> np.ndarray:
        """Half a step: of the weight's own exponent, or of the subnormal values."""
        scales = quantizer._sharing.spread(quantized.scales, weights.shape)
        relative = np.abs(weights) / 2 ** (quantizer.format.mantissa_bits + 1)
        return np.maximum(relative, scales * quantizer.format.least / 2)

    @pytest.mark.parametrize("name", ["gaussian", "heavy tails", "zero groups", "mixed exponents", "huge", "denormal"])
    def test_codes_and_weights_are_those_of_onnx_runtime(self, quantizer: Float8Quantizer, name: str) -> None:
        weights = inputs.make(name)
        quantized = quantizer.quantize(weights)
        attributes: dict[str, Any] = {}
        if quantizer.granularity != "tensor":
            attributes["axis"] = 0 if quantizer.granularity == "channel" else -1
        if quantizer.group_size:
            attributes["block_size"] = quantizer.group_size
        element = ML_DTYPES[quantizer.format.name]
        zeros = np.zeros(quantized.scales.shape, element)
        output = ONNX[quantizer.format.name]
        codes = onnx_runtime.run("QuantizeLinear", weights, quantized.scales, zeros, output=output, **attributes)
        assert_array_equal(quantized.codes.reshape(-1), codes)
        stored = codes.view(element).reshape(weights.shape)
        decoded = onnx_runtime.run("DequantizeLinear", stored, quantized.scales, zeros, output="FLOAT", **attributes)
        assert_array_equal(quantizer.dequantize(quantized).reshape(-1), decoded.view(np.float32))


@every_format
def test_the_greatest_magnitude_becomes_the_greatest_value(form: Float8) -> None:
    weights = np.array([[1, -3, 0], [0, 0, 0], [0.25, 0.125, -0.0]], np.float32)
    quantized = Float8Quantizer(form, "channel").quantize(weights)
    largest = np.float32({"E4M3": 448, "E5M2": 57344}[form.name])
    assert quantized.scales.tolist() == [np.float32(3) / largest, 1, np.float32(0.25) / largest]
    assert quantized.codes[0, 1] == form.largest_code | 0x80
    assert quantized.codes[1].tolist() == [0, 0, 0]
    assert quantized.codes[2, 2] == 0x80


def test_refuses_what_does_not_fit() -> None:
    with pytest.raises(BadInput, match="group size None for one scale a group"):
        Float8Quantizer(E4M3, "group")
    quantizer = Float8Quantizer(E4M3, "channel")
    quantized = quantizer.quantize(gaussian(2, 3))
    with pytest.raises(BadInput, match=r"w: scales or zero points of shape \(2,\); expected \(3,\)"):
        quantizer.dequantize(ScaledFloat8(quantized.codes.T, quantized.scales), where="w")
