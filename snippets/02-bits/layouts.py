import json
from pathlib import Path

import numpy as np

from edgedocs import quantizers

weights = np.random.default_rng(2).uniform(-0.05, 0.05, (128, 256)).astype(np.float32)
data = []
for name in ("q4_0", "q5_1", "q8_0", "q4_k", "q6_k", "iq2_xxs", "tq1_0", "mxfp4", "nvfp4"):
    form = quantizers.get(name)
    importance = np.ones(256, np.float32) if form.needs_importance else None
    blocks = form.quantize(weights, importance).reshape(128, -1)[:, : form.block_bytes]
    decoded = form.dequantize(blocks)

    # What a bit decides is found by turning it over, in 128 blocks, and seeing which weights change.
    reach = []
    for place in range(8 * form.block_bytes):
        turned = blocks.copy()
        turned[:, place // 8] ^= 1 << place % 8
        changed = (form.dequantize(turned) != decoded).any(axis=0)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], changed, [0]]))).reshape(-1, 2).tolist()
        reach.append(",".join(f"{first}" if first == last - 1 else f"{first}-{last - 1}" for first, last in edges))

    fields = []
    for field, (kind, start) in form.layout.fields.items():
        inner = kind.base.fields or {field: (kind, 0)}
        for repeat in range(kind.itemsize // kind.base.itemsize if kind.base.fields else 1):
            for part, (of, offset) in inner.items():
                first = start + repeat * kind.base.itemsize + offset
                fields.append({"name": part, "first": first, "size": of.itemsize, "kind": of.base.str})
        print(f"{form.name:8} bytes {start:3} to {start + kind.itemsize - 1:3}: {field}")
    shown = [float(f"{weight:.5g}") for weight in decoded[0]]
    data.append(
        {"name": form.name, "hex": blocks[0].tobytes().hex(), "weights": shown, "fields": fields, "reach": reach}
    )

Path("blocks.html").write_text(
    f'<script type="application/json" id="block-data">{json.dumps(data, separators=(",", ":"))}</script>\n'
)
