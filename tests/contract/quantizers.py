"""The kit that every quantizer must pass, whoever wrote it.

A test module derives from the classes and gives the fixture ``quantizer``. :class:`QuantizerContract` needs nothing but
the quantizer; :class:`GgmlIdentity` compares with ggml, byte for byte, what ggml knows.
"""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal

from edgedocs import quantizers
from edgedocs.core.errors import BadInput
from edgedocs.quantizers import kernels
from tests.oracles import ggml
from tests.quantizers import inputs

if TYPE_CHECKING:
    from edgedocs.quantizers.base import Encoded, Quantizer, Weights

ROW = 512
"""Weights in a row: a multiple of every block size."""

EXTRA_MEMORY = 2 * 2**20
"""Temporary arrays may take so many bytes, whatever the size of the input; or so many for each weight of a chunk:"""

EXTRA_MEMORY_A_WEIGHT = 32


def gaussian(*shape: int) -> Weights:
    return np.random.default_rng(7).standard_normal(shape).astype(np.float32)


def encode(quantizer: Quantizer, weights: Weights, **options: Any) -> Encoded:
    """As ``quantize``, with even importance for formats that need some."""
    if quantizer.needs_importance:
        options.setdefault("importance", np.ones(weights.shape[-1:], np.float32))
    return quantizer.quantize(weights, **options)


def chunk_weights(quantizer: Quantizer) -> int:
    """How many weights are encoded at a time by the engine in use."""
    fast = kernels.load(quantizer.name.lower()) if kernels.engine() == "numba" else None
    return quantizer.chunk_weights if fast is None else fast.chunk_weights


