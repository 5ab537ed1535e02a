from pathlib import Path

import edgedocs
from edgedocs.measurement import divergence, importance
from edgedocs.tiny import held_out

checkpoint = edgedocs.Checkpoint.open("tiny")
text = held_out("en")
measured_on, other = text[:3_500], text[16_000:19_500]
matrix = Path("matrix.gguf")

values = []
with edgedocs.load(checkpoint) as reference:
    for title, calibrated_on in (("another text", other), ("the text that is measured", measured_on)):
        importance(checkpoint, calibrated_on).write(matrix, ["en.txt"])
        artifact = edgedocs.convert(checkpoint, "model.gguf", type="iq2_xxs", imatrix=matrix)
        with edgedocs.load(artifact, backend="llama_cpp") as runner:
            found = divergence(runner, reference, measured_on).kl_divergence
        print(f"{title:26} divergence {found.value:.3f} ({found.low:.3f} to {found.high:.3f})")
        values.append(found.value)

gain = values[1] / values[0]
assert gain < 1
