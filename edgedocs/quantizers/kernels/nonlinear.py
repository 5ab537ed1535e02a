"""What the kernels of IQ4_NL and IQ4_XS have in common: :mod:`edgedocs.quantizers.nonlinear`, 16 groups at a time."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from edgedocs.quantizers import nonlinear
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load, store
from edgedocs.quantizers.kernels.signed import SMALLEST
from edgedocs.quantizers.kernels.vectors import (
    absolute,
    as_float32,
    as_int32,
    as_uint8,
    constants,
    floats,
    floats8,
    greater,
    inlined,
    pick,
    shuffle,
    where,
)

GROUP_SIZE = nonlinear.GROUP_SIZE
_VALUES = nonlinear.VALUES.astype(np.float32)
_MIDDLES = (_VALUES[1:] + _VALUES[:-1]) / np.float32(2)
_table = constants(nonlinear.VALUES, np.int8)
_TRIES = 7


_first_eight = shuffle(range(8))
_last_eight = shuffle(range(8, 16))
_joined = shuffle(range(16))
_third_middles = constants([*_MIDDLES[1::4], 0, 0, 0, 0], np.float32)
_fourth_middles = constants(_MIDDLES[0::2], np.float32)
_lower_values = constants(_VALUES[:8], np.float32)
_upper_values = constants(_VALUES[8:], np.float32)


@inlined
def nearest(values):
    """The code of the nearest value as int32, in the middle the greater; what is not a number gets the last."""
    return _joined(_nearest(_first_eight(values, values)), _nearest(_last_eight(values, values)))


@inlined
def _nearest(values):
    """The same of eight lanes: a binary search."""
    is_above = ~(values < _MIDDLES[7])
    code = as_int32(is_above)
    code = code << 1 | as_int32(~(values < where(is_above, floats8(_MIDDLES[11]), _MIDDLES[3])))
    code = code << 1 | as_int32(~(values < pick(_third_middles(), code)))
    return code << 1 | as_int32(~(values < pick(_fourth_middles(), code)))


@inlined
def _values_of(codes):
    """What codes stand for, as float32."""
    return _joined(_value_of(_first_eight(codes, codes)), _value_of(_last_eight(codes, codes)))


@inlined
def _value_of(codes):
    """The same of eight lanes."""
    place = codes & 7
    return where(codes > 7, pick(_upper_values(), place), pick(_lower_values(), place))


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
        value, lower, middle = _around(greater(farthest * weight, closest * weight))
        store(found.value, place, value)
        store(found.lower, place, lower)
        store(found.middle, place, middle)
    for number in range(-_TRIES, _TRIES + 1):
        inverse = (np.float32(number) + _VALUES[0]) / largest
        product, norm = _products(groups, found.mattering, found.value, found.lower, found.middle, inverse)
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
        value = _values_of(nearest(scaled))
        weighted = load(mattering, place) * value
        norm += weighted * value
        product += weighted * weight
    return product, norm


@inlined
def _around(highest):
    """The values that a weight may be nearest to, given the highest that it is scaled to: see :class:`Found`.

    All tries scale a weight to 120 to 134 parts of the same. Middles of the same sign are farther apart, so no weight
    comes by more than one of them: below it, the next lower value is the nearest.
    """
    code = nearest(highest)
    value, lower = _values_of(code), _values_of(where(code > 0, code - 1, 0))
    return value, lower, (value + lower) * np.float32(0.5)


@inlined
def _products(groups, mattering, values, lower, middle, inverse):
    """As :func:`_first_products`, from what :func:`_around` gave."""
    product = norm = floats(0)
    for place in range(0, GROUP_SIZE * LANES, LANES):
        weight = load(groups, place)
        is_lower = inverse * weight < load(middle, place)
        value = where(is_lower, load(lower, place), load(values, place))
        weighted = load(mattering, place) * value
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
