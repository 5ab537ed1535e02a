"""INT8, INT4 and INT2: scales from ONNX Runtime's tool, codes, weights and bytes from its operators."""

from __future__ import annotations

import itertools
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal

from edgedocs.core.errors import BadInput
from edgedocs.quantizers.affine import AffineQuantizer, Quantized
from tests.contract.scaled_quantizers import ScaledQuantizerContract, gaussian
from tests.oracles import onnx_runtime
from tests.quantizers import inputs

SHARINGS: list[dict[str, Any]] = [
    {"granularity": "tensor"},
    {"granularity": "channel"},
    {"granularity": "channel", "axis": -1},
    {"granularity": "group", "group_size": 32},
    {"granularity": "group", "group_size": 24, "axis": 0},
    {"granularity": "group", "group_size": 100},
]
QUANTIZERS = [
    AffineQuantizer(bits, symmetric, signed=signed, **sharing)
    for bits, symmetric, signed, sharing in itertools.product((8, 4, 2), (True, False), (True, False), SHARINGS)
]
ELEMENTS = {name: getattr(ml_dtypes, name.lower()) for name in ("INT4", "UINT4", "INT2", "UINT2")}
ELEMENTS |= {"INT8": np.int8, "UINT8": np.uint8}


def identity(quantizer: AffineQuantizer) -> str:
    kind = "symmetric" if quantizer.symmetric else "asymmetric"
    return f"{quantizer.name}-{kind}-{quantizer.granularity}-{quantizer.axis}-{quantizer.group_size}"


every_quantizer = pytest.mark.parametrize("quantizer", QUANTIZERS, ids=identity)


def parts(quantizer: AffineQuantizer, weights: np.ndarray) -> list[np.ndarray]:
    """The weights that share each scale, cut by hand, in the order of the scales."""
    if quantizer.granularity == "tensor":
        return [weights]
    axis = quantizer.axis if quantizer.axis is not None else (0 if quantizer.granularity == "channel" else -1)
    lines = np.moveaxis(weights, axis, 0)
    if quantizer.granularity == "channel":
        return list(lines)
    groups = [lines[start : start + quantizer.group_size] for start in range(0, len(lines), quantizer.group_size)]
    by_group = [[group[:, other] for other in range(group.shape[1])] for group in groups]
    return [part for one in (zip(*by_group, strict=True) if axis != 0 else by_group) for part in one]


def scale_and_zero_point(quantizer: AffineQuantizer, part: np.ndarray) -> tuple[float, int]:
    """What ONNX Runtime's quantization tool gives; its table has no INT2, so that gets its range from here."""
    from onnx import TensorProto
    from onnxruntime.quantization import quant_utils

    if quantizer.bits == 2:
        lowest, highest = (np.array(value, np.int8) for value in ((-2, 1) if quantizer.signed else (0, 3)))
    else:
        type_number = getattr(TensorProto, quantizer.name)
        lowest, highest = quant_utils.get_qmin_qmax_for_qType(type_number, symmetric=quantizer.symmetric)
    zero_point, scale = quant_utils.compute_scale_zp(part.min(), part.max(), lowest, highest, quantizer.symmetric)
    return float(scale), int(zero_point)


def operator_attributes(quantizer: AffineQuantizer) -> dict[str, int]:
    if quantizer.granularity == "tensor":
        return {}
    default = 0 if quantizer.granularity == "channel" else -1
    attributes = {"axis": default if quantizer.axis is None else quantizer.axis}
    return attributes if quantizer.group_size is None else attributes | {"block_size": quantizer.group_size}


@pytest.fixture(scope="module", params=QUANTIZERS[:: len(SHARINGS) - 1], ids=identity)
def quantizer(request: pytest.FixtureRequest) -> AffineQuantizer:
    return request.param


class TestAffineQuantizer(ScaledQuantizerContract):
    def bound(self, quantizer: AffineQuantizer, quantized: Quantized, weights: np.ndarray) -> np.ndarray:
        """Half a step."""
        return quantizer._sharing.spread(quantized.scales, weights.shape) / 2


