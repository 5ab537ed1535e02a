import edgedocs

artifact = edgedocs.convert(edgedocs.Checkpoint.open(), "model", to="onnx", type="f32")
with edgedocs.load(artifact) as runner:
    tokens = runner.tokenize("To insert a table, choose")
    before = runner.logits(tokens)

weights = artifact.path / "model.onnx.data"
data = bytearray(weights.read_bytes())
data[len(data) // 2 + 3] ^= 0x40  # the exponent of one weight among four million
weights.write_bytes(data)

with edgedocs.load(artifact.path) as runner:  # no error
    after = runner.logits(tokens)
print("same logits:", bool((before == after).all()))

now = edgedocs.Artifact.describe(artifact.path)
print("same hash:  ", now.sha256 == artifact.sha256)
print("manifest:   ", "fits" if now.manifest() else "belongs to other bytes")
assert now.sha256 != artifact.sha256
