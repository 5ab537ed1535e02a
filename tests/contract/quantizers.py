"""The kit that every quantizer must pass, whoever wrote it.

A test module derives from the classes and gives the fixture ``quantizer``. :class:`QuantizerContract` needs nothing but
the quantizer; :class:`GgmlIdentity` compares with ggml, byte for byte, what ggml knows.
"""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal

from edgedocs import quantizers
from edgedocs.core.errors import BadInput
from tests.oracles import ggml
from tests.quantizers import inputs

if TYPE_CHECKING:
    from edgedocs.quantizers.base import Quantizer, Weights

ROW = 512
"""Weights in a row: a multiple of every block size."""

EXTRA_MEMORY = 2 * 2**20
"""Temporary arrays may take so many bytes, whatever the size of the input."""


def gaussian(*shape: int) -> Weights:
    return np.random.default_rng(7).standard_normal(shape).astype(np.float32)


class QuantizerContract:
    def test_is_registered_by_its_name(self, quantizer: Quantizer) -> None:
        assert quantizers.get(quantizer.name) is quantizer
        assert quantizers.get(quantizer.name.lower()) is quantizer
        assert quantizer.name.lower() in quantizers.names()

    def test_bits_per_weight_are_the_bytes_it_writes(self, quantizer: Quantizer) -> None:
        assert quantizer.quantize(gaussian(3, ROW)).nbytes * 8 == quantizer.bits_per_weight * 3 * ROW

    @pytest.mark.parametrize("leading", [(), (1,), (5,), (2, 3), (0,), (2, 0, 3)])
    def test_keeps_any_leading_shape(self, quantizer: Quantizer, leading: tuple[int, ...]) -> None:
        weights = gaussian(*leading, ROW)
        encoded = quantizer.quantize(weights)
        assert encoded.dtype == np.uint8
        assert encoded.shape == quantizer.encoded_shape(weights.shape) == (*leading, encoded.shape[-1])
        decoded = quantizer.dequantize(encoded)
        assert decoded.dtype == np.float32
        assert decoded.shape == quantizer.decoded_shape(encoded.shape) == weights.shape

    def test_empty_rows(self, quantizer: Quantizer) -> None:
        assert quantizer.quantize(gaussian(3, 0)).shape == (3, 0)
        assert quantizer.dequantize(np.empty((3, 0), np.uint8)).shape == (3, 0)

    def test_memory_layout_does_not_matter(self, quantizer: Quantizer) -> None:
        weights = gaussian(6, ROW)
        expected = quantizer.quantize(weights)
        spread = np.zeros((12, 2 * ROW), np.float32)[::2, ::2]
        spread[:] = weights
        for view in (np.asfortranarray(weights), spread, weights[::-1][::-1]):
            assert_array_equal(quantizer.quantize(view), expected)
        decoded = quantizer.dequantize(expected)
        assert_array_equal(quantizer.dequantize(np.asfortranarray(expected)), decoded)
        assert_array_equal(quantizer.dequantize(np.repeat(expected, 2, axis=1)[:, ::2]), decoded)

    def test_leaves_its_input_alone(self, quantizer: Quantizer) -> None:
        weights = gaussian(4, ROW)
        before = weights.copy()
        weights.flags.writeable = False
        encoded = quantizer.quantize(weights)
        assert_array_equal(weights, before)
        encoded_before = encoded.copy()
        encoded.flags.writeable = False
        decoded = quantizer.dequantize(encoded)
        assert_array_equal(encoded, encoded_before)
        assert decoded.flags.writeable
        assert not np.shares_memory(decoded, encoded)

    @pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16])
    def test_takes_narrower_floats_exactly(self, quantizer: Quantizer, dtype: type) -> None:
        narrow = gaussian(4, ROW).astype(dtype)
        assert_array_equal(quantizer.quantize(narrow), quantizer.quantize(narrow.astype(np.float32)))

    @pytest.mark.parametrize("dtype", [np.float64, np.int32, np.uint8, np.bool_, np.complex64])
    def test_refuses_other_types(self, quantizer: Quantizer, dtype: type) -> None:
        with pytest.raises(BadInput, match=rf"blk.0: cannot quantize {np.dtype(dtype).name}.*\n.*astype"):
            quantizer.quantize(np.zeros((2, ROW), dtype), where="blk.0")
        if dtype is not np.uint8:
            with pytest.raises(BadInput, match="uint8"):
                quantizer.dequantize(np.zeros((2, quantizer.block_bytes), dtype))

    def test_refuses_rows_that_are_no_whole_blocks(self, quantizer: Quantizer) -> None:
        if quantizer.block_size > 1:
            for length in (1, quantizer.block_size - 1, quantizer.block_size + 1):
                with pytest.raises(BadInput, match=f"rows of {length} .*multiple of {quantizer.block_size} weights"):
                    quantizer.quantize(gaussian(2, length))
        for length in (1, quantizer.block_bytes + 1):
            with pytest.raises(BadInput, match=f"rows of {length} .*multiple of {quantizer.block_bytes} bytes"):
                quantizer.dequantize(np.zeros((2, length), np.uint8))
        with pytest.raises(BadInput, match="rows"):
            quantizer.quantize(np.float32(1).reshape(()))

    def test_rows_and_chunks_do_not_depend_on_each_other(self, quantizer: Quantizer) -> None:
        rows = 2 * quantizer.chunk_weights // ROW + 3
        weights = gaussian(rows, ROW)
        encoded = quantizer.quantize(weights)
        decoded = quantizer.dequantize(encoded)
        for row in (0, rows // 2, rows - 1):
            assert_array_equal(quantizer.quantize(weights[row]), encoded[row])
            assert_array_equal(quantizer.dequantize(encoded[row]), decoded[row])
        assert_array_equal(quantizer.quantize(weights.reshape(-1)), encoded.reshape(-1))

    def test_memory_is_bounded_by_the_chunk(self, quantizer: Quantizer) -> None:
        weights = gaussian(2**20 // ROW, ROW)
        encoded = quantizer.quantize(weights)
        for function, given_array, result_bytes in (
            (quantizer.quantize, weights, encoded.nbytes),
            (quantizer.dequantize, encoded, weights.nbytes),
        ):
            tracemalloc.start()
            function(given_array)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert peak - result_bytes <= EXTRA_MEMORY

    def test_error_is_within_a_step(self, quantizer: Quantizer) -> None:
        """Codes of ``b`` bits cut the range of a block into ``2 ** b`` steps; scales rounded to float16 add little."""
        weights = gaussian(64, ROW)
        blocks = weights.reshape(-1, quantizer.block_size)
        error = np.abs(quantizer.dequantize(quantizer.quantize(weights)) - weights).reshape(blocks.shape)
        bits = min(int(quantizer.bits_per_weight), 8)
        assert (error.max(axis=1) <= 1.05 * np.abs(blocks).max(axis=1) * 2.0 ** (1 - bits)).all()

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_non_finite_is_stored_or_refused_by_place(self, quantizer: Quantizer, value: float) -> None:
        rows = 2 * quantizer.chunk_weights // ROW
        weights = gaussian(rows, ROW)
        weights[rows - 2, 300] = value
        if quantizer.stores_non_finite:
            encoded = quantizer.quantize(weights)
            assert_array_equal(quantizer.dequantize(encoded)[rows - 2, 300], np.float32(value))
            with pytest.raises(BadInput, match=f"blk.0: row {rows - 2}, weights 300 to 300: not finite"):
                quantizer.validate(encoded, where="blk.0")
        else:
            with pytest.raises(BadInput, match=f"blk.0: row {rows - 2}, column 300 is {value}, .*{quantizer.name}"):
                quantizer.quantize(weights, where="blk.0")

    def test_validates_what_it_wrote(self, quantizer: Quantizer) -> None:
        quantizer.validate(quantizer.quantize(gaussian(4, ROW)))


class GgmlIdentity:
    def test_block_is_ggmls(self, quantizer: Quantizer) -> None:
        assert ggml.row_size(quantizer.name, ROW) == ROW // quantizer.block_size * quantizer.block_bytes

    @pytest.mark.parametrize("name", list(inputs.INPUTS))
    def test_encodes_and_decodes_as_ggml(self, quantizer: Quantizer, name: str) -> None:
        assert_as_ggml(quantizer, inputs.make(name))

    @settings(max_examples=150, deadline=None, derandomize=True, database=None)
    @given(weights=arrays(np.float32, (1, 256), elements=st.floats(width=32, allow_nan=False, allow_infinity=False)))
    def test_encodes_any_block_as_ggml(self, quantizer: Quantizer, weights: Weights) -> None:
        assert_as_ggml(quantizer, weights)

    @settings(max_examples=150, deadline=None, derandomize=True, database=None)
    @given(
        codes=arrays(np.int8, (1, 256), elements=st.integers(-128, 127)),
        scale=st.floats(width=32, allow_nan=False, allow_infinity=False),
    )
    def test_encodes_any_grid_as_ggml(self, quantizer: Quantizer, codes: np.ndarray, scale: float) -> None:
        """Equal steps make ties and equal magnitudes, which free floats hardly ever do."""
        with np.errstate(over="ignore"):
            weights = codes.astype(np.float32) * np.float32(scale)
        assert_as_ggml(quantizer, np.where(np.isfinite(weights), weights, np.float32(0)))

    def test_decodes_any_bytes_as_ggml(self, quantizer: Quantizer) -> None:
        random = np.random.default_rng(11)
        encoded = random.integers(0, 256, (512, ROW // quantizer.block_size * quantizer.block_bytes), np.uint8)
        assert_decodes_as_ggml(quantizer, encoded)

    def test_validates_as_ggml(self, quantizer: Quantizer) -> None:
        verdicts = set()
        for name in inputs.INPUTS:
            encoded = ggml.quantize(quantizer.name, inputs.make(name))
            expected = ggml.is_valid(quantizer.name, encoded)
            verdicts.add(expected)
            assert _is_valid(quantizer, encoded) == expected, name
        assert verdicts == ({True} if quantizer.name == "F32" else {True, False})


def assert_as_ggml(quantizer: Quantizer, weights: Weights) -> None:
    expected = ggml.quantize(quantizer.name, weights)
    assert_array_equal(quantizer.quantize(weights), expected)
    assert_decodes_as_ggml(quantizer, expected)


def assert_decodes_as_ggml(quantizer: Quantizer, encoded: np.ndarray) -> None:
    expected = ggml.dequantize(quantizer.name, encoded)
    assert_array_equal(quantizer.dequantize(encoded).view(np.uint32), expected.view(np.uint32))


def _is_valid(quantizer: Quantizer, encoded: np.ndarray) -> bool:
    try:
        quantizer.validate(encoded)
    except BadInput:
        return False
    return True
