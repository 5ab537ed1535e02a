import json

from tokenizers import Tokenizer

import edgedocs
from edgedocs.inspection import inspect
from edgedocs.tiny import held_out

source = edgedocs.Checkpoint.open()
texts = [held_out(language)[:2000] for language in ("en", "cs", "sl", "et", "pl")]
expected = [Tokenizer.from_file(str(source.path / "tokenizer.json")).encode(text).ids for text in texts]
found = {}
for to in ("gguf", "safetensors", "mlx", "onnx", "ort_genai"):
    path = edgedocs.convert(source, "model.gguf" if to == "gguf" else to, to=to).path
    metadata = inspect(path).metadata
    folder = path
    if to == "gguf":  # what is in the file shows when it becomes a folder again
        folder = edgedocs.convert(path, "from-gguf", to="safetensors").path
    back = edgedocs.Checkpoint(folder, json.loads((folder / "config.json").read_text()), {})
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    found[to] = {
        "tokenizer": [tokenizer.encode(text).ids for text in texts] == expected,
        "chat template": back.chat_template == source.chat_template,
        "end tokens": back.generation_config.get("eos_token_id") == source.generation_config.get("eos_token_id"),
        "sampling": back.generation_config.get("do_sample") == source.generation_config.get("do_sample"),
        "licence's name": back.license == source.license,
        "licence's text": (folder / "LICENSE").is_file(),
        "model card": (folder / "README.md").is_file(),
    }
print(f"{'':15}", *(f"{to:11}" for to in found))
for row in found["gguf"]:
    print(f"{row:15}", *(f"{'yes' if kept[row] else 'no':11}" for kept in found.values()))
assert all(kept["tokenizer"] and kept["chat template"] for kept in found.values())
