"""IQ3_XXS: kernels of :mod:`edgedocs.quantizers.iq3_xxs`."""

from __future__ import annotations

from typing import Any

import numpy as np

from edgedocs.quantizers import iq3_xxs
from edgedocs.quantizers.kernels import mattering, quad_book, quads
from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.memory import load8, store
from edgedocs.quantizers.kernels.quads import SUPER_BLOCK
from edgedocs.quantizers.kernels.reductions import lowest_bit, mask_of, smallest
from edgedocs.quantizers.kernels.rounding import INFINITY_BITS, half_at, write_half
from edgedocs.quantizers.kernels.vectors import absolute, bits_of, constants, inlined, lane, where

BLOCK_BYTES = 98
STEPS = 31
WIDTH = 32
BOOK = quad_book.book("IQ3_XXS", WIDTH)
NUMERATORS = quad_book.numerators(iq3_xxs.NUMERATORS, WIDTH)
DECODED = quad_book.decoded("IQ3_XXS")
SMALLEST, FACTOR = iq3_xxs.SMALLEST, iq3_xxs.FACTOR

_numbers: Any = constants(range(8), np.int32)


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
    _read_signs(weights, start, room)
    for number in range(quads.SUB_BLOCKS):
        greatest, magnitude = quads.read(number, room)
        scale, turned = np.float32(0), 0
        signs = np.int64(0)
        if greatest >= SMALLEST:
            scale, is_right = quads.fit(BOOK, room, NUMERATORS, WIDTH, STEPS, greatest, magnitude, False)
            if not is_right:
                return False
            turned = 127 if scale < 0 else 0
            scale = abs(scale)
            for part in range(4):
                signs |= (np.int64(room.signs[4 * number + part]) ^ turned) << 7 * part
            for point in range(quads.POINTS):
                blocks[at + 2 + quads.POINTS * number + point] = quads.place_of(BOOK, room.chosen[point])
        else:
            for point in range(quads.POINTS):
                blocks[at + 2 + quads.POINTS * number + point] = 0
        room.scales[number] = scale
        room.all_signs[number] = signs
    step, codes, largest = quads.codes_of_scales(room)
    if largest == 0:
        for place in range(BLOCK_BYTES):
            blocks[at + place] = 0
    else:
        write_half(step * FACTOR, blocks, at)
        for number in range(quads.SUB_BLOCKS):
            word = room.all_signs[number] | np.int64(lane(codes, number)) << 28
            for byte in range(4):
                blocks[at + 66 + 4 * number + byte] = word >> 8 * byte & 0xFF
    return True


@inlined
def _read_signs(weights, start, room):
    """Write magnitudes and seven bits of signs of 8 weights each (:func:`codebooks.magnitudes_and_even_signs`)."""
    for group in range(SUPER_BLOCK // 8):
        value = load8(weights, start + 8 * group)
        magnitude = absolute(value)
        signs = mask_of(value < 0)
        odd = signs ^ signs >> 4
        odd ^= odd >> 2
        if (odd ^ odd >> 1) & 1:
            cost = load8(room.mattering, 8 * group) * value * value
            bits = where(cost == cost, bits_of(cost), INFINITY_BITS)
            least = mask_of(bits == smallest(bits)) | mask_of(cost != cost) & 1
            flipped = lowest_bit(least)
            signs ^= 1 << flipped
            magnitude = where(_numbers() == np.int32(flipped), -magnitude, magnitude)
        store(room.magnitudes, 8 * group, magnitude)
        room.signs[group] = signs & 127


@kernel
def decode(blocks, weights):
    for block in range(len(weights) // SUPER_BLOCK):
        at, start = block * BLOCK_BYTES, block * SUPER_BLOCK
        scale = half_at(blocks, at)
        for number in range(quads.SUB_BLOCKS):
            word = np.uint32(0)
            for byte in range(4):
                word |= np.uint32(blocks[at + 66 + 4 * number + byte]) << np.uint32(8 * byte)
            step = scale * (np.float32(word >> 28) + np.float32(0.5)) * np.float32(0.5)
            for part in range(4):
                signs = np.int64(word >> 7 * part & 127)
                odd = signs ^ signs >> 4
                odd ^= odd >> 2
                signs |= ((odd ^ odd >> 1) & 1) << 7
                places = at + 2 + quads.POINTS * number + 2 * part
                quads.write_eight(
                    DECODED, np.int64(blocks[places]), np.int64(blocks[places + 1]), signs, step, weights, start
                )
                start += 8