class QuantizerContract:
    def test_is_registered_by_its_name(self, quantizer: Quantizer) -> None:
        assert quantizers.get(quantizer.name) is quantizer
        assert quantizers.get(quantizer.name.lower()) is quantizer
        assert quantizer.name.lower() in quantizers.names()

    def test_bits_per_weight_are_the_bytes_it_writes(self, quantizer: Quantizer) -> None:
        assert encode(quantizer, gaussian(3, ROW)).nbytes * 8 == quantizer.bits_per_weight * 3 * ROW

    @pytest.mark.parametrize("leading", [(), (1,), (5,), (2, 3), (0,), (2, 0, 3)])
    def test_keeps_any_leading_shape(self, quantizer: Quantizer, leading: tuple[int, ...]) -> None:
        weights = gaussian(*leading, ROW)
        encoded = encode(quantizer, weights)
        assert encoded.dtype == np.uint8
        assert encoded.shape == quantizer.encoded_shape(weights.shape) == (*leading, encoded.shape[-1])
        decoded = quantizer.dequantize(encoded)
        assert decoded.dtype == np.float32
        assert decoded.shape == quantizer.decoded_shape(encoded.shape) == weights.shape

    def test_empty_rows(self, quantizer: Quantizer) -> None:
        assert encode(quantizer, gaussian(3, 0)).shape == (3, 0)
        assert quantizer.dequantize(np.empty((3, 0), np.uint8)).shape == (3, 0)

    def test_memory_layout_does_not_matter(self, quantizer: Quantizer) -> None:
        weights = gaussian(6, ROW)
        expected = encode(quantizer, weights)
        spread = np.zeros((12, 2 * ROW), np.float32)[::2, ::2]
        spread[:] = weights
        for view in (np.asfortranarray(weights), spread, weights[::-1][::-1]):
            assert_array_equal(encode(quantizer, view), expected)
        decoded = quantizer.dequantize(expected)
        assert_array_equal(quantizer.dequantize(np.asfortranarray(expected)), decoded)
        assert_array_equal(quantizer.dequantize(np.repeat(expected, 2, axis=1)[:, ::2]), decoded)

    def test_leaves_its_input_alone(self, quantizer: Quantizer) -> None:
        weights = gaussian(4, ROW)
        before = weights.copy()
        weights.flags.writeable = False
        encoded = encode(quantizer, weights)
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
        assert_array_equal(encode(quantizer, narrow), encode(quantizer, narrow.astype(np.float32)))

    @pytest.mark.parametrize("dtype", [np.float64, np.int32, np.uint8, np.bool_, np.complex64])
    def test_refuses_other_types(self, quantizer: Quantizer, dtype: type) -> None:
        with pytest.raises(BadInput, match=rf"blk.0: cannot quantize {np.dtype(dtype).name}.*\n.*astype"):
            encode(quantizer, np.zeros((2, ROW), dtype), where="blk.0")
        if dtype is not np.uint8:
            with pytest.raises(BadInput, match="uint8"):
                quantizer.dequantize(np.zeros((2, quantizer.block_bytes), dtype))

    def test_refuses_rows_that_are_no_whole_blocks(self, quantizer: Quantizer) -> None:
        if quantizer.block_size > 1:
            for length in (1, quantizer.block_size - 1, quantizer.block_size + 1):
                with pytest.raises(BadInput, match=f"rows of {length} .*multiple of {quantizer.block_size} weights"):
                    encode(quantizer, gaussian(2, length))
        for length in (1, quantizer.block_bytes + 1):
            with pytest.raises(BadInput, match=f"rows of {length} .*multiple of {quantizer.block_bytes} bytes"):
                quantizer.dequantize(np.zeros((2, length), np.uint8))
        with pytest.raises(BadInput, match="rows"):
            encode(quantizer, np.float32(1).reshape(()))

    def test_rows_and_chunks_do_not_depend_on_each_other(
        self, quantizer: Quantizer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(kernels, "DECODED_WEIGHTS", 1 << 13)
        rows = 2 * chunk_weights(quantizer) // ROW + 3
        weights = gaussian(rows, ROW)
        encoded = encode(quantizer, weights)
        decoded = quantizer.dequantize(encoded)
        for row in (0, rows // 2, rows - 1):
            assert_array_equal(encode(quantizer, weights[row]), encoded[row])
            assert_array_equal(quantizer.dequantize(encoded[row]), decoded[row])
        assert_array_equal(encode(quantizer, weights.reshape(-1)), encoded.reshape(-1))

    def test_memory_is_bounded_by_the_chunk(self, quantizer: Quantizer) -> None:
        weights = gaussian(16 * quantizer.chunk_weights // ROW, ROW)
        encoded = encode(quantizer, weights)
        for function, given_array, result_bytes in (
            (encode, weights, encoded.nbytes),
            (type(quantizer).dequantize, encoded, weights.nbytes),
        ):
            tracemalloc.start()
            function(quantizer, given_array, threads=1)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            allowed = max(EXTRA_MEMORY, EXTRA_MEMORY_A_WEIGHT * quantizer.chunk_weights)
            assert peak - result_bytes <= allowed

    @pytest.mark.parametrize("threads", [1, 2, 5])
    def test_threads_do_not_change_a_byte(
        self, quantizer: Quantizer, threads: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(kernels, "DECODED_WEIGHTS", 1 << 13)
        weights = gaussian(3 * chunk_weights(quantizer) // ROW + 1, ROW)
        encoded = encode(quantizer, weights)
        assert_array_equal(encode(quantizer, weights, threads=threads), encoded)
        assert_array_equal(quantizer.dequantize(encoded, ROW, threads), quantizer.dequantize(encoded))

    def test_refuses_no_threads_and_a_wrong_length(self, quantizer: Quantizer) -> None:
        encoded = encode(quantizer, gaussian(2, ROW))
        with pytest.raises(BadInput, match="0 threads"):
            encode(quantizer, gaussian(2, ROW), threads=0)
        with pytest.raises(BadInput, match=rf"blk.0: .* hold {ROW} weights of {quantizer.name}, not {2 * ROW}"):
            quantizer.dequantize(encoded, 2 * ROW, where="blk.0")

    def test_importance_is_checked(self, quantizer: Quantizer) -> None:
        weights = gaussian(2, ROW)
        for importance in (
            np.ones(ROW - 1, np.float32),
            np.ones((2, ROW), np.float32),
            np.ones(ROW, np.float64),
            np.ones(ROW, np.int32),
        ):
            with pytest.raises(BadInput, match=rf"blk.0: importance of shape .*\({ROW},\)"):
                quantizer.quantize(weights, importance, where="blk.0")
        for value in (np.nan, np.inf, -1):
            importance = np.ones(ROW, np.float32)
            importance[7] = value
            with pytest.raises(BadInput, match=r"blk\.0: the importance of column 7 is"):
                quantizer.quantize(weights, importance, where="blk.0")
        if quantizer.needs_importance:
            with pytest.raises(BadInput, match=rf"blk.0: {quantizer.name} needs importance"):
                quantizer.quantize(weights, where="blk.0")

    def test_importance_is_of_the_column(self, quantizer: Quantizer) -> None:
        """Also where chunks begin in the middle of a row."""
        length = 3 * quantizer.block_size * (256 // min(quantizer.block_size, 256))
        rows = 2 * chunk_weights(quantizer) // length + 2
        weights = gaussian(rows, length)
        importance = np.random.default_rng(3).random(length).astype(np.float32)
        encoded = quantizer.quantize(weights, importance)
        for row in (0, rows // 2, rows - 1):
            assert_array_equal(quantizer.quantize(weights[row], importance), encoded[row])
        if not quantizer.uses_importance:
            assert_array_equal(encoded, quantizer.quantize(weights))

    def test_importance_makes_what_matters_more_exact(self, quantizer: Quantizer) -> None:
        if not quantizer.uses_importance:
            return
        weights = gaussian(64, ROW)
        importance = np.where(np.arange(ROW) % 4 == 0, np.float32(100), np.float32(1))
        errors = [
            np.square(quantizer.dequantize(quantizer.quantize(weights, given)) - weights)[:, ::4].mean()
            for given in (importance, np.ones(ROW, np.float32))
        ]
        assert errors[0] < errors[1]

    def test_error_is_of_the_size_of_a_step(self, quantizer: Quantizer) -> None:
        """Codes of ``b`` bits cut the range of a block into ``2 ** b`` steps; scales take half a bit or more."""
        weights = gaussian(64, ROW)
        error = quantizer.dequantize(encode(quantizer, weights)) - weights
        bits = min(int(quantizer.bits_per_weight - 0.5), 8)
        assert np.linalg.norm(error) <= 1.2 * 2.0 ** (1 - bits) * np.linalg.norm(weights)

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_non_finite_is_stored_or_refused_by_place(self, quantizer: Quantizer, value: float) -> None:
        rows = 2 * chunk_weights(quantizer) // ROW
        weights = gaussian(rows, ROW)
        weights[rows - 2, 300] = value
        if quantizer.stores_non_finite:
            encoded = encode(quantizer, weights)
            assert_array_equal(quantizer.dequantize(encoded)[rows - 2, 300], np.float32(value))
            with pytest.raises(BadInput, match=f"blk.0: row {rows - 2}, weights 300 to 300: not finite"):
                quantizer.validate(encoded, where="blk.0")
        else:
            with pytest.raises(BadInput, match=f"blk.0: row {rows - 2}, column 300 is {value}, .*{quantizer.name}"):
                encode(quantizer, weights, where="blk.0")

    def test_validates_what_it_wrote(self, quantizer: Quantizer) -> None:
        quantizer.validate(encode(quantizer, gaussian(4, ROW)))


class GgmlIdentity:
    def test_block_is_ggmls(self, quantizer: Quantizer) -> None:
        assert ggml.row_size(quantizer.name, ROW) == ROW // quantizer.block_size * quantizer.block_bytes

    @pytest.mark.parametrize("name", list(inputs.INPUTS))
    def test_encodes_and_decodes_as_ggml(self, quantizer: Quantizer, name: str) -> None:
        assert_as_ggml(quantizer, inputs.make(name))

    @pytest.mark.parametrize("importance", list(inputs.IMPORTANCES))
    @pytest.mark.parametrize("name", list(inputs.INPUTS))
    def test_encodes_with_importance_as_ggml(self, quantizer: Quantizer, name: str, importance: str) -> None:
        """Formats that do without it give the same bytes as without."""
        assert_as_ggml(quantizer, inputs.make(name), inputs.make_importance(importance))

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
            ones = np.ones(ROW, np.float32) if quantizer.needs_importance else None
            encoded = ggml.outcome(quantizer.name, inputs.make(name), ones)
            if encoded is None:
                continue
            expected = ggml.is_valid(quantizer.name, encoded)
            verdicts.add(expected)
            assert _is_valid(quantizer, encoded) == expected, name
        assert True in verdicts
        if "scale" in (quantizer.layout.names or ()):
            assert False in verdicts


def assert_as_ggml(quantizer: Quantizer, weights: Weights, importance: Weights | None = None) -> None:
    """The same bytes; where ggml ends the process, an error."""
    if importance is None and quantizer.needs_importance:
        importance = np.ones(weights.shape[-1], np.float32)
    expected = ggml.outcome(quantizer.name, weights, importance)
    if expected is None:
        with pytest.raises(BadInput, match="row"):
            quantizer.quantize(weights, importance)
        return
    assert_array_equal(quantizer.quantize(weights, importance), expected)
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
