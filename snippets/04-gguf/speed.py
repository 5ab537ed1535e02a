import time

import edgedocs

checkpoint = edgedocs.Checkpoint.open()

for name in ("f16", "q8_0", "q4_0"):
    artifact = edgedocs.convert(checkpoint, f"model-{name}.gguf", type=name)
    with edgedocs.load(artifact, backend="llama_cpp") as runner:
        runner.generate("The", max_tokens=4)
        prompt = runner.tokenize("The table has four rows. " * 40)[: min(256, runner.context_length)]
        start = time.perf_counter()
        runner.logits(prompt)
        prefill = len(prompt) / (time.perf_counter() - start)
        start = time.perf_counter()
        made = runner.tokenize(runner.generate("The", max_tokens=64))
        decode = len(made) / (time.perf_counter() - start)
    print(f"{name:5} prompt {prefill:6.0f} tokens/s   generation {decode:5.0f} tokens/s")
