from math import prod

from edgedocs import quantizers
from edgedocs.quantizers.recipes import ModelFacts, TensorInfo, recipe

# The matrices of a Llama with eight billion weights, by shape alone.
WIDE, SMALL, INNER, VOCABULARY, LAYERS = 4096, 1024, 14336, 128256, 32
SHAPES = {"attn_q": (WIDE, WIDE), "attn_k": (SMALL, WIDE), "attn_v": (SMALL, WIDE), "attn_output": (WIDE, WIDE)}
SHAPES |= {"ffn_gate": (INNER, WIDE), "ffn_up": (INNER, WIDE), "ffn_down": (WIDE, INNER)}
tensors = [TensorInfo(name, (VOCABULARY, WIDE)) for name in ("output.weight", "token_embd.weight")]
tensors += [TensorInfo(f"blk.{layer}.{name}.weight", SHAPES[name]) for layer in range(LAYERS) for name in SHAPES]
facts = ModelFacts("llama", layers=LAYERS, heads=32, key_heads=8, value_matrices=LAYERS, has_importance=True)

weights = sum(prod(tensor.shape) for tensor in tensors)
billions = weights / 1e9
print(f"{billions:.2f} billion weights")
bits = {}
for name in ("q8_0", "q6_k", "q5_k_m", "q4_k_m", "q4_0", "q3_k_m", "q2_k", "iq2_xxs", "iq1_s"):
    choices = recipe(name).plan(tensors, facts)
    total = sum(prod(one.shape) * quantizers.get(choices[one.name].format).bits_per_weight for one in tensors)
    bits[name] = total / weights
    print(f"{name:8} {bits[name]:5.2f} bits a weight  {total / 8e9:5.2f} GB")

q4_k_m, q4_0, q2_k, iq1_s = bits["q4_k_m"], bits["q4_0"], bits["q2_k"], bits["iq1_s"]
assert 4.8 < q4_k_m < 5
