import json

import edgedocs

plain = edgedocs.convert(edgedocs.Checkpoint.open(), "plain", to="onnx", type="nbits4")
genai = edgedocs.convert(edgedocs.Checkpoint.open(), "genai", to="ort_genai", type="nbits4")
names = [{path.name for path in artifact.path.iterdir()} for artifact in (plain, genai)]
print("only in the GenAI folder:", *names[1] - names[0])
assert names[0] <= names[1]

settings = json.loads((genai.path / "genai_config.json").read_text())
model, search = settings["model"], settings["search"]
print("type, context, end of text:", model["type"], model["context_length"], model["eos_token_id"])
print(
    "layers, heads, key-value heads:",
    *(model["decoder"][key] for key in ("num_hidden_layers", "num_attention_heads", "num_key_value_heads")),
)
print("inputs:", json.dumps(model["decoder"]["inputs"]))
print("sampling:", search["do_sample"], " longest:", search["max_length"])
