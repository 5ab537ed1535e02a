"""What the kernels of IQ4_NL and IQ4_XS have in common: :mod:`edgedocs.quantizers.nonlinear`, 16 groups at a time."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from edgedocs.quantizers import nonlinear
from edgedocs.quantizers.kernels.signed import SMALLEST
from edgedocs.quantizers.kernels.vectors import (
    LANES,
    absolute,
    as_float32,
    as_int32,
    as_uint8,
    constants,
    floats,
    greater,
    inlined,
    integers,
    load,
    pick,
    store,
    where,
)

GROUP_SIZE = nonlinear.GROUP_SIZE
_VALUES = tuple(np.float32(value) for value in nonlinear.VALUES)
_MIDDLES = tuple((low + high) / np.float32(2) for low, high in pairwise(_VALUES))
_table = constants(nonlinear.VALUES, np.int8)
_TRIES = 7


@inlined
def nearest(values):
    """The code of the nearest value as int32, in the middle the greater; what is not a number gets the last."""
    codes = integers(0)
    for code in range(15):
        codes += as_int32(~(values < _MIDDLES[code]))
    return codes


class Found(NamedTuple):
    """What is known of 16 groups, each ``[32, 16]``, flat.

    Attributes:
        groups: the weights.
        mattering: how much each matters.
        value: the nearest value of the highest that the weight is scaled to.
        lower: the next lower value.
        middle: where the two meet.
    """

    groups: Any
    mattering: Any
    value: Any
    lower: Any
    middle: Any


@inlined
def room():
    """Room for 16 groups."""
    return Found(
        np.empty(GROUP_SIZE * LANES, np.float32),
        np.empty(GROUP_SIZE * LANES, np.float32),
        np.empty(GROUP_SIZE * LANES, np.float32),
        np.empty(GROUP_SIZE * LANES, np.float32),
        np.empty(GROUP_SIZE * LANES, np.float32),
    )


@inlined
def from_squares(found):
    """Write how much each weight matters if nothing is known."""
    for place in range(0, GROUP_SIZE * LANES, LANES):
        value = load(found.groups, place)
        store(found.mattering, place, value * value)


@inlined
def scales(found):
    """The scale of each group that makes the weighted squared error least; 0 for zeros."""
    groups = found.groups
    largest, magnitude = floats(0), floats(0)
    for place in range(0, GROUP_SIZE * LANES, LANES):
        weight = load(groups, place)
        is_larger = absolute(weight) > magnitude
        largest, magnitude = where(is_larger, weight, largest), where(is_larger, absolute(weight), magnitude)
    product, norm = _first_products(groups, found.mattering, 1 / (-largest / _VALUES[0]))
    scale = where(norm > 0, product / norm, 0)
    best = scale * product
    farthest, closest = (_VALUES[0] - _TRIES) / largest, (_VALUES[0] + _TRIES) / largest
    for place in range(0, GROUP_SIZE * LANES, LANES):
        weight = load(groups, place)
        _between(greater(farthest * weight, closest * weight), place, found)
    for number in range(-_TRIES, _TRIES + 1):
        inverse = (np.float32(number) + _VALUES[0]) / largest
        product, norm = _products(found, inverse)
        is_better = (norm > 0) & (product * product > best * norm)
        candidate = product / norm
        scale = where(is_better, candidate, scale)
        best = where(is_better, candidate * product, best)
    return where(magnitude >= SMALLEST, scale, 0)


@inlined
def _first_products(groups, mattering, inverse):
    """The weighted sums of weight times value and of value times value."""
    product = norm = floats(0)
    for place in range(0, GROUP_SIZE * LANES, LANES):
        weight = load(groups, place)
        scaled = inverse * weight
        value = floats(_VALUES[0])
        for code in range(15):
            value = where(scaled < _MIDDLES[code], value, _VALUES[code + 1])
        weighted = load(mattering, place) * value
        norm += weighted * value
        product += weighted * weight
    return product, norm


@inlined
def _between(highest, place, found):
    """Write the values that a weight may be nearest to: see :class:`Found`.

    All tries scale a weight to 120 to 134 parts of the same. Middles of the same sign are farther apart, so no weight
    comes by more than one of them: below it, the next lower value is the nearest.
    """
    nearest_value = next_lower = floats(_VALUES[0])
    meeting = floats(_MIDDLES[0])
    for code in range(15):
        is_lower = highest < _MIDDLES[code]
        nearest_value = where(is_lower, nearest_value, _VALUES[code + 1])
        next_lower = where(is_lower, next_lower, _VALUES[code])
        meeting = where(is_lower, meeting, _MIDDLES[code])
    store(found.value, place, nearest_value)
    store(found.lower, place, next_lower)
    store(found.middle, place, meeting)


@inlined
def _products(found, inverse):
    """As :func:`_first_products`, from what :func:`_between` wrote."""
    product = norm = floats(0)
    for place in range(0, GROUP_SIZE * LANES, LANES):
        weight = load(found.groups, place)
        is_lower = inverse * weight < load(found.middle, place)
        value = where(is_lower, load(found.lower, place), load(found.value, place))
        weighted = load(found.mattering, place) * value
        norm += weighted * value
        product += weighted * weight
    return product, norm


@inlined
def write_pairs(weights, start, inverse, blocks, at):
    """Write the codes of a group; ``inverse`` is that of what one is worth."""
    low = nearest(load(weights, start) * inverse)
    high = nearest(load(weights, start + LANES) * inverse)
    store(blocks, at, as_uint8(low | high << 4))


@inlined
def decode_pairs(blocks, at, step, weights, start):
    """Write the weights of a group."""
    pairs = load(blocks, at)
    store(weights, start, as_float32(pick(_table(), pairs & 0x0F)) * step)
    store(weights, start + LANES, as_float32(pick(_table(), pairs >> 4)) * step)
