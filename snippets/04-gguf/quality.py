import matplotlib.pyplot as plt

import edgedocs
from edgedocs.measurement.perplexity import perplexity
from edgedocs.tiny import held_out

text = held_out("en")[:12_000]
checkpoint = edgedocs.Checkpoint.open()
sizes, values = [], []
plt.figure(figsize=(6, 3.2))

for name in ("f16", "q8_0", "q4_0"):
    artifact = edgedocs.convert(checkpoint, f"model-{name}.gguf", type=name)
    with edgedocs.load(artifact, backend="llama_cpp") as runner:
        measured = perplexity(runner, text)
    sizes.append(artifact.size_bytes / 1e6)
    values.append(measured.value)
    print(f"{name:5} {sizes[-1]:5.2f} MB  perplexity {measured.value:6.3f}")
    plt.annotate(name, (sizes[-1], measured.value), (4, 4), textcoords="offset points")

plt.plot(sizes, values, "o--")
plt.xlabel("file size (MB)")
plt.ylabel("perplexity")
plt.margins(0.15)
plt.savefig("quality.svg", bbox_inches="tight")

f16, q8_0, q4_0 = values
q8_0_ratio = q8_0 / f16
q4_0_ratio = q4_0 / f16
assert abs(q8_0_ratio - 1) < abs(q4_0_ratio - 1)
