"""IQ2_XXS, IQ2_XS, IQ2_S, IQ1_S and IQ1_M: blocks by hand, with points from ggml's tables, and laws of codebooks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from edgedocs import quantizers
from edgedocs.core.errors import BadInput
from edgedocs.quantizers import codebooks
from tests.contract.quantizers import assert_as_ggml
from tests.oracles import ggml
from tests.quantizers import inputs

HALF_ONE = bytes.fromhex("003c")
ONES = np.ones(256, np.float32)


def encoded(name: str, weights: np.ndarray) -> bytes:
    return quantizers.get(name).quantize(weights.astype(np.float32), ONES).tobytes()


def decoded(name: str, data: bytes | bytearray) -> list[float]:
    return quantizers.get(name).dequantize(np.frombuffer(data, np.uint8)).tolist()


class TestIQ2_XXS:  # noqa: N801
    def test_decodes_points_signs_and_sub_scales(self) -> None:
        data = bytearray(66)
        data[:2] = HALF_ONE
        # Point 1 is 0x080808080808082b and point 2 0x0808080808081919, the lowest byte first; 0 is all 0x08.
        data[2:6] = bytes([0, 1, 2, 0])
        # Of the first eight weights number 0 is negative, and number 7, so that they are even; then numbers 1 and 2.
        data[6:10] = (0b0000001 | 0b0000110 << 7 | 1 << 28).to_bytes(4, "little")
        values = decoded("IQ2_XXS", data)
        step = (0.5 + 1) / 4
        assert values[:8] == [-8 * step, *[8 * step] * 6, -8 * step]
        assert values[8:16] == [43 * step, -8 * step, -8 * step, *[8 * step] * 5]
        assert values[16:24] == [25 * step, 25 * step, *[8 * step] * 6]
        assert values[32:] == [8 * 0.125] * 224

    def test_of_an_odd_number_of_negative_weights_the_least_changes_its_sign(self) -> None:
        weights = np.ones(256)
        weights[0], weights[5] = -1, 0.1
        word = int.from_bytes(encoded("IQ2_XXS", weights)[6:10], "little")
        assert word & 127 == 0b0100001


class TestIQ2_XS:  # noqa: N801
    def test_decodes_points_signs_and_sub_scales(self) -> None:
        data = bytearray(74)
        data[:2] = HALF_ONE
        # Point 511 is 0x2b2b2b2b2b2b2b2b and point 2 0x0808080808081919.
        data[2:4] = (511 | 0b0000001 << 9).to_bytes(2, "little")
        data[6:8] = (2 | 0b1000001 << 9).to_bytes(2, "little")
        data[66] = 1 | 3 << 4
        values = decoded("IQ2_XS", data)
        assert values[:8] == [-43 * 0.375, *[43 * 0.375] * 6, -43 * 0.375]
        assert values[8:16] == [8 * 0.375] * 8
        assert values[16:24] == [-25 * 0.875, 25 * 0.875, *[8 * 0.875] * 4, -8 * 0.875, 8 * 0.875]
        assert values[32:] == [8 * 0.125] * 224


class TestIQ2_S:  # noqa: N801
    def test_decodes_points_signs_and_sub_scales(self) -> None:
        data = bytearray(82)
        data[:2] = HALF_ONE
        # Point 1023 is 0x2b2b2b2b2b2b2b2b, point 1022 0x2b2b2b2b2b082b08, point 1 0x080808080808082b.
        data[2:5] = bytes([255, 254, 1])
        data[34:37] = bytes([0b10000001, 0, 0b00000010])
        data[66] = 3 | 3 << 2
        data[74] = 1 | 3 << 4
        values = decoded("IQ2_S", data)
        assert values[:8] == [-43 * 0.375, *[43 * 0.375] * 6, -43 * 0.375]
        assert values[8:16] == [value * 0.375 for value in (8, 43, 8, 43, 43, 43, 43, 43)]
        assert values[16:24] == [43 * 0.875, -8 * 0.875, *[8 * 0.875] * 6]
        assert values[32:] == [8 * 0.125] * 224


class TestIQ1_S:  # noqa: N801
    def test_decodes_points_shifts_and_sub_scales(self) -> None:
        data = bytearray(50)
        data[:2] = HALF_ONE
        # Point 0 is eight times -1, point 2047 eight times 1, point 2 is 0xffffffffffff0000, the lowest byte first.
        data[2:6] = bytes([0, 255, 2, 0])
        data[34:36] = (0b111 << 3 | 3 << 12).to_bytes(2, "little")
        data[6] = 2
        data[36:38] = (1 << 15).to_bytes(2, "little")
        values = decoded("IQ1_S", data)
        assert values[:8] == [-0.875 * 7] * 8
        assert values[8:16] == [1.125 * 7] * 8
        assert values[16:24] == [0.125 * 7, 0.125 * 7, *[-0.875 * 7] * 6]
        assert values[32:40] == [-0.125, -0.125, *[-1.125] * 6]
        assert values[64:] == [-0.875] * 192


class TestIQ1_M:  # noqa: N801
    def test_decodes_points_shifts_and_scales(self) -> None:
        data = bytearray(56)
        data[:4] = bytes([0, 255, 2, 0])
        data[32:34] = bytes([0b1111 << 4, 0b1000])
        # The scale is 1, 0x3c00, from its lowest four bits on; sub-scales are 3 and 1.
        data[48:56] = b"".join(word.to_bytes(2, "little") for word in (3 | 1 << 3, 0, 0xC << 12, 0x3 << 12))
        values = decoded("IQ1_M", data)
        assert values[:8] == [-0.875 * 7] * 8
        assert values[8:16] == [0.875 * 7] * 8
        assert values[16:24] == [-0.125 * 3, -0.125 * 3, *[-1.125 * 3] * 6]
        assert values[24:32] == [-0.875 * 3] * 8
        assert values[32:] == [-0.875] * 224

    def test_where_ggml_ends_the_process_is_an_error_that_names_a_weight(self) -> None:
        with pytest.raises(BadInput, match=r"row 0, column \d+ is .*e\+\d\d, which overflows .* of IQ1_M"):
            quantizers.get("IQ1_M").quantize(inputs.make("mixed exponents"))

    def test_needs_no_importance(self) -> None:
        """Then the squares of the weights count, so that a weight of 0 may become anything."""
        weights = np.where(np.arange(256) % 8 == 0, np.float32(0), np.float32(1))
        values = quantizers.get("IQ1_M").dequantize(quantizers.get("IQ1_M").quantize(weights))
        assert np.ptp(values[weights == 1]) < 0.3


@pytest.mark.parametrize(
    ("name", "limit"), [("IQ2_XXS", 1e-15), ("IQ2_XS", 1e-15), ("IQ2_S", 1e-8), ("IQ1_S", 1e-12), ("IQ1_M", 1e-7)]
)
def test_what_is_below_the_search_limit_is_zeros(name: str, limit: float) -> None:
    for weights in (np.zeros(256), np.full(256, -0.0), np.full(256, -0.99 * limit)):
        assert not any(encoded(name, weights))
    assert any(encoded(name, np.full(256, 1.01 * limit)))


@pytest.mark.parametrize("name", ["IQ2_XXS", "IQ2_XS", "IQ2_S"])
def test_where_ggml_ends_the_process_is_an_error_that_names_the_weight(name: str) -> None:
    weights = np.random.default_rng(5).standard_normal((3, 512)).astype(np.float32)
    weights[2, 256:] *= 1e16
    weights[2, 300] = 1e17
    with pytest.raises(BadInput, match=rf"blk\.0: row 2, column 300 is 9.*e\+16, which overflows .* of {name}"):
        quantizers.get(name).quantize(weights, np.ones(512, np.float32), where="blk.0")


@pytest.mark.parametrize("name", sorted(name for name in ggml.TYPES if quantizers.get(name).uses_importance))
def test_a_single_block_with_importance_encodes_as_ggml(name: str) -> None:
    """NumPy adds the values of one block in another order than those of several, unless it is told not to."""
    ggml.require()
    random = np.random.default_rng(9)
    importance = (random.random(256) + 0.5).astype(np.float32)
    for weights in (np.full((1, 256), 37.125), random.integers(-9, 10, (1, 256)), random.standard_normal((1, 256))):
        assert_as_ggml(quantizers.get(name), weights.astype(np.float32), importance)
        assert_as_ggml(quantizers.get(name), weights.astype(np.float32), np.ones(256, np.float32))


class TestCodebook:
    @pytest.mark.parametrize(
        ("name", "points"), [("IQ2_XXS", 256), ("IQ2_XS", 512), ("IQ2_S", 1024), ("IQ1_S", 2048), ("IQ3_S", 512)]
    )
    def test_grid_is_found_by_number(self, name: str, points: int) -> None:
        book = codebooks.codebook(name)
        assert_array_equal(book.index[book.numbers(book.codes.astype(np.float32))], np.arange(points))
        assert np.count_nonzero(book.index >= 0) == points
        assert_array_equal(book.counts == 0, book.index >= 0)

    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(name=st.sampled_from(["IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ1_S"]), number=st.integers(0, 3**8 - 1))
    def test_neighbours_are_all_within_the_least_distances_in_order(self, name: str, number: int) -> None:
        book = codebooks.codebook(name)
        if book.index[number] >= 0:
            return
        codes = np.array([number // 3**place % 3 for place in range(8)])[:, np.newaxis]
        distances = np.square(book.codes - codes).sum(axis=0)
        wanted = {"IQ2_XXS": 2, "IQ2_XS": 2, "IQ2_S": 1, "IQ1_S": 3}[name]
        limit = np.unique(distances)[wanted - 1]
        expected = sorted(np.flatnonzero(distances <= limit), key=lambda place: (distances[place], place))
        start = book.starts[number]
        assert book.neighbours[start : start + book.counts[number]].tolist() == expected

    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(seed=st.integers(0, 2**32), count=st.integers(1, 40))
    def test_nearest_is_that_of_a_plain_loop(self, seed: int, count: int) -> None:
        book = codebooks.codebook("IQ2_XS")
        random = np.random.default_rng(seed)
        numbers = random.choice(np.flatnonzero(book.index < 0), count)
        values, mattering = random.random((2, 8, count), np.float32)
        scale = random.random(count, np.float32)
        found = book.nearest(numbers, values, mattering, np.arange(count), scale)
        for column in range(count):
            start = book.starts[numbers[column]]
            places = book.neighbours[start : start + book.counts[numbers[column]]]
            errors = np.zeros(len(places), np.float32)
            for weight in range(8):
                difference = scale[column] * book.points[weight, places] - values[weight, column]
                errors += mattering[weight, column] * difference * difference
            assert found[column] == places[errors.argmin()]

    def test_signs(self) -> None:
        assert codebooks.signs()[0b10000010].tolist() == [1, -1, 1, 1, 1, 1, 1, -1]
        assert (codebooks.even_signs().prod(axis=1) == 1).all()
        assert_array_equal(codebooks.even_signs()[:, :7], codebooks.signs()[:128, :7])
