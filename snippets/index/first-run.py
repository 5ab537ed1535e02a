import edgedocs

with edgedocs.load("tiny") as runner:
    print("You can use the", runner.generate("You can use the", max_tokens=20).strip())
