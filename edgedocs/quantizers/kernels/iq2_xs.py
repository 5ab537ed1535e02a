"""IQ2_XS: kernels of :mod:`edgedocs.quantizers.iq2_xs`."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import codebooks
from edgedocs.quantizers.kernels import octet_blocks, octets
from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.octet_blocks import OCTETS, SMALLEST, SUPER_BLOCK
from edgedocs.quantizers.kernels.octets import OCTET
from edgedocs.quantizers.kernels.rounding import half_at
from edgedocs.quantizers.kernels.vectors import LANES, at, inlined

BLOCK_BYTES = 74
POINTS, SUB_SCALES = 2, 66
"""Where these are in a block."""

GROUPS = 2
SUB_BLOCKS = 16
STEPS = 19
NUMERATORS = octet_blocks.padded(codebooks.halves_tried(9))
BOOK = octets.book("IQ2_XS")
DECODED = octet_blocks.decoded_points("IQ2_XS")
SIGNS = octet_blocks.sign_bits(codebooks.even_signs())


@kernel
def encode_with(weights, blocks, importance, first, row_mean_squares):
    room, found = octets.room(), octet_blocks.found_room()
    for start in range(0, len(weights), LANES * SUPER_BLOCK):
        count = min(LANES, (len(weights) - start) // SUPER_BLOCK)
        octet_blocks.mean_squares(weights, start, count, np.float32(1), found.means)
        for number in range(count):
            block = start // SUPER_BLOCK + number
            row = importance[(first + block) % len(importance)]
            octet_blocks.matter_with(weights, block * SUPER_BLOCK, row, found.means[number], room)
            octet_blocks.split_signs(weights, block * SUPER_BLOCK, True, room, found.signs)
            if not _search(room, found):
                return False
            _write(found, blocks, block * BLOCK_BYTES)
    return True


@inlined
def _search(room, found):
    for sub_block in range(SUB_BLOCKS):
        place = sub_block * GROUPS * OCTET
        largest = octet_blocks.largest_of(room.values, place, GROUPS)
        if largest >= SMALLEST:
            scale, well = octets.fitted(
                BOOK, room, place, GROUPS, NUMERATORS, STEPS, largest / np.float32(5), largest, False, found.index
            )
            if not well:
                return False
            octet_blocks.keep(found, sub_block, GROUPS, scale, 127)
        else:
            octet_blocks.keep_zeros(found, sub_block, GROUPS)
    return True


@inlined
def _write(found, blocks, place):
    step, largest = octet_blocks.scale_codes(found)
    if largest == 0:
        blocks[place : place + BLOCK_BYTES] = 0
        return
    octet_blocks.write_half(step, blocks, place)
    for octet in range(OCTETS):
        point = found.index[octet] | found.signs[octet] << 9
        blocks[place + POINTS + 2 * octet] = point & 0xFF
        blocks[place + POINTS + 2 * octet + 1] = point >> 8
    for pair in range(SUB_BLOCKS // 2):
        blocks[place + SUB_SCALES + pair] = found.codes[2 * pair] | found.codes[2 * pair + 1] << 4


@kernel
def decode(blocks, weights):
    for block in range(len(weights) // SUPER_BLOCK):
        place = block * BLOCK_BYTES
        scale = half_at(blocks, place)
        for octet in range(OCTETS):
            codes = np.int64(at(blocks, place + SUB_SCALES + octet // 4))
            code = codes >> 4 * (octet // 2 % 2) & 15
            step = scale * (np.float32(0.5) + np.float32(code)) * np.float32(0.25)
            at_point = place + POINTS + 2 * octet
            point = np.int64(at(blocks, at_point)) | np.int64(at(blocks, at_point + 1)) << 8
            octet_blocks.decode_octet(
                DECODED, point & 511, step, SIGNS, point >> 9, weights, block * SUPER_BLOCK + octet * OCTET
            )
