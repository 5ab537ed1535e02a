"""Codes without gaps: a stream written out by hand, and the round trip of any."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_array_equal

from edgedocs.quantizers import bit_stream


def test_three_bits_cross_bytes() -> None:
    # 1 | 2 << 3 | 7 << 6 | 4 << 9 = 0b100_111_010_001
    packed = bit_stream.pack(np.array([1, 2, 7, 4], np.uint8), 3)
    assert packed.tolist() == [0b11010001, 0b1001]
    assert bit_stream.unpack(packed, 3, 4).tolist() == [1, 2, 7, 4]


def test_only_the_lowest_bits_count() -> None:
    assert bit_stream.pack(np.array([0xF1, 0xFE], np.uint8), 4).tolist() == [0xE1]


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(data=st.data(), bits=st.integers(1, 8))
def test_round_trip(data: st.DataObject, bits: int) -> None:
    shape = data.draw(array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=9))
    codes = data.draw(arrays(np.uint8, shape, elements=st.integers(0, 2**bits - 1)))
    packed = bit_stream.pack(codes, bits)
    assert packed.shape == (*shape[:-1], bit_stream.size(shape[-1], bits))
    assert_array_equal(bit_stream.unpack(packed, bits, shape[-1]), codes)