@every_quantizer
@pytest.mark.parametrize("name", ["gaussian", "ties", "one sign a row", "zero groups", "huge", "denormal", "outliers"])
def test_scales_are_those_of_the_tool_of_onnx_runtime(quantizer: AffineQuantizer, name: str) -> None:
    weights = inputs.make(name)[:, :240]
    quantized = quantizer.quantize(weights)
    expected = [scale_and_zero_point(quantizer, part) for part in parts(quantizer, weights)]
    assert quantized.scales.dtype == np.float32
    assert quantized.scales.reshape(-1).tolist() == [scale for scale, _ in expected]
    assert quantized.zero_points.reshape(-1).tolist() == [zero_point for _, zero_point in expected]


@every_quantizer
@pytest.mark.parametrize("name", ["gaussian", "ties", "zero groups", "mixed exponents", "small integers"])
def test_codes_weights_and_bytes_are_those_of_onnx_runtime(quantizer: AffineQuantizer, name: str) -> None:
    weights = inputs.make(name)
    quantized = quantizer.quantize(weights)
    attributes, element = operator_attributes(quantizer), ELEMENTS[quantizer.name]
    scales, zero_points = quantized.scales, quantized.zero_points.astype(element)
    packed = onnx_runtime.run("QuantizeLinear", weights, scales, zero_points, output=quantizer.name, **attributes)
    assert_array_equal(quantizer.pack(quantized.codes), packed)
    assert_array_equal(quantizer.unpack(packed, weights.shape), quantized.codes)

    codes = quantized.codes.astype(element)
    decoded = onnx_runtime.run("DequantizeLinear", codes, scales, zero_points, output="FLOAT", **attributes)
    assert_array_equal(quantizer.dequantize(quantized), decoded.view(np.float32).reshape(weights.shape))


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("name", ["INT8", "UINT8", "INT4", "UINT4"])
def test_all_of_it_is_quantize_data_of_onnx_runtime(name: str, symmetric: bool) -> None:
    from onnx import TensorProto
    from onnxruntime.quantization.quant_utils import quantize_data

    quantizer = AffineQuantizer(int(name[-1]), symmetric, signed=name.startswith("I"))
    for given_name in inputs.INPUTS:
        weights = inputs.make(given_name)
        zero_point, scale, codes = quantize_data(weights.ravel(), getattr(TensorProto, name), symmetric)
        quantized = quantizer.quantize(weights)
        assert (float(quantized.scales), int(quantized.zero_points)) == (float(scale), int(zero_point)), given_name
        assert_array_equal(quantized.codes.ravel(), codes.astype(quantized.codes.dtype), given_name)


def test_ties_go_to_the_even_code() -> None:
    weights = np.array([-127, -1.5, -0.5, 0.5, 1.5, 2.5, 126.5], np.float32)
    quantized = AffineQuantizer(8).quantize(weights)
    assert quantized.scales == 1
    assert quantized.codes.tolist() == [-127, -2, 0, 0, 2, 2, 126]


def test_symmetric_codes_saturate() -> None:
    # The greatest magnitude is 7.5 or 1.5 steps away: one side has the code for it, the other has not.
    quantized = AffineQuantizer(4).quantize(np.array([-7.5, 7.5], np.float32))
    assert (quantized.scales, quantized.codes.tolist()) == (1, [-8, 7])
    quantized = AffineQuantizer(2).quantize(np.array([-1.5, 1.5], np.float32))
    assert (quantized.scales, quantized.codes.tolist()) == (1, [-2, 1])
    assert AffineQuantizer(8).quantize(np.array([-3, 3], np.float32)).codes.tolist() == [-127, 127]


def test_asymmetric_range_always_has_zero() -> None:
    quantized = AffineQuantizer(8, symmetric=False, signed=False).quantize(np.array([255, 510], np.float32))
    assert (quantized.scales, quantized.zero_points, quantized.codes.tolist()) == (2, 0, [128, 255])


@pytest.mark.parametrize("value", [0.0, -0.0, 1e-45, -1e-38])
def test_a_range_of_nothing_gets_scale_1(value: float) -> None:
    for symmetric, signed in itertools.product((True, False), repeat=2):
        quantized = AffineQuantizer(4, symmetric, signed=signed).quantize(np.full(3, value, np.float32))
        assert (quantized.scales, quantized.zero_points, quantized.codes.tolist()) == (1, 0, [0, 0, 0])


