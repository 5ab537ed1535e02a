import pickle
import pickletools
from pathlib import Path

import edgedocs


class Weights:
    """What a stranger can put into a .bin or .pt file: a call to make while it is loaded."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("this ran while the weights were loaded",)


data = pickle.dumps(Weights(), protocol=4)
calls = [f"{code.name} {argument}" for code, argument, _ in pickletools.genops(data) if isinstance(argument, str)]
print("without loading:", ", ".join(calls))
pickle.loads(data)

folder = Path("stranger")
folder.mkdir()
(folder / "config.json").write_text('{"architectures": ["LlamaForCausalLM"], "model_type": "llama"}')
(folder / "pytorch_model.bin").write_bytes(data)
try:
    edgedocs.Checkpoint.open(folder)
except edgedocs.BadInput as error:
    print(error)
else:
    raise AssertionError("a pickle was opened")
