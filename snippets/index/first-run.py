import edgedocs

prompt = "You can use the"

with edgedocs.load("tiny") as runner:
    print(prompt + runner.generate(prompt, max_tokens=20).rstrip())
