"""Mixtures: which tensors of a model get more bits, or fewer, than most (``llama_tensor_get_type_impl`` of llama.cpp).

The rules depend on how many matrices of a kind came before, so a model's tensors are asked for in llama.cpp's own
order: by layer, then by name. One function a kind of tensor; each returns the format, given that of most tensors.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum, auto

from edgedocs.core.errors import BadInput

MANY_EXPERTS = 8
"""llama.cpp gives the small attention matrices of models with exactly so many experts more bits."""

GROUPED = 4
"""From so many query heads a key head on, the value matrices are small enough for more bits."""

LOWEST = frozenset({"iq1_s", "iq1_m", "iq2_xxs", "iq2_xs", "iq2_s", "iq2_m"})
"""Recipes with rules of their own for all kinds of tensors."""

_LAYER = re.compile(r"blk\.(\d+)\.")


class Kind(Enum):
    """What a matrix is for (``tensor_get_category``)."""

    OUTPUT = auto()
    TOKEN_EMBEDDING = auto()
    ATTENTION_QUERY_KEY_VALUE = auto()
    ATTENTION_KEY_VALUE = auto()
    ATTENTION_VALUE = auto()
    ATTENTION_KEY = auto()
    ATTENTION_QUERY = auto()
    ATTENTION_OUTPUT = auto()
    FEED_FORWARD_UP = auto()
    FEED_FORWARD_GATE = auto()
    FEED_FORWARD_DOWN = auto()
    OTHER = auto()


VALUES = frozenset({Kind.ATTENTION_VALUE, Kind.ATTENTION_QUERY_KEY_VALUE, Kind.ATTENTION_KEY_VALUE})
"""Kinds that hold value matrices, which suffer most from few bits."""

_PARTS = (
    ("attn_qkv.weight", Kind.ATTENTION_QUERY_KEY_VALUE),
    ("attn_kv_b.weight", Kind.ATTENTION_KEY_VALUE),
    ("attn_v.weight", Kind.ATTENTION_VALUE),
    ("attn_k.weight", Kind.ATTENTION_KEY),
    ("attn_q.weight", Kind.ATTENTION_QUERY),
    ("attn_output.weight", Kind.ATTENTION_OUTPUT),
    ("ffn_up", Kind.FEED_FORWARD_UP),
    ("ffn_gate", Kind.FEED_FORWARD_GATE),
    ("ffn_down", Kind.FEED_FORWARD_DOWN),
)


def kind_of(name: str) -> Kind:
    """What the tensor of this GGUF name is for."""
    if name == "output.weight":
        return Kind.OUTPUT
    if name in ("token_embd.weight", "per_layer_token_embd.weight"):
        return Kind.TOKEN_EMBEDDING
    return next((kind for part, kind in _PARTS if part in name), Kind.OTHER)


def order(name: str) -> tuple[int, str]:
    """The key that sorts tensors as llama.cpp does: those of no layer first, then by layer and name."""
    layer = _LAYER.match(name)
    return (int(layer[1]) if layer else -1, name)


@dataclass(frozen=True)
class ModelFacts:
    """What the choice depends on beside the tensor.

    Attributes:
        architecture: the model's ``general.architecture``.
        layers: how many layers it has.
        experts: how many experts, 0 if none.
        heads: query heads of the first layer.
        key_heads: key heads of the first layer.
        tied_output: whether the token embeddings give the logits.
        value_matrices: how many of its tensors are of the kinds :data:`VALUES`.
        has_importance: whether there is an importance matrix.
    """

    architecture: str = "llama"
    layers: int = 0
    experts: int = 0
    heads: int = 0
    key_heads: int = 0
    tied_output: bool = False
    value_matrices: int = 0
    has_importance: bool = False

    @property
    def group(self) -> int:
        """How many query heads share a key head."""
        return self.heads // self.key_heads if self.key_heads else 0

    @property
    def is_70b(self) -> bool:
        """Whether llama.cpp takes it for a model of 70 billion weights, by architecture and number of layers."""
        if self.architecture == "llama":
            return self.layers == 80 and self.heads != self.key_heads
        return self.layers == {"qwen2": 80, "deci": 80, "olmo": 80, "jais2": 68}.get(self.architecture)


@dataclass
class Mixture:
    """The choice for one model: ask for each matrix once, in :func:`order`.

    Args:
        recipe: name of the recipe, such as ``"q4_k_m"``.
        facts: the model.
    """

    recipe: str
    facts: ModelFacts
    _seen: Counter[Kind] = field(default_factory=Counter)

    def choose(self, name: str, kind: Kind, columns_fit: bool, is_stack: bool, usual: str) -> str:
        """The format of a matrix.

        Args:
            name: its GGUF name.
            kind: what it is for.
            columns_fit: whether the blocks of ``usual`` divide its rows.
            is_stack: whether it holds the matrices of several experts.
            usual: the format of most tensors.
        """
        facts, recipe = self.facts, self.recipe
        if facts.architecture == "glm5-next" and any(p in name for p in ("attn_q_a", "attn_q_b", "nextn.eh_proj")):
            return "Q8_0"
        if kind is Kind.OUTPUT or (facts.tied_output and kind is Kind.TOKEN_EMBEDDING):
            return self._output(columns_fit, usual)
        if recipe == "mxfp4_moe":
            experts = facts.architecture != "bailingmoe3" or kind in (
                Kind.FEED_FORWARD_UP,
                Kind.FEED_FORWARD_GATE,
                Kind.FEED_FORWARD_DOWN,
            )
            return "MXFP4" if is_stack and experts else "Q8_0"
        if kind is Kind.TOKEN_EMBEDDING:
            return _EMBEDDINGS.get(recipe, usual)
        if recipe in LOWEST:
            return self._lowest(kind, usual)
        if kind in VALUES:
            return self._value(usual)
        if kind is Kind.ATTENTION_KEY and facts.experts == MANY_EXPERTS:
            return "Q8_0"
        if kind in (Kind.ATTENTION_KEY, Kind.ATTENTION_QUERY):
            return {"iq3_xs": "IQ3_XXS", "iq3_xxs": "IQ2_S"}.get(recipe, usual)
        if kind is Kind.FEED_FORWARD_DOWN:
            return self._down(name, usual)
        if kind is Kind.ATTENTION_OUTPUT:
            return self._attention_output(usual)
        if kind in (Kind.FEED_FORWARD_GATE, Kind.FEED_FORWARD_UP):
            layer, layers = self._layer(kind, name), facts.layers
            in_the_middle = layers // 8 <= layer < 7 * layers // 8
            return "IQ3_XXS" if recipe == "iq3_xs" and in_the_middle else usual
        return usual

    def _output(self, columns_fit: bool, usual: str) -> str:
        if self.recipe == "mxfp4_moe" or self.facts.architecture == "falcon" or not columns_fit:
            return "Q8_0"
        if self.recipe in LOWEST or self.recipe == "iq3_xxs":
            return "Q5_K"
        return usual if usual == "Q8_0" else "Q6_K"

    def _lowest(self, kind: Kind, usual: str) -> str:
        facts = self.facts
        more = "IQ3_S" if self.recipe in ("iq2_s", "iq2_m") else "Q2_K"
        if kind in VALUES:
            self._seen[Kind.ATTENTION_VALUE] += 1
            return "Q4_K" if facts.group >= GROUPED or facts.experts >= GROUPED else more
        if kind is Kind.ATTENTION_KEY and facts.experts == MANY_EXPERTS:
            return "Q4_K"
        if kind is Kind.FEED_FORWARD_DOWN:
            place = self._count(kind)
            return more if place < facts.layers // 8 else usual
        if kind is Kind.ATTENTION_OUTPUT:
            if facts.experts == MANY_EXPERTS:
                return "Q5_K"
            if self.recipe in ("iq1_s", "iq1_m"):
                return "IQ2_XXS"
            return "IQ3_S" if self.recipe in ("iq2_s", "iq2_m") else usual
        return usual

    def _value(self, usual: str) -> str:
        facts, recipe = self.facts, self.recipe
        place = self._count(Kind.ATTENTION_VALUE)
        grouped = facts.group >= GROUPED
        chosen = usual
        if recipe == "q2_k":
            chosen = "Q4_K" if grouped else "Q3_K"
        elif recipe == "q2_k_s" and grouped:
            chosen = "Q4_K"
        elif recipe == "iq3_xxs":
            chosen = "Q4_K" if grouped else "IQ3_XXS" if facts.has_importance else "IQ3_S"
        elif (recipe in ("iq3_xs", "iq3_s") and grouped) or recipe == "iq3_m":
            chosen = "Q4_K"
        elif recipe == "q3_k_m":
            chosen = "Q5_K" if place < 2 else "Q4_K"
        elif recipe == "q3_k_l" or (recipe in ("iq4_nl", "iq4_xs") and grouped):
            chosen = "Q5_K"
        elif recipe in ("q4_k_m", "q5_k_m") and _gets_more_bits(place, facts.value_matrices):
            chosen = "Q6_K"
        elif recipe == "q4_k_s" and place < 4:
            chosen = "Q5_K"
        if facts.is_70b and chosen in ("Q3_K", "Q4_K"):
            chosen = "Q5_K"
        return "Q8_0" if facts.experts == MANY_EXPERTS else chosen

    def _down(self, name: str, usual: str) -> str:
        facts, recipe = self.facts, self.recipe
        layer, layers = self._layer(Kind.FEED_FORWARD_DOWN, name), facts.layers
        first = layer < layers // 8
        more = _gets_more_bits(layer, layers)
        falcon = facts.architecture == "falcon"
        if recipe == "q2_k":
            return "Q3_K"
        if recipe == "q2_k_s":
            return "Q4_K" if first else usual
        if recipe == "iq3_xxs" and not facts.has_importance:
            return "Q4_K" if first else "Q3_K"
        if recipe == "q3_k_m":
            if layer < layers // 16:
                return "Q5_K"
            return "Q4_K" if not falcon or more else "Q3_K"
        if recipe == "iq3_m":
            return "Q4_K" if first or (facts.experts == MANY_EXPERTS and more) else usual
        if recipe == "q3_k_l":
            return "Q4_K" if falcon else "Q5_K"
        if recipe == "q4_k_m" and falcon:
            return "Q6_K" if layer < layers // 16 else "Q5_K" if more else "Q4_K"
        if recipe in ("q4_k_m", "q5_k_m"):
            return "Q6_K" if more else usual
        if first and recipe in ("iq4_nl", "iq4_xs") and not facts.has_importance:
            return "Q5_K"
        if first and recipe == "q4_k_s" and not falcon:
            return "Q5_K"
        if first and recipe in ("q4_0", "q5_0") and facts.has_importance:
            return "Q4_1" if recipe == "q4_0" else "Q5_1"
        return usual

    def _attention_output(self, usual: str) -> str:
        if self.facts.architecture == "falcon":
            return "Q4_K" if self.recipe == "q3_k_l" else usual
        if self.facts.experts == MANY_EXPERTS:
            return "Q5_K" if self.recipe in _MORE_FOR_EXPERTS else usual
        return _ATTENTION_OUTPUTS.get(self.recipe, usual)

    def _layer(self, kind: Kind, name: str) -> int:
        """The layer of a feed-forward matrix: with experts by its name, as they come in any order, else by count."""
        place = self._count(kind)
        if self.facts.experts <= 1:
            return place
        layer = _LAYER.match(name)
        if layer is None or int(layer[1]) >= self.facts.layers:
            raise BadInput(
                f"cannot tell the layer of tensor {name}", expected=f"a name blk.N. with N below {self.facts.layers}"
            )
        return int(layer[1])

    def _count(self, kind: Kind) -> int:
        """How many of a kind came before."""
        self._seen[kind] += 1
        return self._seen[kind] - 1


def _gets_more_bits(layer: int, layers: int) -> bool:
    """The first and last eighth of the layers, and every third between."""
    return layer < layers // 8 or layer >= 7 * layers // 8 or (layer - layers // 8) % 3 == 2


_EMBEDDINGS = {
    **dict.fromkeys(("iq1_s", "iq1_m", "iq2_xxs", "iq2_xs"), "Q2_K"),
    **dict.fromkeys(("iq2_s", "iq2_m", "iq3_xxs"), "IQ3_S"),
    **dict.fromkeys(("tq1_0", "tq2_0", "q2_0"), "Q4_K"),
}
"""The format of the token embeddings, where they do not give the logits."""

_ATTENTION_OUTPUTS = {"q2_k": "Q3_K", "iq3_xxs": "IQ3_S", "q3_k_m": "Q4_K", "q3_k_l": "Q5_K", "iq3_m": "Q4_K"}

_MORE_FOR_EXPERTS = frozenset(
    {
        "q2_k",
        "iq3_xs",
        "iq3_xxs",
        "q3_k_s",
        "q3_k_m",
        "iq4_nl",
        "q4_k_s",
        "q4_k_m",
        "iq3_s",
        "iq3_m",
        "iq4_xs",
    }
)
