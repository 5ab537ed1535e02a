import edgedocs

with edgedocs.load("tiny") as runner:
    print(runner.generate("The", max_tokens=20))
