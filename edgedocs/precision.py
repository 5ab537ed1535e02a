"""Precision: bits a weight, what the numbers of bits are called, and what they save.

>>> bits_per_weight(18, 32)
4.5
>>> saving(4.5, 16)
0.71875
>>> precision_class(4.5).name
'low'
"""

from __future__ import annotations

from dataclasses import dataclass

from edgedocs.core.errors import BadInput


@dataclass(frozen=True)
class PrecisionClass:
    """A range of bits a weight that the handbook speaks of by one name.

    Attributes:
        name: ``"low"``, say.
        lowest: the least nominal number of bits in it.
        highest: the greatest.
    """

    name: str
    lowest: int
    highest: int


CLASSES = (
    PrecisionClass("ultra-low", 1, 2),
    PrecisionClass("low", 3, 4),
    PrecisionClass("medium", 5, 8),
    PrecisionClass("half", 16, 16),
    PrecisionClass("full", 32, 32),
)
"""From fewest bits to most."""


def precision_class(bits: float) -> PrecisionClass:
    """The class of a format that takes ``bits`` a weight.

    Scales add a fraction to the nominal number of bits (Q4_0 takes 4.5, Q2_K 2.625), so the nominal number is the
    whole number below.

    Raises:
        BadInput: if no class has so many bits.
    """
    for found in CLASSES:
        if found.lowest <= int(bits) <= found.highest:
            return found
    ranges = ", ".join(f"{one.lowest} to {one.highest}" for one in CLASSES)
    raise BadInput(f"no precision class has {bits:g} bits a weight", expected=f"{ranges} bits")


def bits_per_weight(nbytes: int, weights: int) -> float:
    """Bits a weight takes.

    Args:
        nbytes: the size of what holds the weights, in bytes.
        weights: how many weights it holds.

    Raises:
        BadInput: if there are no weights, or fewer than no bytes.
    """
    if weights <= 0 or nbytes < 0:
        raise BadInput(f"{nbytes} bytes for {weights} weights", expected="at least one weight, and no negative size")
    return 8 * nbytes / weights


def saving(bits: float, baseline_bits: float) -> float:
    """The share of the baseline's size that is saved; 0.75 means a quarter is left, a negative share that it grew.

    Args:
        bits: bits a weight.
        baseline_bits: bits a weight of what it is compared with.

    Raises:
        BadInput: if the baseline is not positive.
    """
    if baseline_bits <= 0:
        raise BadInput(f"a baseline of {baseline_bits:g} bits a weight", expected="more than 0 bits")
    return 1 - bits / baseline_bits
