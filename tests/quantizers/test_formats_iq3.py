"""IQ3_XXS and IQ3_S: blocks computed by hand, with points from the tables ``iq3xxs_grid`` and ``iq3s_grid``."""

import numpy as np
import pytest

from edgedocs import quantizers
from edgedocs.core.errors import BadInput

HALF_ONE = bytes.fromhex("003c")


def encoded(name: str, weights: np.ndarray) -> bytes:
    return quantizers.get(name).quantize(weights.astype(np.float32)).tobytes()


def decoded(name: str, data: bytes | bytearray) -> list[float]:
    return quantizers.get(name).dequantize(np.frombuffer(data, np.uint8)).tolist()


class TestIQ3_XXS:  # noqa: N801
    def test_decodes_points_signs_and_sub_scales(self) -> None:
        data = bytearray(98)
        data[:2] = HALF_ONE
        # Point 5 is 0x04040c3e and point 255 is 0x3e341c04, the lowest byte first; point 0 is 0x04040404.
        data[2:4] = bytes([5, 255])
        # Of the first eight weights number 0 is negative, and number 7, so that they are even; then numbers 1 and 2.
        data[66:70] = (0b0000001 | 0b0000110 << 7 | 3 << 28).to_bytes(4, "little")
        step = (0.5 + 3) / 2
        values = decoded("IQ3_XXS", data)
        assert values[:8] == [step * value for value in (-62, 12, 4, 4, 4, 28, 52, -62)]
        assert values[8:16] == [step * value for value in (4, -4, -4, 4, 4, 4, 4, 4)]
        assert values[16:32] == [step * 4] * 16
        assert values[32:] == [4 * 0.25] * 224

    def test_of_an_odd_number_of_negative_weights_the_least_changes_its_sign(self) -> None:
        weights = np.ones(256)
        weights[0], weights[5] = -1, 0.1
        weights[8 + 7] = -1
        weights[8 + 2] = 0.1
        data = encoded("IQ3_XXS", weights)
        word = int.from_bytes(data[66:70], "little")
        assert word & 127 == 0b0100001
        assert word >> 7 & 127 == 0b0000100
        assert np.signbit(decoded("IQ3_XXS", data)[:16]).nonzero()[0].tolist() == [0, 5, 10, 15]

    def test_sub_blocks_below_a_hundred_millionth_are_zeros(self) -> None:
        for weights in (np.zeros(256), np.full(256, -0.0), np.full(256, -0.99e-8)):
            assert encoded("IQ3_XXS", weights) == bytes(98)
        assert encoded("IQ3_XXS", np.full(256, 1.01e-8)) != bytes(98)


class TestIQ3_S:  # noqa: N801
    def test_decodes_points_signs_and_sub_scales(self) -> None:
        data = bytearray(110)
        data[:2] = HALF_ONE
        # Point 4 is 0x0101010f; point 255 + 256, with the second bit of ``upper``, 0x0f0f0101; point 0 is 0x01010101.
        data[2:4], data[66] = bytes([4, 255]), 0b10
        data[74] = 0b10000001
        data[106] = 2 | 5 << 4
        values = decoded("IQ3_S", data)
        assert values[:8] == [5 * value for value in (-15, 1, 1, 1, 1, 1, 15, -15)]
        assert values[8:32] == [5] * 24
        assert values[32:64] == [11] * 32
        assert values[64:] == [1] * 192

    def test_a_sub_block_of_zeros_takes_no_place_in_points_and_signs(self) -> None:
        """As in ggml, which does not move on from it; what comes after it has the wrong signs."""
        weights = np.ones(256)
        weights[:32], weights[32:64] = 0, -1
        data = encoded("IQ3_S", weights)
        assert data[74:106] == bytes([255] * 4 + [0] * 28)
        assert data[2:58] != bytes(56)
        assert data[58:66] == bytes(8)
        values = np.array(decoded("IQ3_S", data))
        assert (values[:32] < 0).all()
        assert (values[32:] > 0).all()

    def test_zeros(self) -> None:
        assert encoded("IQ3_S", np.zeros(256)) == encoded("IQ3_S", np.full(256, -0.0)) == bytes(110)


@pytest.mark.parametrize("name", ["IQ3_XXS", "IQ3_S"])
def test_where_the_search_overflows_is_told(name: str) -> None:
    weights = np.ones((2, 512), np.float32)
    weights[1, 300], weights[1, 301] = 2.0**64, -(2.0**65)
    with pytest.raises(BadInput, match=rf"blk\.0: row 1, column 301 is -3.6\S+e\+19, which overflows .* {name}"):
        quantizers.get(name).quantize(weights, where="blk.0")
