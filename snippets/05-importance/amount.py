from pathlib import Path

import edgedocs
from edgedocs.measurement import divergence, importance
from edgedocs.tiny import held_out

checkpoint = edgedocs.Checkpoint.open()
text = held_out("en")
matrix = Path("matrix.gguf")

with edgedocs.load(checkpoint) as reference:
    for characters in (3_500, 7_000):
        importance(checkpoint, text[16_000 : 16_000 + characters]).write(matrix, ["en.txt"])
        artifact = edgedocs.convert(checkpoint, "model.gguf", type="iq2_xxs", imatrix=matrix)
        with edgedocs.load(artifact, backend="llama_cpp") as runner:
            found = divergence(runner, reference, text[:2_000]).kl_divergence
        print(f"{characters:6,} characters: divergence {found.value:.3f} ({found.low:.3f} to {found.high:.3f})")
