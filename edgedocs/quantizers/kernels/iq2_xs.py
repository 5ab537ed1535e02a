"""IQ2_XS: kernels of :mod:`edgedocs.quantizers.iq2_xs`."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import codebooks
from edgedocs.quantizers.kernels import octet_blocks, octets
from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import at
from edgedocs.quantizers.kernels.octet_blocks import OCTETS, SMALLEST, SUPER_BLOCK
from edgedocs.quantizers.kernels.octets import OCTET
from edgedocs.quantizers.kernels.rounding import half_at
from edgedocs.quantizers.kernels.vectors import inlined

BLOCK_BYTES = 74
POINTS, SUB_SCALES = 2, 66
"""Where these are in a block."""

ALL_SIGNS = 127
STEPS = 19
NUMERATORS = octet_blocks.padded(codebooks.halves_tried(9))
BOOK = octets.book("IQ2_XS")
DECODED = octet_blocks.decoded_points("IQ2_XS")
SIGNS = octet_blocks.sign_bits(codebooks.even_signs())


@kernel
def encode_with(weights, blocks, importance, first, row_mean_squares):
    room, found = octets.room(SUPER_BLOCK), octet_blocks.found_room(OCTETS)
    for start in range(0, len(weights), LANES * SUPER_BLOCK):
        count = min(LANES, (len(weights) - start) // SUPER_BLOCK)
        octet_blocks.mean_squares(weights, start, count, np.float32(1), found.means)
        for number in range(count):
            block = start // SUPER_BLOCK + number
            row = importance[(first + block) % len(importance)]
            octet_blocks.matter_with(weights, block * SUPER_BLOCK, row, found.means[number], room.mattering, 0)
            octet_blocks.split_signs(weights, block * SUPER_BLOCK, True, room, 0, found.signs)
            if not octet_blocks.search_pairs(BOOK, room, found, NUMERATORS, STEPS, SMALLEST, ALL_SIGNS):
                return False
            _write(found, blocks, block * BLOCK_BYTES)
    return True


@inlined
def _write(found, blocks, place):
    step, largest = octet_blocks.scale_codes(found, 0, LANES)
    if largest == 0:
        blocks[place : place + BLOCK_BYTES] = 0
        return
    octet_blocks.write_half(step, blocks, place)
    for octet in range(OCTETS):
        point = found.index[octet] | found.signs[octet] << 9
        blocks[place + POINTS + 2 * octet] = point & 0xFF
        blocks[place + POINTS + 2 * octet + 1] = point >> 8
    octet_blocks.write_scale_codes(found, blocks, place + SUB_SCALES)


@kernel
def decode(blocks, weights):
    for block in range(len(weights) // SUPER_BLOCK):
        place = block * BLOCK_BYTES
        scale = half_at(blocks, place)
        for octet in range(OCTETS):
            step = octet_blocks.pair_step(scale, blocks, place + SUB_SCALES, octet)
            at_point = place + POINTS + 2 * octet
            point = np.int64(at(blocks, at_point)) | np.int64(at(blocks, at_point + 1)) << 8
            octet_blocks.decode_octet(
                DECODED, point & 511, step, SIGNS, point >> 9, weights, block * SUPER_BLOCK + octet * OCTET
            )
