"""Groups of weights as lanes: :func:`edgedocs.quantizers.search.groups` for 16 groups, and ways to write them back."""

from __future__ import annotations

from edgedocs.quantizers.kernels.vectors import LANES, inlined


@inlined
def read_groups(source, start, stride, size, count, values):
    """Write weights to ``values`` as ``[size, 16]``: weight ``i`` of all groups are neighbours.

    Args:
        source: where the weights are.
        start: where the first group begins.
        stride: from the beginning of one group to that of the next.
        size: how many weights a group has.
        count: how many groups there are; where there are less than 16, the last is repeated.
        values: flat, with room for ``16 * size``.
    """
    for group in range(LANES):
        first = start + min(group, count - 1) * stride
        for place in range(size):
            values[place * LANES + group] = source[first + place]


@inlined
def read_importance(importance, block, size, count, values):
    """Write the importance of the columns of 16 blocks to ``values`` as ``[size, 16]``.

    Args:
        importance: ``[blocks of a row, size]``.
        block: the number of the first block in its tensor.
        size: how many weights a block has.
        count: how many blocks there are; where there are less than 16, the last is repeated.
        values: flat, with room for ``16 * size``.
    """
    for group in range(LANES):
        column = (block + min(group, count - 1)) % len(importance)
        for place in range(size):
            values[place * LANES + group] = importance[column, place]
