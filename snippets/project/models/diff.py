import edgedocs
from edgedocs.model_diff import diff

source = edgedocs.Checkpoint.open().path
for recipe in ("f16", "q8_0", "q4_0"):
    artifact = edgedocs.convert(source, f"{recipe}.gguf", type=recipe)
    worst = diff(source, artifact.path).tensors[0]
    print(f"{recipe:5} {worst.name:24} {worst.types[1]:5} {worst.sqnr:6.2f} dB")
