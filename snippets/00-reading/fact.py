import edgedocs

checkpoint = edgedocs.Checkpoint.open()
weights = sum(tensor.array().size for tensor in checkpoint.tensors.values())
stored_bytes = sum(tensor.nbytes for tensor in checkpoint.tensors.values())
bits = 8 * stored_bytes / weights

print(f"{weights:,} weights in {stored_bytes:,} bytes")
