"""The codebooks of IQ3_XXS and IQ3_S as kernels want them: four codes of three bits are a word."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from edgedocs.quantizers import codebooks

LEVELS = 8
WIDTH = 8
"""Steps of the search that are worked on at a time."""

OFF_GRID = -1
FOUR = 4
"""Neighbours that are looked at in one go."""

ALL = LEVELS**4 + 1
"""From where on ``Book.start`` is about all neighbours."""


class Book(NamedTuple):
    """A codebook as the search wants it.

    Attributes:
        start: for each word of four codes, where its neighbours begin, in fours; one more at the end. First those that
            can be best unless a value is near the border between two codes, then, from ``ALL`` on, all.
        point: for each word its point, if that is on the grid, else ``OFF_GRID``; four bytes of ``2 * code + 1``.
        place: for each word the place of its point on the grid.
        neighbours: places on the grid; the last of a word is repeated to have whole fours.
        points: as ``point``, by place on the grid.
        rows: for each place on the grid where the rows of its four codes begin, in ``Room.nearby``.
    """

    start: Any
    point: Any
    place: Any
    neighbours: Any
    points: Any
    rows: Any


def book(name: str, width: int) -> Book:
    """The tables of the format called ``name``, whose search has ``width`` steps."""
    known = codebooks.codebook(name)
    codes = known.codes.astype(np.int32)
    points = np.bitwise_or.reduce((2 * codes + 1) << np.arange(0, 32, 8)[:, np.newaxis], axis=0).astype(np.int32)
    on_grid = known.index >= 0
    everything = [
        known.neighbours[first : first + count] for first, count in zip(known.starts, known.counts, strict=True)
    ]
    some = [_undominated(word, places, known.codes) for word, places in enumerate(everything)]
    lists = [
        np.pad(places, (0, -len(places) % FOUR), "edge") if len(places) else places for places in some + everything
    ]
    starts = np.cumsum([0, *map(len, lists)]) // FOUR
    return Book(
        np.concatenate([starts[:ALL], starts[ALL - 1 :]]).astype(np.uint16),
        np.where(on_grid, points[known.index], OFF_GRID).astype(np.int32),
        np.maximum(known.index, 0).astype(np.uint16),
        np.concatenate(lists),
        points,
        (codes.T * (width + WIDTH)).reshape(-1).astype(np.uint16),
    )


def _undominated(word: int, places: Any, codes: Any) -> Any:
    """Of a word's neighbours those that can be best.

    A value is nearer to the point of its own code than to any other, and on the same side nearer to the lesser of two
    distances, unless it is at the border between two codes. So where another neighbour before it is nowhere farther
    away, a neighbour cannot be best, whatever the importance.
    """
    away = codes[:, places].astype(int) - (word >> 3 * np.arange(4)[:, np.newaxis] & 7)
    one, other = away[:, :, np.newaxis], away[:, np.newaxis]
    nearer = (one == 0) | ((np.sign(one) == np.sign(other)) & (np.abs(one) <= np.abs(other)))
    return places[~np.triu(nearer.all(axis=0), 1).any(axis=0)]


def numerators(values: Any, width: int) -> Any:
    """The numerators of the inverse scales, the last repeated up to ``width``."""
    return np.concatenate([values, np.full(width - len(values), values[-1])]).astype(np.float32)


def decoded(name: str) -> Any:
    """What the points of the grid are worth when a block is decoded, flat ``[n, 4]``."""
    return codebooks.decoded_points(name).reshape(-1)
