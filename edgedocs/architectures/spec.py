"""Specs: the shape of a model, whatever format it is stored in, as ``config.json`` tells it."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Literal

from edgedocs.architectures.rotary import RotaryScaling

Activation = Literal["silu", "gelu_tanh", "gelu"]


@dataclass(frozen=True)
class ModelSpec:
    """What decoders and encoders have in common.

    Attributes:
        architecture: the name that GGUF stores as ``general.architecture``; several families can share it.
        vocabulary: rows of the token embedding.
        hidden_size: width of the residual stream.
        feed_forward_size: width inside the feed-forward network.
        layers: number of layers.
        heads: query heads.
        key_value_heads: key and value heads; fewer than ``heads`` is grouped-query attention.
        head_size: width of one head.
        context_length: positions that the model was made for.
        norm_epsilon: what normalization adds to the mean square, or to the variance.
    """

    architecture: str
    vocabulary: int
    hidden_size: int
    feed_forward_size: int
    layers: int
    heads: int
    key_value_heads: int
    head_size: int
    context_length: int
    norm_epsilon: float


@dataclass(frozen=True)
class SlidingWindow:
    """Attention that sees the latest tokens only.

    Attributes:
        size: how many tokens are seen, the one that looks among them.
        layers: for each layer whether it has the window; the others see all tokens.
        rope_theta: the base of the rotary frequencies in these layers, which are not scaled; None if as elsewhere.
    """

    size: int
    layers: tuple[bool, ...]
    rope_theta: float | None = None


@dataclass(frozen=True)
class Experts:
    """Feed-forward networks of which each token uses a few: those that a router likes best, their weights made to add
    up to one.

    Attributes:
        count: how many there are in a layer.
        used: how many a token uses.
        feed_forward_size: width inside one of them.
    """

    count: int
    used: int
    feed_forward_size: int


@dataclass(frozen=True)
class DecoderSpec(ModelSpec):
    """A decoder: RMS normalization, rotary positions, causal attention, a gated feed-forward network.

    The defaults are those of a plain Llama.

    Attributes:
        rope_theta: the base of the rotary frequencies.
        tied_embeddings: whether the output projection is the token embedding.
        rotary_size: how many numbers of a head are rotated, from the first on; None for all.
        rotary_scaling: how the rotary frequencies are stretched for longer texts; None if they are not.
        window: layers that see the latest tokens only; None if all see all.
        experts: the experts in place of each feed-forward network; None if there is one network.
        activation: what the gate of the feed-forward network goes through.
        attention_bias: whether queries, keys and values have biases.
        output_bias: whether the projection out of attention has one.
        feed_forward_bias: whether the projections of the feed-forward network have biases.
        head_norms: whether each head's queries and keys are normalized before they are rotated.
        post_norms: whether what attention and the feed-forward network give is normalized too.
        norm_offset: what is added to the stored weights of norms.
        scaled_embeddings: whether embeddings are multiplied by the square root of their width.
        attention_soft_cap: attention scores are squeezed between plus and minus this; None if not.
        output_soft_cap: logits are squeezed between plus and minus this; None if not.
        fused_projections: whether queries, keys and values share a matrix, and gate and up projection another.
        prefix: what the names of the tensors start with in the checkpoint, where the decoder is a part of it.
    """

    rope_theta: float
    tied_embeddings: bool
    rotary_size: int | None = None
    rotary_scaling: RotaryScaling | None = None
    window: SlidingWindow | None = None
    experts: Experts | None = None
    activation: Activation = "silu"
    attention_bias: bool = False
    output_bias: bool = False
    feed_forward_bias: bool = False
    head_norms: bool = False
    post_norms: bool = False
    norm_offset: float = 0.0
    scaled_embeddings: bool = False
    attention_soft_cap: float | None = None
    output_soft_cap: float | None = None
    fused_projections: bool = False
    prefix: str = ""

    def features(self) -> tuple[str, ...]:
        """What it has that a plain Llama has not, in words; for example ``("window",)``."""
        usual = {field.name: field.default for field in fields(self) if field.default is not MISSING}
        del usual["prefix"]
        return tuple(name.replace("_", " ") for name, value in usual.items() if getattr(self, name) != value)


@dataclass(frozen=True)
class EncoderSpec(ModelSpec):
    """An encoder: layer normalization after each part, learned positions, attention to all tokens, biases everywhere.

    Attributes:
        token_types: rows of the table of token types.
        activation: what is between the two projections of the feed-forward network.
        prefix: what the names of the tensors start with in the checkpoint.
    """

    token_types: int
    activation: Activation = "gelu"
    prefix: str = ""
