"""Groups of weights as lanes, by shuffles: as :func:`.groups.read_groups`, of groups that begin anywhere."""

from __future__ import annotations

from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import load8, store
from edgedocs.quantizers.kernels.vectors import inlined, shuffle

_SINGLES = shuffle([0, 8, 1, 9, 4, 12, 5, 13])
_LATER_SINGLES = shuffle([2, 10, 3, 11, 6, 14, 7, 15])
_PAIRS = shuffle([0, 1, 8, 9, 4, 5, 12, 13])
_LATER_PAIRS = shuffle([2, 3, 10, 11, 6, 7, 14, 15])
_FOURS = shuffle([0, 1, 2, 3, 8, 9, 10, 11])
_LATER_FOURS = shuffle([4, 5, 6, 7, 12, 13, 14, 15])


@inlined
def read_transposed(source, starts, size, values):
    """Write weights to ``values`` as ``[size, 16]``: weight ``i`` of all groups are neighbours.

    Args:
        source: where the weights are, flat.
        starts: where each of 16 groups begins.
        size: how many weights a group has, a multiple of 8.
        values: flat, with room for ``16 * size``.
    """
    for half in range(0, LANES, 8):
        for place in range(0, size, 8):
            at = place * LANES + half
            for column in transposed(source, starts, half, place):
                store(values, at, column)
                at += LANES


@inlined
def transposed(source, starts, group, place):
    """Eight weights from ``place`` on of eight groups, from ``group`` on: 8 lanes of each weight, a group a lane."""
    a, b = load8(source, starts[group] + place), load8(source, starts[group + 1] + place)
    c, d = load8(source, starts[group + 2] + place), load8(source, starts[group + 3] + place)
    e, f = load8(source, starts[group + 4] + place), load8(source, starts[group + 5] + place)
    g, h = load8(source, starts[group + 6] + place), load8(source, starts[group + 7] + place)
    a, b, c, d = _SINGLES(a, b), _LATER_SINGLES(a, b), _SINGLES(c, d), _LATER_SINGLES(c, d)
    e, f, g, h = _SINGLES(e, f), _LATER_SINGLES(e, f), _SINGLES(g, h), _LATER_SINGLES(g, h)
    a, b, c, d = _PAIRS(a, c), _LATER_PAIRS(a, c), _PAIRS(b, d), _LATER_PAIRS(b, d)
    e, f, g, h = _PAIRS(e, g), _LATER_PAIRS(e, g), _PAIRS(f, h), _LATER_PAIRS(f, h)
    return (
        _FOURS(a, e),
        _FOURS(b, f),
        _FOURS(c, g),
        _FOURS(d, h),
        _LATER_FOURS(a, e),
        _LATER_FOURS(b, f),
        _LATER_FOURS(c, g),
        _LATER_FOURS(d, h),
    )
