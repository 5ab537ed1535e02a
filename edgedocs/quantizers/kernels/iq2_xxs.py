"""IQ2_XXS: kernels of :mod:`edgedocs.quantizers.iq2_xxs`, two super-blocks at a time."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import codebooks
from edgedocs.quantizers.kernels import octet_blocks, octets
from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import at, gather, store
from edgedocs.quantizers.kernels.octet_blocks import OCTETS, SMALLEST, SUPER_BLOCK
from edgedocs.quantizers.kernels.octets import OCTET
from edgedocs.quantizers.kernels.positive import positive
from edgedocs.quantizers.kernels.rounding import half_at
from edgedocs.quantizers.kernels.vectors import constants, inlined

BLOCK_BYTES = 66
PARTS, PART_BYTES = 2, 8
"""Where the parts are in a block, and how long one is."""

GROUPS = 4
SUB_BLOCKS = 8
SUB_BLOCK_SIZE = GROUPS * OCTET
LARGEST_CODE = 4
ALL_SIGNS = 127
STEPS = 13
NUMERATORS = octet_blocks.padded(codebooks.halves_tried(6))
BOOK = octets.book("IQ2_XXS")
DECODED = octet_blocks.decoded_points("IQ2_XXS")
FACTORS = octet_blocks.sign_bits(codebooks.even_signs())

_sub_blocks = constants([SUB_BLOCK_SIZE * number for number in range(LANES)], np.int32)


@kernel
def encode_with(weights, blocks, importance, first, row_mean_squares):
    room, found = octets.room(2 * SUPER_BLOCK), octet_blocks.found_room(2 * OCTETS)
    values, mattering = np.empty(2 * SUPER_BLOCK, np.float32), np.empty(2 * SUPER_BLOCK, np.float32)
    codes = np.empty(2 * SUPER_BLOCK, np.int32)
    for start in range(0, len(weights), LANES * SUPER_BLOCK):
        count = min(LANES, (len(weights) - start) // SUPER_BLOCK)
        octet_blocks.mean_squares(weights, start, count, np.float32(1), found.means)
        for number in range(0, count, 2):
            pair = min(2, count - number)
            for one in range(2):
                block = start // SUPER_BLOCK + min(number + one, count - 1)
                row = importance[(first + block) % len(importance)]
                to, mean = one * SUPER_BLOCK, found.means[min(number + one, count - 1)]
                octet_blocks.matter_with(weights, block * SUPER_BLOCK, row, mean, room.mattering, to)
                octet_blocks.split_signs(weights, block * SUPER_BLOCK, True, room, to, found.signs)
            for place in range(SUB_BLOCK_SIZE):
                store(values, place * LANES, gather(room.values, _sub_blocks() + place))
                store(mattering, place * LANES, gather(room.mattering, _sub_blocks() + place))
            store(found.scales, 0, positive(values, mattering, codes, SUB_BLOCK_SIZE, LARGEST_CODE))
            for sub_block in range(pair * SUB_BLOCKS):
                if not _search(room, found, sub_block):
                    return False
            for one in range(pair):
                place = (start // SUPER_BLOCK + number + one) * BLOCK_BYTES
                _write(found, one * SUB_BLOCKS, blocks, place)
    return True


@inlined
def _search(room, found, sub_block):
    """Find scale, points and signs of a sub-block, given what the scale starts from."""
    place = sub_block * SUB_BLOCK_SIZE
    start = found.scales[sub_block]
    largest = start * np.float32(3)
    if octet_blocks.largest_of(room.values, place, GROUPS) < SMALLEST or largest <= 0:
        octet_blocks.keep_zeros(found, sub_block, GROUPS)
        return True
    scale, well = octets.fitted(BOOK, room, place, GROUPS, NUMERATORS, STEPS, start, largest, True, found.index)
    octet_blocks.keep(found, sub_block, GROUPS, scale, ALL_SIGNS)
    return well


@inlined
def _write(found, first, blocks, place):
    """Write a block, given its first sub-block."""
    step, largest = octet_blocks.scale_codes(found, first, SUB_BLOCKS)
    if largest == 0:
        blocks[place : place + BLOCK_BYTES] = 0
        return
    octet_blocks.write_half(step, blocks, place)
    for sub_block in range(SUB_BLOCKS):
        part = place + PARTS + sub_block * PART_BYTES
        word = np.int64(found.codes[sub_block]) << 28
        for octet in range(GROUPS):
            number = (first + sub_block) * GROUPS + octet
            blocks[part + octet] = found.index[number]
            word |= np.int64(found.signs[number]) << 7 * octet
        for byte in range(4):
            blocks[part + GROUPS + byte] = word >> 8 * byte & 0xFF


@kernel
def decode(blocks, weights):
    for block in range(len(weights) // SUPER_BLOCK):
        place = block * BLOCK_BYTES
        scale = half_at(blocks, place)
        for sub_block in range(SUB_BLOCKS):
            part = place + PARTS + sub_block * PART_BYTES
            word = np.int64(0)
            for byte in range(4):
                word |= np.int64(at(blocks, part + GROUPS + byte)) << 8 * byte
            step = octet_blocks.sub_step(scale, word >> 28)
            for octet in range(GROUPS):
                index, signs = np.int64(at(blocks, part + octet)), word >> 7 * octet & 127
                to = block * SUPER_BLOCK + sub_block * SUB_BLOCK_SIZE + octet * OCTET
                octet_blocks.decode_octet(DECODED, index, step, FACTORS, signs, weights, to)
