from collections import Counter
from xml.etree import ElementTree

import numpy as np

import edgedocs

source = edgedocs.Checkpoint.open()
folder = edgedocs.convert(source, "openvino", to="openvino", type="f16").path
net = ElementTree.parse(folder / "openvino_model.xml").getroot()
layers = net.findall("layers/layer")
constants = [layer for layer in layers if layer.get("type") == "Const"]
print("IR version", net.get("version"), "-", len(layers), "layers,", len(net.findall("edges/edge")), "edges")
print("most frequent:", ", ".join(f"{n} {kind}" for kind, n in Counter(e.get("type") for e in layers).most_common(3)))

largest = max(constants, key=lambda layer: int(layer.find("data").get("size")))
data = largest.find("data").attrib
print(largest.get("name"), data)
shape = [int(size) for size in data["shape"].split(",")]
raw = np.fromfile(folder / "openvino_model.bin", np.float16, int(data["size"]) // 2, offset=int(data["offset"]))

embedding = source.tensors["model.embed_tokens.weight"].float32()
assert np.array_equal(raw.reshape(shape), embedding.astype(np.float16))

names = sorted(path.name for path in folder.iterdir())
print("files:", *names, sep="\n  ")
assert (folder / "tokenizer.json").read_bytes() == source.tokenizer_json.read_bytes()
assert "LICENSE" not in names
