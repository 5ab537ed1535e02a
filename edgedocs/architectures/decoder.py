"""Decoder: what the families of decoders share: most values of ``config.json``, and the names of their tensors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from edgedocs.architectures.base import MOST_LAYERS, Architecture, TensorRole
from edgedocs.architectures.config import LARGEST_SIZE, Config
from edgedocs.architectures.rotary import Rotary, ScalingKind, read_rotary
from edgedocs.architectures.spec import DecoderSpec, Experts, ModelSpec, SlidingWindow
from edgedocs.core.errors import BadInput

MOST_EXPERTS = 512
"""llama.cpp's own limit (``LLAMA_MAX_EXPERTS``) until late in 2026; it is 1024 now."""


class Decoder(Architecture):
    """A family of decoders, named as Llama's tensors are unless a method says otherwise.

    Attributes:
        pairs: whether llama.cpp rotates neighbouring numbers of a head in this family, not its two halves as Hugging
            Face does.
        tied: whether the output is the token embedding where ``config.json`` does not say.
        activations: the values of ``hidden_act`` that are known.
        scalings: the ways of scaling rotary positions that converters get right.
        free_heads: whether a head's width may be other than the hidden size over the number of heads.
    """

    pairs: ClassVar[bool] = False
    tied: ClassVar[bool] = False
    activations: ClassVar[tuple[str, ...]] = ("silu",)
    scalings: ClassVar[tuple[ScalingKind, ...]] = ("linear", "yarn")
    free_heads: ClassVar[bool] = True

    def shape(self, values: Config, defaults: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The fields of :class:`DecoderSpec` that are read alike in all families.

        Args:
            values: ``config.json``.
            defaults: what transformers takes for a value that is missing, by its name there.

        Raises:
            BadInput: if a value is missing or cannot be right.
        """
        usual = dict(defaults or {})
        values.refuse("quantization_config", reason="the weights are quantized already")
        hidden_size = values.size("hidden_size")
        heads = values.size("num_attention_heads", usual.get("num_attention_heads"))
        key_value_heads = values.size("num_key_value_heads", usual.get("num_key_value_heads", heads))
        if heads % key_value_heads:
            raise values.wrong("num_key_value_heads", f"a divisor of num_attention_heads, {heads}")
        head_size = self._head_size(values, hidden_size, heads, usual.get("head_dim"))
        return {
            "vocabulary": values.size("vocab_size", usual.get("vocab_size")),
            "hidden_size": hidden_size,
            "feed_forward_size": values.size("intermediate_size"),
            "layers": values.size("num_hidden_layers", largest=MOST_LAYERS),
            "heads": heads,
            "key_value_heads": key_value_heads,
            "head_size": head_size,
            "context_length": values.size("max_position_embeddings", usual.get("max_position_embeddings")),
            "norm_epsilon": values.number("rms_norm_eps", usual.get("rms_norm_eps")),
            "tied_embeddings": values.flag("tie_word_embeddings", default=self.tied),
        }

    def rotary(self, values: Config, shape: Mapping[str, Any], *, partial: bool = False) -> Rotary:
        """The rotary positions of a family that has the same in all layers."""
        return read_rotary(values, shape["head_size"], shape["context_length"], self.scalings, partial=partial)

    def _head_size(self, values: Config, hidden_size: int, heads: int, default: int | None) -> int:
        given = values.optional_size("head_dim")
        if given is None and default is None and hidden_size % heads:
            raise values.wrong("hidden_size", f"a multiple of num_attention_heads, {heads}")
        head_size = given or default or hidden_size // heads
        if not self.free_heads and head_size * heads != hidden_size:
            raise values.wrong("head_dim", f"{hidden_size // heads}: llama.cpp wants hidden_size / num_attention_heads")
        if head_size % 2:
            raise BadInput(
                f"the head size is {head_size}", where=values.where, expected="an even one, to rotate in pairs"
            )
        return head_size

    def tensors(self, spec: ModelSpec) -> tuple[TensorRole, ...]:
        """The embedding, the layers, the last norm and, unless it is the embedding, the output."""
        assert isinstance(spec, DecoderSpec)
        hidden, vocabulary = spec.hidden_size, spec.vocabulary
        first = TensorRole(f"{spec.prefix}model.embed_tokens.weight", "token_embd.weight", (vocabulary, hidden))
        last = [self.norm(f"{spec.prefix}model.norm", "output_norm", hidden, spec)]
        if not spec.tied_embeddings:
            last.append(TensorRole(f"{spec.prefix}lm_head.weight", "output.weight", (vocabulary, hidden)))
        return (first, *(role for layer in range(spec.layers) for role in self.layer(layer, spec)), *last)

    def check_count(self, spec: ModelSpec, count: int, where: str | Path) -> None:
        """Raise if ``config.json`` asks for far more tensors than there are, before their names are made.

        Layers times experts are many names: those of a checkpoint that has no such tensors are never made.
        """
        assert isinstance(spec, DecoderSpec)
        needed = spec.layers * len(self.layer(0, spec))
        if needed > 2 * count + 1000:
            raise BadInput(
                f"config.json asks for {needed} tensors, and there are {count}",
                where=where,
                expected="as many layers and experts as config.json says",
                remedy="check that the download is complete and config.json belongs to these weights",
            )

    def layer(self, layer: int, spec: DecoderSpec) -> tuple[TensorRole, ...]:
        """The tensors of one layer."""
        theirs, ours, hidden = f"{spec.prefix}model.layers.{layer}", f"blk.{layer}", spec.hidden_size
        before = self.norm(f"{theirs}.input_layernorm", f"{ours}.attn_norm", hidden, spec)
        between = [self.norm(f"{theirs}.post_attention_layernorm", f"{ours}.ffn_norm", hidden, spec)]
        after = []
        if spec.post_norms:
            between = [
                self.norm(f"{theirs}.post_attention_layernorm", f"{ours}.post_attention_norm", hidden, spec),
                self.norm(f"{theirs}.pre_feedforward_layernorm", f"{ours}.ffn_norm", hidden, spec),
            ]
            after = [self.norm(f"{theirs}.post_feedforward_layernorm", f"{ours}.post_ffw_norm", hidden, spec)]
        attention = self.attention(f"{theirs}.self_attn", ours, spec)
        return (before, *attention, *between, *self.feed_forward(theirs, ours, spec), *after)

    def attention(self, theirs: str, ours: str, spec: DecoderSpec) -> tuple[TensorRole, ...]:
        """The tensors of one layer's attention."""
        hidden, query, key_value = spec.hidden_size, spec.heads * spec.head_size, spec.key_value_heads * spec.head_size
        roles: list[TensorRole] = []
        for kind, rows, rotated in (("q", query, True), ("k", key_value, True), ("v", key_value, False)):
            names = f"{theirs}.{kind}_proj", f"{ours}.attn_{kind}"
            roles += linear(*names, rows, hidden, spec.attention_bias, permuted=rotated and self.pairs)
        if spec.head_norms:
            roles += [
                self.norm(f"{theirs}.{kind}_norm", f"{ours}.attn_{kind}_norm", spec.head_size, spec) for kind in "qk"
            ]
        return (*roles, *linear(f"{theirs}.o_proj", f"{ours}.attn_output", hidden, query, spec.output_bias))

    def feed_forward(self, theirs: str, ours: str, spec: DecoderSpec) -> tuple[TensorRole, ...]:
        """The tensors of one layer's feed-forward network."""
        hidden, inner, bias = spec.hidden_size, spec.feed_forward_size, spec.feed_forward_bias
        return (
            *linear(f"{theirs}.mlp.gate_proj", f"{ours}.ffn_gate", inner, hidden, bias),
            *linear(f"{theirs}.mlp.up_proj", f"{ours}.ffn_up", inner, hidden, bias),
            *linear(f"{theirs}.mlp.down_proj", f"{ours}.ffn_down", hidden, inner, bias),
        )

    def norm(self, theirs: str, ours: str, size: int, spec: DecoderSpec) -> TensorRole:
        """The weights of a norm."""
        return TensorRole(f"{theirs}.weight", f"{ours}.weight", (size,), offset=spec.norm_offset)

    def ignores(self, name: str, spec: ModelSpec) -> bool:
        """Stored rotary frequencies, which follow from the config, and a stored copy of a tied embedding."""
        assert isinstance(spec, DecoderSpec)
        copied = spec.tied_embeddings and name == f"{spec.prefix}lm_head.weight"
        return copied or name.endswith(".rotary_emb.inv_freq")


def linear(
    theirs: str, ours: str, outputs: int, inputs: int, bias: bool = False, *, permuted: bool = False
) -> tuple[TensorRole, ...]:
    """The weight of a projection, and its bias if there is one."""
    weight = TensorRole(f"{theirs}.weight", f"{ours}.weight", (outputs, inputs), permuted)
    return (weight, TensorRole(f"{theirs}.bias", f"{ours}.bias", (outputs,), permuted)) if bias else (weight,)


def expert_stacks(
    router: str, experts: str, names: tuple[str, str, str], ours: str, spec: DecoderSpec
) -> tuple[TensorRole, ...]:
    """The router and the experts of one layer, which GGUF stores as three stacks.

    Args:
        router: the router's name in a checkpoint.
        experts: what the experts' names start with there; a number follows.
        names: the experts' projections: gate, up and down.
        ours: what GGUF's names start with.
        spec: the decoder, which has experts.
    """
    assert spec.experts is not None
    hidden, inner, count = spec.hidden_size, spec.experts.feed_forward_size, spec.experts.count
    shapes = {"gate": (inner, hidden), "up": (inner, hidden), "down": (hidden, inner)}
    stacks = (
        TensorRole(f"{experts}.{expert}.{name}.weight", f"{ours}.ffn_{kind}_exps.weight", shape, stack=count)
        for name, (kind, shape) in zip(names, shapes.items(), strict=True)
        for expert in range(count)
    )
    return (TensorRole(f"{router}.weight", f"{ours}.ffn_gate_inp.weight", (count, hidden)), *stacks)


def read_experts(values: Config, count_key: str, size_key: str, default_used: int | None = None) -> Experts:
    """How many experts there are and how many a token uses.

    Raises:
        BadInput: if a value is missing or cannot be right.
    """
    count = values.size(count_key, largest=MOST_EXPERTS)
    used = values.size("num_experts_per_tok", default_used)
    if used > count:
        raise values.wrong("num_experts_per_tok", f"at most {count_key}, {count}")
    return Experts(count, used, values.size(size_key))


def read_window(values: Config, layers: int, *, default: int | None = None) -> SlidingWindow | None:
    """The window of a family in which all layers have it or none."""
    size = values.optional_size("sliding_window", default)
    return None if size is None else SlidingWindow(size, (True,) * layers)


def read_later_window(values: Config, layers: int) -> SlidingWindow | None:
    """The window of the Qwen families: of the layers after the first ``max_window_layers``, if it is used at all."""
    if not values.flag("use_sliding_window", default=False) or values.optional_size("sliding_window", 4096) is None:
        return None
    first = values.values.get("max_window_layers", 28)
    if not isinstance(first, int) or isinstance(first, bool) or not 0 <= first <= LARGEST_SIZE:
        raise values.wrong("max_window_layers", "a number of layers")
    windowed = tuple(layer >= first for layer in range(layers))
    if values.values.get("layer_types") is not None:
        windowed = tuple(kind == "sliding_attention" for kind in layer_types(values, layers))
    return SlidingWindow(values.size("sliding_window", 4096), windowed) if any(windowed) else None


def layer_types(values: Config, layers: int) -> tuple[str, ...]:
    """The kind of attention of each layer, as ``layer_types`` has them.

    Raises:
        BadInput: if it is no list of known kinds, one for each layer.
    """
    kinds = values.values.get("layer_types")
    known = ("full_attention", "sliding_attention")
    if not isinstance(kinds, list) or len(kinds) != layers or not all(kind in known for kind in kinds):
        raise values.wrong("layer_types", f"a list of {layers} of {' and '.join(known)}")
    return tuple(kinds)
