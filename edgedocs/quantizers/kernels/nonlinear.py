"""What the kernels of IQ4_NL and IQ4_XS have in common: :mod:`edgedocs.quantizers.nonlinear`, 16 groups at a time."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from edgedocs.quantizers import nonlinear
from edgedocs.quantizers.kernels.groups import largest_weights
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load, store
from edgedocs.quantizers.kernels.signed import SMALLEST
from edgedocs.quantizers.kernels.vectors import (
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
_even_values = constants(_VALUES[0::2], np.float32)
_odd_values = constants(_VALUES[1::2], np.float32)
_below_even_values = constants([_VALUES[0], *_VALUES[1:-1:2]], np.float32)


@inlined
def nearest(values):
    """The code of the nearest value as int32, in the middle the greater; what is not a number gets the last."""
    return _joined(_nearest(_first_eight(values, values)), _nearest(_last_eight(values, values)))


@inlined
def _nearest(values):
    """The same of eight lanes."""
    pair, is_odd = _pair(values)
    return pair << 1 | as_int32(is_odd)


@inlined
def _pair(values):
    """Half of the nearest code, and whether it is odd, of eight lanes: a binary search."""
    is_above = ~(values < _MIDDLES[7])
    code = as_int32(is_above)
    code = code << 1 | as_int32(~(values < where(is_above, floats8(_MIDDLES[11]), _MIDDLES[3])))
    code = code << 1 | as_int32(~(values < pick(_third_middles(), code)))
    return code, ~(values < pick(_fourth_middles(), code))


@inlined
def _nearest_values(values):
    """The nearest value of each lane, and the next lower one; that of the lowest is itself."""
    upper_first, lower_first = _values_of(_first_eight(values, values))
    upper_last, lower_last = _values_of(_last_eight(values, values))
    return _joined(upper_first, upper_last), _joined(lower_first, lower_last)


@inlined
def _values_of(values):
    """The same of eight lanes."""
    pair, is_odd = _pair(values)
    even, odd, below = pick(_even_values(), pair), pick(_odd_values(), pair), pick(_below_even_values(), pair)
    return where(is_odd, odd, even), where(is_odd, even, below)


class Found(NamedTuple):
    """What is known of 16 groups, each ``[32, 16]``, flat.

    Attributes:
        groups: the weights.
        mattering: how much each matters.
        middle: between the values that it may be nearest to, of which the lower is next to the upper.
        lower_product: the lower value's part of the sum of weight times value; see :func:`_first_products`.
        lower_norm: its part of the sum of value times value.
        upper_product: that of the upper value.
        upper_norm: likewise.
    """

    groups: Any
    mattering: Any
    middle: Any
    lower_product: Any
    lower_norm: Any
    upper_product: Any
    upper_norm: Any


@inlined
def room():
    """Room for 16 groups."""
    return Found(
        np.empty(GROUP_SIZE * LANES, np.float32),
        np.empty(GROUP_SIZE * LANES, np.float32),
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
    largest, magnitude = largest_weights(groups, 0, GROUP_SIZE)
    product, norm = _first_products(groups, found.mattering, 1 / (-largest / _VALUES[0]))
    scale = where(norm > 0, product / norm, 0)
    best = scale * product
    _prepare(found, (_VALUES[0] - _TRIES) / largest, (_VALUES[0] + _TRIES) / largest)
    for number in range(-_TRIES, _TRIES + 1, 3):
        first = _VALUES[0] + np.float32(number)
        inverses = first / largest, (first + 1) / largest, (first + 2) / largest
        products, norms = _three_products(found, inverses)
        scale, best = _better(products[0], norms[0], scale, best)
        scale, best = _better(products[1], norms[1], scale, best)
        scale, best = _better(products[2], norms[2], scale, best)
    return where(magnitude >= SMALLEST, scale, 0)


@inlined
def _better(product, norm, scale, best):
    """Scale and score of the better of a try and the best so far."""
    is_better = (norm > 0) & (product * product > best * norm)
    candidate = product / norm
    return where(is_better, candidate, scale), where(is_better, candidate * product, best)


@inlined
def _first_products(groups, mattering, inverse):
    """The weighted sums of weight times value and of value times value."""
    product = norm = floats(0)
    for place in range(0, GROUP_SIZE * LANES, LANES):
        weight = load(groups, place)
        value, _ = _nearest_values(inverse * weight)
        weighted = load(mattering, place) * value
        norm += weighted * value
        product += weighted * weight
    return product, norm


@inlined
def _prepare(found, farthest, closest):
    """Write what tries have in common.

    All tries scale a weight to 120 to 134 parts of the same. Middles of the same sign are farther apart, so no weight
    comes by more than one of them: below it, the next lower value is the nearest.
    """
    for place in range(0, GROUP_SIZE * LANES, LANES):
        weight, matters = load(found.groups, place), load(found.mattering, place)
        upper, lower = _nearest_values(greater(farthest * weight, closest * weight))
        store(found.middle, place, (upper + lower) * np.float32(0.5))
        weighted = matters * upper
        store(found.upper_norm, place, weighted * upper)
        store(found.upper_product, place, weighted * weight)
        weighted = matters * lower
        store(found.lower_norm, place, weighted * lower)
        store(found.lower_product, place, weighted * weight)


@inlined
def _three_products(found, inverses):
    """As :func:`_first_products` of three tries, which share what is read."""
    product1 = product2 = product3 = norm1 = norm2 = norm3 = floats(0)
    for place in range(0, GROUP_SIZE * LANES, LANES):
        weight, middle = load(found.groups, place), load(found.middle, place)
        lower_product, lower_norm = load(found.lower_product, place), load(found.lower_norm, place)
        upper_product, upper_norm = load(found.upper_product, place), load(found.upper_norm, place)
        is_lower = inverses[0] * weight < middle
        norm1 += where(is_lower, lower_norm, upper_norm)
        product1 += where(is_lower, lower_product, upper_product)
        is_lower = inverses[1] * weight < middle
        norm2 += where(is_lower, lower_norm, upper_norm)
        product2 += where(is_lower, lower_product, upper_product)
        is_lower = inverses[2] * weight < middle
        norm3 += where(is_lower, lower_norm, upper_norm)
        product3 += where(is_lower, lower_product, upper_product)
    return (product1, product2, product3), (norm1, norm2, norm3)


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
