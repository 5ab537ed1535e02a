import edgedocs

prompt = "To insert a table, choose"
texts = {}
for backend in ("llama_server", "llama_cpp"):
    with edgedocs.load("tiny", backend=backend) as runner:
        texts[backend] = runner.generate(prompt, max_tokens=12)

print(prompt + texts["llama_server"])
assert texts["llama_server"] == texts["llama_cpp"]
