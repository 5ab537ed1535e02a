"""Memory by formula: what a model will take before anybody has loaded it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from edgedocs import quantizers
from edgedocs.architectures.spec import DecoderSpec, ModelSpec
from edgedocs.quantizers import recipes
from edgedocs.quantizers.recipes import ModelFacts, TensorInfo


@dataclass(frozen=True)
class Shape:
    """As much of a decoder's shape as its memory depends on.

    Attributes:
        name: which model it is of.
        layers: number of layers.
        hidden: width of the residual stream.
        feed_forward: width inside the feed-forward network.
        heads: query heads.
        key_value_heads: key and value heads.
        head_size: width of one head.
        vocabulary: number of tokens.
        tied: whether the output projection is the token embedding.
    """

    name: str
    layers: int
    hidden: int
    feed_forward: int
    heads: int
    key_value_heads: int
    head_size: int
    vocabulary: int
    tied: bool

    @classmethod
    def of(cls, name: str, spec: ModelSpec) -> Shape:
        """The shape of a checkpoint."""
        return cls(
            name,
            spec.layers,
            spec.hidden_size,
            spec.feed_forward_size,
            spec.heads,
            spec.key_value_heads,
            spec.head_size,
            spec.vocabulary,
            isinstance(spec, DecoderSpec) and spec.tied_embeddings,
        )

    def tensors(self) -> list[TensorInfo]:
        """Its tensors as GGUF names them, with the norms of a plain Llama."""
        queries, keys = self.heads * self.head_size, self.key_value_heads * self.head_size
        found = [TensorInfo("token_embd.weight", (self.vocabulary, self.hidden))]
        for layer in range(self.layers):
            parts = {
                "attn_q": (queries, self.hidden),
                "attn_k": (keys, self.hidden),
                "attn_v": (keys, self.hidden),
                "attn_output": (self.hidden, queries),
                "ffn_gate": (self.feed_forward, self.hidden),
                "ffn_up": (self.feed_forward, self.hidden),
                "ffn_down": (self.hidden, self.feed_forward),
                "attn_norm": (self.hidden,),
                "ffn_norm": (self.hidden,),
            }
            found += [TensorInfo(f"blk.{layer}.{part}.weight", shape) for part, shape in parts.items()]
        found.append(TensorInfo("output_norm.weight", (self.hidden,)))
        if not self.tied:
            found.append(TensorInfo("output.weight", (self.vocabulary, self.hidden)))
        return found

    @property
    def weights(self) -> int:
        """How many weights it has."""
        return sum(math.prod(tensor.shape) for tensor in self.tensors())

    def bits_per_weight(self, recipe: str) -> float:
        """What a recipe of GGUF takes for it, tensor by tensor, as llama.cpp chooses.

        Raises:
            BadInput: if there is no such recipe.
        """
        return _bits_per_weight(self, recipe)

    def cache_bytes(self, context: int, item_bytes: int = 2) -> int:
        """The key-value cache: a key and a value for each layer, head and token.

        Args:
            context: tokens it can hold, of all users together.
            item_bytes: bytes a number: 2 for float16, 4 for float32.
        """
        return 2 * self.layers * self.key_value_heads * self.head_size * context * item_bytes

    def compute_bytes(self, context: int, chunk: int) -> int:
        """What is in memory while a chunk of a prompt is read, in float32: the largest of what must be there at once.

        These are the logits, or the scores of attention, beside the activations of a layer.

        Args:
            context: tokens that the chunk can look back on.
            chunk: tokens that are read at a time.
        """
        activations = 2 * self.hidden + 2 * self.feed_forward
        return 4 * chunk * (max(self.vocabulary, self.heads * context) + activations)


@cache
def _bits_per_weight(shape: Shape, recipe: str) -> float:
    tensors = shape.tensors()
    facts = ModelFacts(layers=shape.layers, heads=shape.heads, key_heads=shape.key_value_heads)
    choices = recipes.recipe(recipe).plan(tensors, facts)
    bits = sum(
        math.prod(tensor.shape) * quantizers.get(choices[tensor.name].format).bits_per_weight for tensor in tensors
    )
    return bits / sum(math.prod(tensor.shape) for tensor in tensors)
