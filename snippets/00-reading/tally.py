import edgedocs

checkpoint = edgedocs.Checkpoint.open()
sizes = [tensor.array().size for tensor in checkpoint.tensors.values() if len(tensor.shape) == 2]
vectors = [tensor.array().size for tensor in checkpoint.tensors.values() if len(tensor.shape) == 1]

share = sum(vectors) / (sum(sizes) + sum(vectors))
print(f"{len(sizes)} matrices, {len(vectors)} vectors, which hold {share:.3%} of the weights")
