"""Recoding: from the floats that a model is stored in to the bytes of a format, some rows at a time.

What 16-bit floats become needs no arithmetic for each weight: there are only 65536 of them, so the quantizer is asked
once for each, and the rest is looking up; a kernel is quicker still.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from edgedocs import quantizers
from edgedocs.containers.mapping import Bytes
from edgedocs.core.threads import slices
from edgedocs.quantizers import kernels

CHUNKS_AT_A_TIME = 16
"""Of those that NumPy encodes at a time, mostly 2**20 weights: many enough that asking for them takes little time, few
enough that several threads can hold some, and that whoever interrupts them does not wait long."""
TYPES = {"float16": "F16", "bfloat16": "BF16"}
_CODES_AT_A_TIME = 2**16
_DTYPES = {"F16": np.dtype("<f2"), "BF16": np.dtype(ml_dtypes.bfloat16)}
_INFINITIES = {"F16": 0x7C00, "BF16": 0x7F80}
"""The bits of infinity; greater ones, but for the sign, are no numbers."""

_Encode = Callable[[NDArray[Any], int], Bytes]
"""Encodes rows; the second argument is the number of the first, for error messages."""


def recoded(
    weights: NDArray[Any], target: str, importance: NDArray[np.float32] | None = None, *, where: str
) -> Iterator[Bytes]:
    """The bytes of a tensor in a format, in order, some rows at a time; see :func:`recodings`."""
    return (recode() for recode in recodings(weights, target, importance, where=where))


def recodings(
    weights: NDArray[Any], target: str, importance: NDArray[np.float32] | None = None, *, where: str
) -> Iterator[Callable[[], Bytes]]:
    """What makes the bytes of a tensor in a format: for some rows each, in order, which threads may share.

    Args:
        weights: ``[..., n]`` of float32, float16, bfloat16 or a float of 8 bits.
        target: the format, for example ``"Q4_0"``.
        importance: ``[matrices, n]``, one row for each matrix of a stack, or one for all; None if nothing is known.
        where: the tensor's name, for error messages.

    Yields:
        Functions, each of which gives uint8 ``[rows, bytes a row]``, or raises BadInput if a weight cannot be stored;
        the message names its row, counted from the tensor's first.
    """
    if weights.ndim == 0 or weights.size == 0:
        yield partial(quantizers.get(target).quantize, weights, where=where)
        return
    stacked = importance is not None and len(importance) > 1
    matrices = weights if stacked else weights[np.newaxis]
    for number, matrix in enumerate(matrices):
        columns = None if importance is None else importance[number]
        rows = matrix.reshape(-1, matrix.shape[-1])
        encode = _encoder(_exact(rows[:0]).dtype, target, columns, where)
        for part in slices(len(rows), CHUNKS_AT_A_TIME * quantizers.get(target).chunk_weights // rows.shape[1]):
            yield partial(_recoded, encode, rows, part)


def _recoded(encode: _Encode, rows: NDArray[Any], part: slice) -> Bytes:
    return encode(_exact(rows[part]), part.start)


def _exact(rows: NDArray[Any]) -> NDArray[Any]:
    """The rows themselves; floats of 8 bits as float16, which has all their values."""
    return rows.astype(np.float16) if rows.dtype.itemsize == 1 else rows


def _encoder(dtype: np.dtype[Any], target: str, importance: NDArray[np.float32] | None, where: str) -> _Encode:
    quantizer = quantizers.get(target)
    source = TYPES.get(dtype.name)

    def quantize(rows: NDArray[Any], first_row: int) -> Bytes:
        encoded = quantizer.quantize(rows, importance, 1, where=where, first_row=first_row)
        if target not in _INFINITIES or not _all_finite(encoded.view(np.uint16), _INFINITIES[target]):
            quantizer.validate(encoded, where, first_row)
        return encoded

    def look_up(rows: NDArray[Any], first_row: int) -> Bytes:
        codes = np.ascontiguousarray(rows).view(np.uint16)
        table = None if source == target else _table(str(source), target)
        encoded, finite = _looked_up(table, codes, _INFINITIES[target])
        if not finite:
            quantizer.validate(encoded.view(np.uint8), where, first_row)
        return encoded.view(np.uint8)

    is_quick = source == target or kernels.engine() == "numpy"
    return look_up if source is not None and target in _INFINITIES and is_quick else quantize


def _looked_up(
    table: NDArray[np.uint16] | None, codes: NDArray[np.uint16], infinity: int
) -> tuple[NDArray[np.uint16], bool]:
    """``table[codes]``, or the codes where there is no table, and whether all of it is finite.

    Part by part, so that the indices, which NumPy widens to 64 bits, stay in the processor's cache.
    """
    if table is None:
        return codes, _all_finite(codes, infinity)
    found = np.empty(codes.shape, np.uint16)
    given, made = codes.reshape(-1), found.reshape(-1)
    indices = np.empty(min(len(given), _CODES_AT_A_TIME), np.intp)
    for start in range(0, len(given), _CODES_AT_A_TIME):
        part = slice(start, start + _CODES_AT_A_TIME)
        count = len(given[part])
        indices[:count] = given[part]
        np.take(table, indices[:count], mode="clip", out=made[part])
    return found, _all_finite(found, infinity)


def _all_finite(codes: NDArray[np.uint16], infinity: int) -> bool:
    """Whether 16-bit floats are finite, by their bits: the greatest with a sign, and the greatest without."""
    negative = 0x8000 | infinity
    return not codes.size or (int(codes.view(np.int16).max()) < infinity and int(codes.max()) < negative)


@cache
def _table(source: str, target: str) -> NDArray[np.uint16]:
    """What each float of the source becomes, by its bits."""
    values = np.arange(1 << 16, dtype=np.uint16).view(_DTYPES[source])
    return quantizers.get(target).quantize(values).view(np.uint16)
