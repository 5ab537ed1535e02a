"""Blocks computed by hand, and the whole range of the formats of one weight a block."""

import numpy as np
from numpy.testing import assert_array_equal

from edgedocs import quantizers
from tests.oracles import ggml

HALF_ONE = bytes.fromhex("003c")
HALF_MINUS_ONE = bytes.fromhex("00bc")


def block(*values: float) -> np.ndarray:
    """A block of 32 weights: the values, then zeros."""
    return np.array([*values, *[0.0] * (32 - len(values))], np.float32)


def encoded(name: str, weights: np.ndarray) -> bytes:
    return quantizers.get(name).quantize(weights).tobytes()


def decoded(name: str, data: bytes) -> list[float]:
    return quantizers.get(name).dequantize(np.frombuffer(data, np.uint8)).tolist()


class TestQ8_0:  # noqa: N801
    def test_scale_is_the_greatest_magnitude_over_127_and_halves_round_away_from_zero(self) -> None:
        data = encoded("Q8_0", block(127, 1, -1, 0.5, -0.5, 1.5, 2.5, 0.4999, -127))
        assert data == HALF_ONE + bytes([127, 1, 255, 1, 255, 2, 3, 0, 129] + [0] * 23)
        assert decoded("Q8_0", data)[:9] == [127, 1, -1, 1, -1, 2, 3, 0, -127]

    def test_zeros(self) -> None:
        assert encoded("Q8_0", block()) == bytes(34)
        assert encoded("Q8_0", -block()) == bytes(34)

    def test_codes_come_from_the_scale_before_it_is_a_float16(self) -> None:
        # 3e-9 / 127 is below the least float16, so the stored scale is 0, but the codes are those of the true scale.
        data = encoded("Q8_0", block(3e-9, -3e-9))
        assert data == bytes([0, 0, 127, 129] + [0] * 30)
        assert decoded("Q8_0", data) == [0.0] * 32


class TestQ4_0:  # noqa: N801
    def test_weight_j_and_weight_j_plus_16_share_byte_j(self) -> None:
        rising = np.arange(-8, 8)
        weights = np.concatenate([rising, rising[::-1]]).astype(np.float32)
        data = encoded("Q4_0", weights)
        assert data == HALF_ONE + bytes(low | (15 - low) << 4 for low in range(16))
        assert decoded("Q4_0", data) == weights.tolist()

    def test_positive_greatest_weight_turns_the_scale_negative(self) -> None:
        data = encoded("Q4_0", block(8, -8, 3.5, -3.5))
        # 8 is -8 steps of -1: code 0. -8 would be code 16 and gets 15, so it decodes to -7.
        assert data == HALF_MINUS_ONE + bytes([0x80, 0x8F, 0x85, 0x8C] + [0x88] * 12)
        assert decoded("Q4_0", data)[:4] == [8, -7, 3, -4]

    def test_the_first_of_equal_magnitudes_decides(self) -> None:
        assert encoded("Q4_0", block(0, -8, 8))[:2] == HALF_ONE
        assert encoded("Q4_0", block(0, 8, -8))[:2] == HALF_MINUS_ONE

    def test_zeros_have_a_negative_zero_scale(self) -> None:
        for zeros in (block(), -block()):
            assert encoded("Q4_0", zeros) == bytes.fromhex("0080") + bytes([0x88] * 16)


class TestQ6_K:  # noqa: N801
    def test_decodes_lower_and_upper_bits_of_each_quarter(self) -> None:
        data = bytearray(210)
        data[208:] = HALF_ONE
        data[192:208] = bytes(range(1, 16)) + bytes([256 - 16])
        # Weight 3 of each quarter of the first half: codes 5, 21, 40, 63, so lower bits 5, 5, 8, 15, upper 0, 1, 2, 3.
        data[3], data[35], data[131] = 5 | 8 << 4, 5 | 15 << 4, 0 | 1 << 2 | 2 << 4 | 3 << 6
        values = decoded("Q6_K", bytes(data))
        assert [values[index] for index in (3, 35, 67, 99)] == [(5 - 32) * 1, (21 - 32) * 3, (40 - 32) * 5, 31 * 7]
        assert values[255] == -32 * -16

    def test_a_constant_is_one_step_away_from_the_lowest_code(self) -> None:
        weights = np.full(256, -1, np.float32)
        data = encoded("Q6_K", weights)
        assert data[:192] == bytes(192)
        assert decoded("Q6_K", data) == weights.tolist()

    def test_zeros(self) -> None:
        assert encoded("Q6_K", np.zeros(256, np.float32)) == bytes(210)


class TestBF16:
    def test_ties_go_to_even(self) -> None:
        bits = np.array([0x3F808000, 0x3F818000, 0x3F808001, 0x3F807FFF, 0xFF7FFFFF], np.uint32)
        assert quantizers.get("BF16").quantize(bits.view(np.float32)).view("<u2").tolist() == [
            0x3F80,
            0x3F82,
            0x3F81,
            0x3F80,
            0xFF80,
        ]

    def test_not_a_number_stays_so_when_its_lower_bits_are_cut(self) -> None:
        bits = np.array([0x7F800001, 0xFFFFFFFF], np.uint32)
        assert quantizers.get("BF16").quantize(bits.view(np.float32)).view("<u2").tolist() == [0x7FC0, 0xFFFF]


class TestF16:
    def test_range_ends(self) -> None:
        values = np.array([65504, 65519.996, 65520, -65520, 2**-24, 2**-25, 2**-25 * 1.0001], np.float32)
        expected = [0x7BFF, 0x7BFF, 0x7C00, 0xFC00, 1, 0, 1]
        assert quantizers.get("F16").quantize(values).view("<u2").tolist() == expected


def test_every_16_bit_pattern_decodes_as_ggml() -> None:
    ggml.require()
    patterns = np.arange(2**16, dtype="<u2").view(np.uint8)[np.newaxis]
    for name in ("F16", "BF16"):
        expected = ggml.dequantize(name, patterns)
        assert_array_equal(quantizers.get(name).dequantize(patterns).view(np.uint32), expected.view(np.uint32))


def test_every_upper_half_of_a_float32_encodes_as_ggml() -> None:
    """All signs, exponents, infinities and what is not a number, with lower halves at the edges of rounding."""
    ggml.require()
    lower = np.array([0, 1, 0x0FFF, 0x1000, 0x1001, 0x7FFF, 0x8000, 0x8001, 0xFFFF], np.uint32)
    weights = (np.arange(2**16, dtype=np.uint32)[:, np.newaxis] << 16 | lower).view(np.float32)
    for name in ("F32", "F16", "BF16"):
        assert_array_equal(quantizers.get(name).quantize(weights), ggml.quantize(name, weights))
