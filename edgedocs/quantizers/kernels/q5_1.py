"""Q5_1: kernels of :mod:`edgedocs.quantizers.q5_1`."""

from __future__ import annotations

from edgedocs.quantizers.kernels import block32, weighted32
from edgedocs.quantizers.kernels.block32 import SIZE
from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.neighbours import encoder

CHUNK_WEIGHTS = 1 << 19
FINDS_NON_FINITE = True
BLOCK_BYTES = 24
LARGEST_CODE = 31

encode = kernel(encoder(block32.between(LARGEST_CODE, BLOCK_BYTES), SIZE, BLOCK_BYTES))
encode_with = kernel(weighted32.between(LARGEST_CODE, BLOCK_BYTES))
decode = kernel(block32.between_decoder(LARGEST_CODE, BLOCK_BYTES))
