import time

import edgedocs

checkpoint = edgedocs.Checkpoint.open()

for name in ("f16", "q8_0", "q4_0"):
    artifact = edgedocs.convert(checkpoint, f"model-{name}.gguf", type=name)
    with edgedocs.load(artifact, backend="llama_cpp") as runner:
        runner.generate("The", max_tokens=4)
        start = time.perf_counter()
        runner.logits(runner.tokenize("The table has four rows. " * 40)[:256])
        prefill = 256 / (time.perf_counter() - start)
        start = time.perf_counter()
        made = runner.tokenize(runner.generate("The", max_tokens=64))
        decode = len(made) / (time.perf_counter() - start)
    print(f"{name:5} prompt {prefill:6.0f} tokens/s   generation {decode:5.0f} tokens/s")
