from pathlib import Path

from edgedocs.measurement import compare, importance
from edgedocs.tiny import held_out

text = held_out("en")
importance("tiny", text[20_000:]).write(Path("tiny.imatrix.gguf"), ["en.txt"])

plain = compare("tiny", ["q2_k"], text[:12_000]).rows[0]
helped = compare("tiny", ["q2_k"], text[:12_000], imatrix=Path("tiny.imatrix.gguf")).rows[0]
print(f"divergence {plain['kl_divergence']:.4f} without, {helped['kl_divergence']:.4f} with importance")
assert helped["kl_divergence"] < plain["kl_divergence"]
