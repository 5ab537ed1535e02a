from pathlib import Path

import edgedocs

checkpoint = edgedocs.Checkpoint.open()
artifact = edgedocs.convert(checkpoint, Path("model-q8_0.gguf"), type="q8_0")

with edgedocs.load(artifact, backend="llama_cpp") as runner:
    for piece in runner.generate("To insert a table,", max_tokens=24, stream=True):
        print(piece, end="")
print()
