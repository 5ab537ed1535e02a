import edgedocs

checkpoint = edgedocs.Checkpoint.open()
artifact = edgedocs.convert(checkpoint, "model-q8_0.gguf", type="q8_0")

with edgedocs.load(artifact, backend="llama_cpp") as runner:
    prompt = "Select the cells that"
    print(prompt, end="")
    for piece in runner.generate(prompt, max_tokens=24, stop="\n", stream=True):
        print(piece, end="")
print()
