"""A Llama or Mixtral forward pass in plain NumPy, float64, that tells what each matrix is multiplied with.

It is written from the papers' formulas and shares nothing with the engines; the logits that transformers
recorded check it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from edgedocs.checkpoint import Checkpoint

Array = np.ndarray
Hook = Callable[[str, Array], None]
"""Called with a matrix' GGUF name, for experts followed by ``#number``, and its inputs ``[tokens, columns]``."""


def logits(checkpoint: Checkpoint, tokens: Sequence[int], hook: Hook = lambda name, inputs: None) -> Array:
    """What the model predicts after each token, float64 ``[tokens, vocabulary]``."""
    weights = {name: tensor.float32().astype(np.float64) for name, tensor in checkpoint.tensors.items()}
    config, spec = checkpoint.config, checkpoint.spec
    epsilon = config["rms_norm_eps"]
    base = config.get("rope_theta") or config["rope_parameters"]["rope_theta"]

    def product(matrix: str, name: str, inputs: Array) -> Array:
        hook(name, inputs)
        return inputs @ weights[matrix].T

    def normalized(values: Array, name: str) -> Array:
        return values / np.sqrt(np.mean(values**2, axis=-1, keepdims=True) + epsilon) * weights[name]

    state = weights["model.embed_tokens.weight"][list(tokens)]
    for layer in range(spec.layers):
        ours, theirs = f"blk.{layer}.", f"model.layers.{layer}."
        values = normalized(state, theirs + "input_layernorm.weight")
        heads = [
            product(f"{theirs}self_attn.{kind}_proj.weight", f"{ours}attn_{kind}.weight", values)
            .reshape(len(tokens), -1, spec.head_size)
            .swapaxes(0, 1)
            for kind in "qkv"
        ]
        mixed = attention(*heads, base).swapaxes(0, 1).reshape(len(tokens), -1)
        state = state + product(theirs + "self_attn.o_proj.weight", ours + "attn_output.weight", mixed)
        values = normalized(state, theirs + "post_attention_layernorm.weight")
        if spec.experts is None:
            names = [(f"{theirs}mlp.{part}_proj.weight", f"{ours}ffn_{part}.weight") for part in ("gate", "up", "down")]
            state = state + gated(product, names, values)
            continue
        scores = product(theirs + "block_sparse_moe.gate.weight", ours + "ffn_gate_inp.weight", values)
        best = np.argsort(-scores, axis=-1)[:, : spec.experts.used]
        chosen = softmax(np.take_along_axis(scores, best, axis=-1))
        for expert in range(spec.experts.count):
            rows, places = np.nonzero(best == expert)
            one = f"{theirs}block_sparse_moe.experts.{expert}."
            names = [
                (f"{one}{theirs_part}.weight", f"{ours}ffn_{part}_exps.weight#{expert}")
                for theirs_part, part in (("w1", "gate"), ("w3", "up"), ("w2", "down"))
            ]
            state[rows] += chosen[rows, places][:, None] * gated(product, names, values[rows])
    output = "model.embed_tokens.weight" if spec.tied_embeddings else "lm_head.weight"
    return product(output, "output.weight", normalized(state, "model.norm.weight"))


def gated(product: Callable[[str, str, Array], Array], names: Sequence[tuple[str, str]], values: Array) -> Array:
    gate, up = product(*names[0], values), product(*names[1], values)
    return product(*names[2], gate / (1 + np.exp(-gate)) * up)


def attention(queries: Array, keys: Array, values: Array, base: float) -> Array:
    length, size = queries.shape[1:]
    angles = np.arange(length)[:, None] * base ** (-np.arange(0, size, 2) / size)
    queries, keys = rotated(queries, angles), rotated(keys, angles)
    shared = len(queries) // len(keys)
    keys, values = np.repeat(keys, shared, axis=0), np.repeat(values, shared, axis=0)
    scores = queries @ keys.swapaxes(-1, -2) / np.sqrt(size)
    return softmax(np.where(np.tri(length, dtype=bool), scores, -np.inf)) @ values


def rotated(values: Array, angles: Array) -> Array:
    """As Hugging Face's layout has it: the first half of a head against the second."""
    first, second = np.split(values, 2, axis=-1)
    cosine, sine = np.cos(angles), np.sin(angles)
    return np.concatenate([first * cosine - second * sine, second * cosine + first * sine], axis=-1)


def softmax(values: Array) -> Array:
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
