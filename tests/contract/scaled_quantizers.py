"""The kit that every quantizer must pass that keeps scales beside its codes, whatever its settings.

A test module derives from the class and gives the fixture ``quantizer`` and the method ``bound``.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal

from edgedocs.core.errors import BadInput
from tests.quantizers import inputs

ROW = 256
"""Weights in a row: a multiple of every group size."""

Weights = np.ndarray


def gaussian(*shape: int) -> Weights:
    return np.random.default_rng(7).standard_normal(shape).astype(np.float32)


def fields(quantized: Any) -> dict[str, Any]:
    return {field.name: getattr(quantized, field.name) for field in dataclasses.fields(quantized)}


def assert_same(found: Any, expected: Any) -> None:
    """The same in every field, which may have a narrower type."""
    for name, value in fields(expected).items():
        other = fields(found)[name]
        if isinstance(value, np.ndarray):
            assert other.shape == value.shape, name
            assert_array_equal(other, value.astype(other.dtype), name)
        else:
            assert other == value, name


class ScaledQuantizerContract:
    narrow: tuple[type, ...] = (np.float16, ml_dtypes.bfloat16)
    """Types whose weights give what the same weights give in float32."""

    def bound(self, quantizer: Any, quantized: Any, weights: Weights) -> Weights:
        """How far each weight may be from what it is stored as."""
        raise NotImplementedError

    def assert_within_bound(self, quantizer: Any, weights: Weights) -> None:
        quantized = quantizer.quantize(weights)
        error = np.abs(quantizer.dequantize(quantized).astype(np.float64) - weights)
        bound = np.broadcast_to(self.bound(quantizer, quantized, weights), weights.shape)
        slack = 1e-6 * (bound + np.abs(weights)) + 1e-35
        worst = np.argmax(error - bound - slack)
        assert np.all(error <= bound + slack), (weights.flat[worst], error.flat[worst], bound.flat[worst])

    def test_is_its_settings(self, quantizer: Any) -> None:
        assert quantizer == dataclasses.replace(quantizer)
        assert hash(quantizer) == hash(dataclasses.replace(quantizer))
        with pytest.raises(dataclasses.FrozenInstanceError):
            quantizer.group_size = 1

    @pytest.mark.parametrize("shape", [(0, ROW), (3, 0), (0, 0)])
    def test_empty(self, quantizer: Any, shape: tuple[int, ...]) -> None:
        decoded = quantizer.dequantize(quantizer.quantize(np.zeros(shape, np.float32)))
        assert decoded.dtype == np.float32
        assert decoded.shape == shape

    @pytest.mark.parametrize("name", list(inputs.INPUTS))
    def test_error_of_inputs_that_have_caught_others_out(self, quantizer: Any, name: str) -> None:
        weights = inputs.make(name)
        if np.abs(weights).max() > 1e37:  # so that the range of a group is a float32
            weights = weights / np.float32(8)
        self.assert_within_bound(quantizer, weights)

    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(weights=arrays(np.float32, (2, ROW), elements=st.floats(-(2.0**100), 2.0**100, width=32)))
    def test_error_of_any_weights(self, quantizer: Any, weights: Weights) -> None:
        self.assert_within_bound(quantizer, weights)

    def test_zeros_stay_zeros(self, quantizer: Any) -> None:
        for zeros in (np.zeros((2, ROW), np.float32), np.full((2, ROW), -0.0, np.float32)):
            assert_array_equal(quantizer.dequantize(quantizer.quantize(zeros)), np.zeros((2, ROW)))

    def test_memory_layout_does_not_matter(self, quantizer: Any) -> None:
        weights = gaussian(6, ROW)
        expected = quantizer.quantize(weights)
        spread = np.zeros((12, 2 * ROW), np.float32)[::2, ::2]
        spread[:] = weights
        for view in (np.asfortranarray(weights), spread, weights[::-1][::-1]):
            assert_same(quantizer.quantize(view), expected)
        twice = {
            name: np.repeat(value, 2, axis=-1)[..., ::2] if isinstance(value, np.ndarray) and value.ndim else value
            for name, value in fields(expected).items()
        }
        assert_array_equal(quantizer.dequantize(type(expected)(**twice)), quantizer.dequantize(expected))

    def test_leaves_its_input_alone(self, quantizer: Any) -> None:
        weights = gaussian(4, ROW)
        before = weights.copy()
        weights.flags.writeable = False
        quantized = quantizer.quantize(weights)
        assert_array_equal(weights, before)
        for value in fields(quantized).values():
            if isinstance(value, np.ndarray):
                assert not np.shares_memory(value, weights)
                value.flags.writeable = False
        assert quantizer.dequantize(quantized).flags.writeable

    def test_takes_narrower_floats_exactly(self, quantizer: Any) -> None:
        for dtype in self.narrow:
            weights = gaussian(4, ROW).astype(dtype)
            assert_same(quantizer.quantize(weights), quantizer.quantize(weights.astype(np.float32)))

    @pytest.mark.parametrize("dtype", [np.float64, np.int32, np.uint8, np.bool_, np.complex64])
    def test_refuses_other_types(self, quantizer: Any, dtype: type) -> None:
        with pytest.raises(BadInput, match=rf"layer: cannot quantize {np.dtype(dtype).name} to .*\n.*astype"):
            quantizer.quantize(np.zeros((2, ROW), dtype), where="layer")

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_refuses_non_finite_weights_by_place(self, quantizer: Any, value: float) -> None:
        weights = gaussian(4, ROW)
        weights[2, 77] = weights[3, 5] = value
        for dtype in (np.float32, np.float16, ml_dtypes.bfloat16):
            with pytest.raises(BadInput, match=rf"layer: the weight at \[2, 77\] is {value}, which .* cannot store"):
                quantizer.quantize(weights.astype(dtype), where="layer")
