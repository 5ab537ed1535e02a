import edgedocs
from edgedocs import quantizers

checkpoint = edgedocs.Checkpoint.open()
bits = 0.0
weights = 0

for name, tensor in checkpoint.tensors.items():
    count = 1
    for length in tensor.shape:
        count *= length
    matrix = len(tensor.shape) == 2
    bits += count * quantizers.get("q4_0" if matrix else "f32").bits_per_weight
    weights += count

all_q4_0_bits = bits / weights
print(f"{all_q4_0_bits:.4f} bits a weight")
