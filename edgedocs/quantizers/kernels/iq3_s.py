"""IQ3_S: kernels of :mod:`edgedocs.quantizers.iq3_s`."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import iq3_s
from edgedocs.quantizers.kernels import mattering, quad_book, quads
from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.memory import load8, store
from edgedocs.quantizers.kernels.quads import POINTS, SUB_BLOCKS, SUPER_BLOCK
from edgedocs.quantizers.kernels.reductions import mask_of
from edgedocs.quantizers.kernels.rounding import half_at, write_half
from edgedocs.quantizers.kernels.vectors import absolute, inlined, lane

BLOCK_BYTES = 110
STEPS = 19
WIDTH = 24
BOOK = quad_book.book("IQ3_S", WIDTH)
NUMERATORS = quad_book.numerators(iq3_s.NUMERATORS, WIDTH)
DECODED = quad_book.decoded("IQ3_S")
FACTOR = iq3_s.FACTOR
_UPPER, _SIGNS, _SUB_SCALES = 66, 74, 106
"""Where these fields of a block begin."""


@kernel
def encode(weights, blocks):
    room = quads.room(WIDTH)
    for block in range(len(weights) // SUPER_BLOCK):
        mattering.from_squares(weights, block * SUPER_BLOCK, room.mattering)
        if not _encode(weights, block * SUPER_BLOCK, room, blocks, block * BLOCK_BYTES):
            return False
    return True


@kernel
def encode_with(weights, blocks, importance, first, row_mean_squares):
    room = quads.room(WIDTH)
    for block in range(len(weights) // SUPER_BLOCK):
        column = (first + block) % len(importance)
        mattering.from_importance(weights, block * SUPER_BLOCK, importance, column, room.mattering)
        if not _encode(weights, block * SUPER_BLOCK, room, blocks, block * BLOCK_BYTES):
            return False
    return True


@inlined
def _encode(weights, start, room, blocks, at):
    """Encode a super-block; whether that went well."""
    for place in range(BLOCK_BYTES):
        blocks[at + place] = 0
    for group in range(SUPER_BLOCK // 8):
        value = load8(weights, start + 8 * group)
        store(room.magnitudes, 8 * group, absolute(value))
        room.signs[group] = mask_of(value < 0)
    written = 0  # points and signs of those of zeros are left out
    for number in range(SUB_BLOCKS):
        greatest, magnitude = quads.read(number, room)
        room.scales[number] = 0
        if greatest != 0:
            scale, is_right = quads.fit(BOOK, room, NUMERATORS, WIDTH, STEPS, greatest, magnitude, True)
            if not is_right:
                return False
            room.scales[number] = abs(scale)
            turned = 0xFF if scale < 0 else 0
            upper = np.int64(0)
            for point in range(POINTS):
                place = quads.place_of(BOOK, room.chosen[point])
                blocks[at + 2 + POINTS * written + point] = place & 0xFF
                upper |= np.int64(place >> 8) << point
            blocks[at + _UPPER + number] = upper
            for part in range(4):
                blocks[at + _SIGNS + 4 * written + part] = room.signs[4 * number + part] ^ turned
            written += 1
    step, codes, largest = quads.codes_of_scales(room)
    write_half(step * FACTOR, blocks, at)
    if largest != 0:
        for pair in range(SUB_BLOCKS // 2):
            blocks[at + _SUB_SCALES + pair] = lane(codes, 2 * pair) | lane(codes, 2 * pair + 1) << 4
    return True


@kernel
def decode(blocks, weights):
    for block in range(len(weights) // SUPER_BLOCK):
        at, start = block * BLOCK_BYTES, block * SUPER_BLOCK
        scale = half_at(blocks, at)
        for number in range(SUB_BLOCKS):
            code = blocks[at + _SUB_SCALES + number // 2] >> 4 * (number & 1) & 0x0F
            step = scale * np.float32(2 * code + 1)
            upper = np.int64(blocks[at + _UPPER + number])
            for part in range(4):
                places = at + 2 + POINTS * number + 2 * part
                first = np.int64(blocks[places]) | (upper >> 2 * part & 1) << 8
                second = np.int64(blocks[places + 1]) | (upper >> 2 * part + 1 & 1) << 8
                signs = blocks[at + _SIGNS + 4 * number + part]
                quads.write_eight(DECODED, first, second, signs, step, weights, start)
                start += 8
