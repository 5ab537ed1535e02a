import edgedocs
from edgedocs.model_diff import diff

source = edgedocs.Checkpoint.open().path
artifact = edgedocs.convert(source, "model.gguf", type="bf16")
folder = edgedocs.convert(artifact.path, "again", to="safetensors", type="bf16").path

found = diff(source, folder)
identical = sum(one.max_error == 0 for one in found.tensors)
print(", ".join(sorted(path.name for path in folder.iterdir())))
print(f"{identical} of {len(found.tensors)} tensors are identical")
assert found.findings(max_error=0) == []
