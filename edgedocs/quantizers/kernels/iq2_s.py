"""IQ2_S: kernels of :mod:`edgedocs.quantizers.iq2_s`."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import codebooks
from edgedocs.quantizers.kernels import octet_blocks, octets
from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.lanes import LANES
from edgedocs.quantizers.kernels.memory import at, load, store
from edgedocs.quantizers.kernels.octet_blocks import OCTETS, SUPER_BLOCK
from edgedocs.quantizers.kernels.octets import OCTET
from edgedocs.quantizers.kernels.rounding import half_at
from edgedocs.quantizers.kernels.vectors import inlined

BLOCK_BYTES = 82
POINTS, SIGNS, UPPER, SUB_SCALES = 2, 34, 66, 74
"""Where these are in a block."""

ALL_SIGNS = 255
STEPS = 19
SMALLEST = np.float32(1e-8)
ADJUSTMENT = np.float32(0.9875)
NUMERATORS = octet_blocks.padded(codebooks.halves_tried(9))
BOOK = octets.book("IQ2_S")
DECODED = octet_blocks.decoded_points("IQ2_S")
FACTORS = octet_blocks.sign_bits(codebooks.signs())


@kernel
def encode(weights, blocks):
    room, found = octets.room(SUPER_BLOCK), octet_blocks.found_room(OCTETS)
    for start in range(0, len(weights), LANES * SUPER_BLOCK):
        count = min(LANES, (len(weights) - start) // SUPER_BLOCK)
        octet_blocks.mean_squares(weights, start, count, np.float32(2), found.means)
        for number in range(count):
            block = start // SUPER_BLOCK + number
            mean = np.float32(0.25) * found.means[number]
            for place in range(0, SUPER_BLOCK, LANES):
                value = load(weights, block * SUPER_BLOCK + place)
                store(room.mattering, place, mean + value * value)
            if not _encode_block(weights, block, room, found, blocks):
                return False
    return True


@kernel
def encode_with(weights, blocks, importance, first, row_mean_squares):
    room, found = octets.room(SUPER_BLOCK), octet_blocks.found_room(OCTETS)
    for start in range(0, len(weights), LANES * SUPER_BLOCK):
        count = min(LANES, (len(weights) - start) // SUPER_BLOCK)
        octet_blocks.mean_squares(weights, start, count, np.float32(2), found.means)
        for number in range(count):
            block = start // SUPER_BLOCK + number
            row = importance[(first + block) % len(importance)]
            octet_blocks.matter_with(weights, block * SUPER_BLOCK, row, found.means[number], room.mattering, 0)
            if not _encode_block(weights, block, room, found, blocks):
                return False
    return True


@inlined
def _encode_block(weights, block, room, found, blocks):
    octet_blocks.split_signs(weights, block * SUPER_BLOCK, False, room, 0, found.signs)
    if not octet_blocks.search_pairs(BOOK, room, found, NUMERATORS, STEPS, SMALLEST, ALL_SIGNS):
        return False
    place = block * BLOCK_BYTES
    step, _ = octet_blocks.scale_codes(found, 0, LANES)
    octet_blocks.write_half(step * ADJUSTMENT, blocks, place)
    for octet in range(OCTETS):
        blocks[place + POINTS + octet] = found.index[octet] & 0xFF
        blocks[place + SIGNS + octet] = found.signs[octet]
    for four in range(OCTETS // 4):
        upper = 0
        for octet in range(4):
            upper |= found.index[4 * four + octet] >> 8 << 2 * octet
        blocks[place + UPPER + four] = upper
    octet_blocks.write_scale_codes(found, blocks, place + SUB_SCALES)
    return True


@kernel
def decode(blocks, weights):
    for block in range(len(weights) // SUPER_BLOCK):
        place = block * BLOCK_BYTES
        scale = half_at(blocks, place)
        for octet in range(OCTETS):
            step = octet_blocks.pair_step(scale, blocks, place + SUB_SCALES, octet)
            upper = np.int64(at(blocks, place + UPPER + octet // 4)) >> 2 * (octet % 4) & 3
            index = np.int64(at(blocks, place + POINTS + octet)) | upper << 8
            signs = np.int64(at(blocks, place + SIGNS + octet))
            octet_blocks.decode_octet(
                DECODED, index, step, FACTORS, signs, weights, block * SUPER_BLOCK + octet * OCTET
            )
