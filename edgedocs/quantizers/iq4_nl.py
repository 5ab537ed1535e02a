"""IQ4_NL: 32 weights share one scale; their 4-bit codes stand for values that lie closer together around zero."""

from __future__ import annotations

import numpy as np

from edgedocs.quantizers import block32, nonlinear, packing, search
from edgedocs.quantizers.base import Blocks, Importance, Quantizer, Weights
from edgedocs.quantizers.rounding import to_half


class IQ4_NL(Quantizer):  # noqa: N801 - the format's own name
    """4.5 bits a weight: ``weight = scale * value[code]``, with the 16 values of :data:`.nonlinear.VALUES`.

    Byte ``j`` of ``pairs`` has the code of weight ``j`` in its lower half and that of weight ``j + 16`` in its upper
    half. As ``quantize_row_iq4_nl_impl`` and ``dequantize_row_iq4_nl`` in ggml-quants.c.
    """

    name = "IQ4_NL"
    block_size = nonlinear.GROUP_SIZE
    layout = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])
    uses_importance = True

    def _encode(self, weights: Weights, blocks: Blocks, importance: Importance | None) -> None:
        groups = search.groups(weights, nonlinear.GROUP_SIZE)
        scale = nonlinear.scales(groups, nonlinear.mattering(weights, importance))
        inverse = np.where(scale != 0, np.float32(1) / scale, np.float32(0))
        blocks["scale"] = to_half(scale)
        blocks["pairs"] = block32.pack_pairs(nonlinear.nearest(inverse * groups))

    def _decode(self, blocks: Blocks, weights: Weights) -> None:
        weights[:] = packing.unpack_values(blocks["pairs"], nonlinear.tables(), 16)
        weights *= block32.spread(blocks["scale"].astype(np.float32))


QUANTIZER = IQ4_NL()
