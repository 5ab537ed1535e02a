from pathlib import Path

import edgedocs
from edgedocs.inspection import inspect
from edgedocs.measurement.perplexity import perplexity
from edgedocs.tiny import held_out

Path("calibration.txt").write_text(held_out("en")[:20_000], encoding="utf-8")
unseen = held_out("en")[-12_000:]

options = {"int8_static": {"calibration": "calibration.txt"}, "nbits4": {"block_size": 32}}
print("type         bits per weight  perplexity")
for kind in ("f32", "f16", "int8", "int8_static", "nbits8", "nbits4", "nbits2"):
    artifact = edgedocs.convert("tiny", f"tiny-{kind}", to="onnx", type=kind, **options.get(kind, {}))
    bits = inspect(artifact.path).bits_per_weight
    with edgedocs.load(artifact) as runner:
        found = perplexity(runner, unseen, windows=3)
    print(f"{kind:12} {bits:15.2f}  {found.value:10.2f}")
