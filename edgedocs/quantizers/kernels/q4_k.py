"""Q4_K: kernels of :mod:`edgedocs.quantizers.q4_k`."""

from __future__ import annotations

from edgedocs.quantizers.kernels import super_blocks
from edgedocs.quantizers.kernels.compiling import kernel

BLOCK_BYTES = 144
LARGEST_CODE = 15
FIRST, STEP, STEPS = -1, 0.1, 20

encode = kernel(super_blocks.encoder(BLOCK_BYTES, LARGEST_CODE, FIRST, STEP, STEPS))
encode_with = kernel(super_blocks.encoder_with(BLOCK_BYTES, LARGEST_CODE))
decode = kernel(super_blocks.decoder(BLOCK_BYTES, has_fifth_bits=False))
