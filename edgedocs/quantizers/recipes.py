"""Recipes: which tensor of a model gets which format.

A file called "Q4_K_M" is not all Q4_K: sensitive tensors keep more bits, and small ones all of theirs. The choice here
is llama.cpp's own, tensor by tensor (``llama_tensor_get_type`` in ``src/llama-quant.cpp``). The constants are in
``recipes.toml``, the rules of the mixtures in :mod:`edgedocs.quantizers.mixtures`.

>>> matrices = [TensorInfo("token_embd.weight", (4096, 256)), TensorInfo("blk.0.attn_q.weight", (256, 256))]
>>> {name: choice.format for name, choice in recipe("q4_0").plan(matrices, ModelFacts()).items()}
{'token_embd.weight': 'Q6_K', 'blk.0.attn_q.weight': 'Q4_0'}
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from edgedocs import quantizers
from edgedocs.core.errors import BadInput
from edgedocs.quantizers.mixtures import VALUES, Kind, Mixture, ModelFacts, kind_of, order

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Choice", "ModelFacts", "Options", "Recipe", "TensorInfo", "names", "recipe"]

FLOATS = frozenset({"F32", "F16", "BF16"})
"""Formats of one weight a block, which fit any row."""


@dataclass(frozen=True)
class TensorInfo:
    """A tensor of a model before it is quantized.

    Attributes:
        name: its GGUF name.
        shape: rows first, as in NumPy; a row is what blocks divide.
        type: the format that it has now.
    """

    name: str
    shape: tuple[int, ...]
    type: str = "F32"


@dataclass(frozen=True)
class Choice:
    """What becomes of a tensor.

    Attributes:
        format: its format, for example ``"Q6_K"``.
        needs_importance: whether llama.cpp refuses the recipe for this tensor without importance.
        wanted: the format that did not fit its rows; None if it fits.
    """

    format: str
    needs_importance: bool = False
    wanted: str | None = None


@dataclass(frozen=True)
class Options:
    """What a person may want otherwise than the recipe.

    Attributes:
        pure: all quantized tensors get the recipe's main format.
        leave_output: ``output.weight`` stays as it is.
        output_type: the format of ``output.weight``.
        embedding_type: the format of the token embeddings.
        tensor_types: regular expressions with formats; the first that is found in a tensor's name counts.
        copy: all tensors stay as they are.
    """

    pure: bool = False
    leave_output: bool = False
    output_type: str | None = None
    embedding_type: str | None = None
    tensor_types: tuple[tuple[str, str], ...] = ()
    copy: bool = False


@dataclass(frozen=True)
class Recipe:
    """The choice of formats for a whole model.

    Attributes:
        name: as on the command line, for example ``"q4_k_m"``.
        file_type: the number that GGUF files carry as ``general.file_type``.
        format: the format of most tensors.
    """

    name: str
    file_type: int
    format: str

    def plan(
        self, tensors: Iterable[TensorInfo], facts: ModelFacts, options: Options | None = None
    ) -> dict[str, Choice]:
        """What becomes of each tensor of a model.

        Args:
            tensors: all tensors of the model.
            facts: what is known of the model; what the tensors tell is counted here.
            options: what a person wants otherwise.

        Returns:
            The choices by name, in the order of the tensors.

        Raises:
            BadInput: if an option names no format or is no regular expression, or no format fits.
        """
        given = list(tensors)
        kinds = [kind_of(tensor.name) for tensor in given]
        facts = replace(
            facts, tied_output=Kind.OUTPUT not in kinds, value_matrices=sum(kind in VALUES for kind in kinds)
        )
        chooser = _Chooser(self, Mixture(self.name, facts), options or Options())
        choices = {one.name: chooser.choose(one) for one in sorted(given, key=lambda one: order(one.name))}
        return {one.name: choices[one.name] for one in given}


class _Chooser:
    """The choice for one model (``llama_tensor_get_type``)."""

    def __init__(self, recipe: Recipe, mixture: Mixture, options: Options) -> None:
        self.recipe, self.mixture, self.options = recipe, mixture, options
        self.patterns = [(_pattern(text), _format(name)) for text, name in options.tensor_types]
        self.output_type = options.output_type and _format(options.output_type)
        self.embedding_type = options.embedding_type and _format(options.embedding_type)

    def choose(self, tensor: TensorInfo) -> Choice:
        if self.options.copy or not _is_quantized(tensor, self.mixture.facts.architecture):
            return Choice(tensor.type)
        kind = kind_of(tensor.name)
        if kind is Kind.OUTPUT and self.options.leave_output:
            return Choice(tensor.type)
        named = next((name for pattern, name in self.patterns if pattern.search(tensor.name)), None)
        # The embeddings of each layer are a large table of their own, so an expression may name them.
        excepted = named and tensor.name == "per_layer_token_embd.weight"
        if self.embedding_type and kind is Kind.TOKEN_EMBEDDING and not excepted:
            return self._settled(tensor, kind, self.embedding_type)
        if self.output_type and kind is Kind.OUTPUT:
            return self._settled(tensor, kind, self.output_type)
        usual = self.recipe.format
        if usual in FLOATS:
            return Choice(usual)
        if named:
            return self._that_fits(tensor, kind, named)
        if self.options.pure:
            return self._that_fits(tensor, kind, usual)
        if self.output_type and self.mixture.facts.tied_output and kind is Kind.TOKEN_EMBEDDING:
            return self._that_fits(tensor, kind, self.output_type)
        fits = tensor.shape[-1] % quantizers.get(usual).block_size == 0
        is_stack = len(tensor.shape) > 2 and tensor.shape[-3] > 1
        return self._that_fits(tensor, kind, self.mixture.choose(tensor.name, kind, fits, is_stack, usual))

    def _settled(self, tensor: TensorInfo, kind: Kind, wanted: str) -> Choice:
        """A format that a person chose for an embedding or the output, which nothing else takes the place of."""
        if tensor.shape[-1] % quantizers.get(wanted).block_size:
            raise BadInput(
                f"{wanted} does not fit rows of {tensor.shape[-1]} weights",
                where=tensor.name,
                expected=f"rows of a multiple of {quantizers.get(wanted).block_size} weights, or another format",
            )
        return Choice(wanted, self._needs_importance(kind, wanted))

    def _that_fits(self, tensor: TensorInfo, kind: Kind, wanted: str) -> Choice:
        """``wanted``, or what takes its place where its blocks do not divide a row (``tensor_type_fallback``)."""
        columns = tensor.shape[-1]
        for candidate in (wanted, _constants()["fallback"].get(wanted)):
            if candidate is not None and columns % quantizers.get(candidate).block_size == 0:
                missed = None if candidate == wanted else wanted
                return Choice(candidate, self._needs_importance(kind, candidate), missed)
        if wanted not in _constants()["fallback"] and quantizers.get(wanted).block_size > _SMALL_BLOCK:
            raise BadInput(
                f"{wanted} does not fit rows of {columns} weights, and llama.cpp has nothing in its place",
                where=tensor.name,
                expected=f"rows of a multiple of {quantizers.get(wanted).block_size} weights",
                remedy="choose another type",
            )
        return Choice("F16", wanted=wanted)

    def _needs_importance(self, kind: Kind, chosen: str) -> bool:
        """Whether llama.cpp refuses this tensor without importance (``tensor_requires_imatrix``)."""
        if kind in (Kind.OUTPUT, Kind.TOKEN_EMBEDDING):
            return False
        return chosen in _constants()["needs_importance"]["formats"] or (
            chosen == "Q2_K" and self.recipe.name == "q2_k_s"
        )


_SMALL_BLOCK = 32


def recipe(name: str) -> Recipe:
    """The recipe called ``name``, for example ``"q4_k_m"``; upper and lower case are the same.

    Raises:
        BadInput: if there is no such recipe; the message lists those that there are.
    """
    known = _constants()["recipes"]
    actual = _constants()["aliases"].get(name.lower(), name.lower())
    if actual not in known:
        raise BadInput(f"unknown type {name!r}", expected=f"one of {', '.join(names())}")
    return Recipe(actual, known[actual]["file_type"], known[actual]["format"])


def names() -> list[str]:
    """The names of all recipes, in the order of the table: from plain floats to mixtures."""
    return list(_constants()["recipes"])


@cache
def _constants() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("recipes.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _format(name: str) -> str:
    """The format of this name, as GGUF files spell it."""
    if name.lower() not in quantizers.names():
        raise BadInput(f"unknown format {name!r}", expected=f"one of {', '.join(quantizers.names())}")
    return quantizers.get(name).name


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise BadInput(
            f"{text!r} is no regular expression: {error}", expected="an expression such as ffn_down"
        ) from error


def _is_quantized(tensor: TensorInfo, architecture: str) -> bool:
    """Whether a recipe touches the tensor at all (``tensor_allows_quantization``)."""
    kept = _constants()["kept"]
    parts = [*kept["contains"], *kept["of_architecture"].get(architecture, ())]
    is_matrix = any(length > 1 for length in tensor.shape[:-1])
    return (
        is_matrix
        and tensor.name.endswith("weight")
        and tensor.name not in kept["exactly"]
        and not any(part in tensor.name for part in parts)
    )
