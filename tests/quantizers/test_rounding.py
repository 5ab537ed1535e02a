"""Roundings against Python's exact arithmetic."""

import math
from fractions import Fraction

import numpy as np

from edgedocs.quantizers.rounding import nearest_int, round_half_away, to_half


def edges() -> np.ndarray:
    """All halves and whole numbers up to 130, both signs, with the float32 numbers around them.

    Rounding is a rising staircase, so right at the edges means right everywhere between.
    """
    points = np.arange(0, 130, 0.5, np.float32)
    near = np.concatenate([points, np.nextafter(points, np.float32(1e9)), np.nextafter(points, np.float32(-1e9))])
    return np.concatenate([near, -near])


def test_round_half_away_is_roundf() -> None:
    for value, found in zip(edges(), round_half_away(edges()), strict=True):
        exact = Fraction(float(value))
        expected = math.floor(abs(exact) + Fraction(1, 2))
        assert found == math.copysign(expected, value), value


def test_nearest_int_rounds_halves_to_even() -> None:
    for value, found in zip(edges(), nearest_int(edges()), strict=True):
        assert found == round(Fraction(float(value))), value


def test_nearest_int_outside_its_range() -> None:
    with np.errstate(invalid="ignore"):
        found = nearest_int(np.array([np.nan, np.inf, -np.inf, 4194303, -4194304], np.float32))
    assert found.tolist() == [0, -4194304, -4194304, 4194303, -4194304]


def test_to_half_drops_the_payload_of_what_is_not_a_number() -> None:
    bits = np.array([0x7F800001, 0xFFFFE000, 0x3F800000], np.uint32)
    assert to_half(bits.view(np.float32)).view(np.uint16).tolist() == [0x7E00, 0xFE00, 0x3C00]
