"""Q4_0: kernels of :mod:`edgedocs.quantizers.q4_0`."""

from __future__ import annotations

from edgedocs.quantizers.kernels import block32, weighted32
from edgedocs.quantizers.kernels.block32 import SIZE
from edgedocs.quantizers.kernels.compiling import kernel
from edgedocs.quantizers.kernels.neighbours import encoder

CHUNK_WEIGHTS = 1 << 19
FINDS_NON_FINITE = True
BLOCK_BYTES = 18
ZERO_CODE = 8

encode = kernel(encoder(block32.symmetric(ZERO_CODE, BLOCK_BYTES), SIZE, BLOCK_BYTES))
encode_with = kernel(weighted32.symmetric(ZERO_CODE, BLOCK_BYTES))
decode = kernel(block32.symmetric_decoder(ZERO_CODE, BLOCK_BYTES))