def test_packing_of_odd_numbers() -> None:
    assert AffineQuantizer(4).pack(np.array([[-8, 7, 1]], np.int8)).tolist() == [0x78, 0x01]
    assert AffineQuantizer(2).pack(np.array([-2, 1, 0, -1, 1], np.int8)).tolist() == [0b11_00_01_10, 0b01]
    assert AffineQuantizer(8).pack(np.array([-1, 3], np.int8)).tolist() == [255, 3]


GRIDS = [one for one in QUANTIZERS if not one.symmetric or one.name == "INT8"]
"""Those whose range ends on codes at both sides; that of other symmetric ones ends half a step above the greatest."""


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(data=st.data(), quantizer=st.sampled_from(GRIDS), exponent=st.integers(-100, 100))
def test_a_grid_comes_back(data: st.DataObject, quantizer: AffineQuantizer, exponent: int) -> None:
    """Weights that are codes times a scale, the least and the greatest code in every row and column among them."""
    lowest, highest = quantizer.lowest, quantizer.highest
    codes = data.draw(arrays(np.int64, (24, 4), elements=st.integers(lowest, highest)))
    rows = np.arange(24)
    codes[rows, rows % 4], codes[rows, (rows + 1) % 4] = lowest, highest
    zero_point = 0 if quantizer.symmetric else data.draw(st.integers(lowest, highest))
    quantized = quantizer.quantize(np.ldexp((codes - zero_point).astype(np.float32), exponent))
    assert_array_equal(quantized.codes, codes)
    assert np.all(quantized.scales == np.float32(2.0) ** exponent)
    assert np.all(quantized.zero_points == zero_point)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"bits": 3}, "bits 3; expected one of 8, 4, 2"),
        ({"bits": 4, "granularity": "row"}, "granularity 'row'; expected one of tensor, channel, group"),
        ({"bits": 4, "axis": 0}, "axis 0 for one scale a tensor"),
        ({"bits": 4, "group_size": 32}, "group size 32 for one scale a tensor"),
        ({"bits": 4, "granularity": "group"}, "group size None for one scale a group"),
        ({"bits": 4, "granularity": "group", "group_size": 0}, "group size 0; expected one or more"),
    ],
)
def test_refuses_settings_that_do_not_fit(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        AffineQuantizer(**settings)


def test_refuses_shapes_and_types_that_do_not_fit() -> None:
    quantizer = AffineQuantizer(4, granularity="channel", axis=2)
    with pytest.raises(BadInput, match="w: a tensor of 2 dimensions has no axis 2"):
        quantizer.quantize(gaussian(2, 3), where="w")
    quantizer = AffineQuantizer(4, granularity="channel")
    good = quantizer.quantize(gaussian(2, 3))
    with pytest.raises(BadInput, match=r"w: scales or zero points of shape \(2,\); expected \(3,\), one for each chan"):
        quantizer.dequantize(Quantized(good.codes.T, good.scales, good.zero_points), where="w")
    with pytest.raises(BadInput, match="w: codes of int8, zero points of int8; expected uint8 for UINT4"):
        AffineQuantizer(4, granularity="channel", signed=False).dequantize(good, where="w")
    with pytest.raises(BadInput, match=r"w: INT4 codes of shape \(3,\) in uint8 of shape \(3,\); .* shape \(2,\)"):
        quantizer.unpack(np.zeros(3, np.uint8), (3,), where="w")


def test_scalars_and_many_dimensions() -> None:
    assert AffineQuantizer(8).dequantize(AffineQuantizer(8).quantize(np.float32(-3).reshape(()))) == -3
    weights = gaussian(2, 3, 4, 5)
    assert AffineQuantizer(8, granularity="channel", axis=1).quantize(weights).scales.shape == (3,)
    quantized = AffineQuantizer(8, granularity="group", axis=2, group_size=3).quantize(weights)
    assert quantized.scales.shape == (2, 3, 2, 5)
    assert quantized.scales[1, 2, 1, 4] == np.float32(abs(float(weights[1, 2, 3, 4])) / 127)
