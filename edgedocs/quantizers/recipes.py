"""Recipes: which tensor of a model gets which format.

A file called "Q4_0" is not all Q4_0: small and sensitive tensors keep more bits. The choice here is llama.cpp's own,
tensor by tensor (``llama_tensor_get_type`` in ``src/llama-quant.cpp``). The constants are in ``recipes.toml``.

>>> recipe("q4_0").tensor_type("blk.0.attn_q.weight", (256, 256), tied_output=True)
'Q4_0'
>>> recipe("q4_0").tensor_type("token_embd.weight", (4096, 256), tied_output=True)
'Q6_K'
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from edgedocs import quantizers
from edgedocs.core.errors import BadInput

GROUPED_EXPERTS = 8
"""llama.cpp gives the small key and value matrices of models with exactly so many experts more bits."""


@dataclass(frozen=True)
class Recipe:
    """The choice of formats for a whole model.

    Attributes:
        name: as on the command line, for example ``"q4_0"``.
        file_type: the number that GGUF files carry as ``general.file_type``.
        format: the format of most tensors.
        output: the format of the matrix that gives the logits; None where no tensor has blocks.
    """

    name: str
    file_type: int
    format: str
    output: str | None

    def tensor_type(
        self,
        name: str,
        shape: tuple[int, ...],
        tied_output: bool,
        *,
        source_type: str = "F32",
        experts: int = 0,
        architecture: str = "llama",
    ) -> str:
        """The format for one tensor.

        Args:
            name: its GGUF name.
            shape: rows first, as in NumPy; a row is what blocks divide.
            tied_output: whether the model has no ``output.weight``, so that its token embeddings give the logits.
            source_type: the format it has now, which it keeps if the recipe leaves it alone.
            experts: the number of experts of the model.
            architecture: the model's ``general.architecture``.

        Returns:
            The format's name, for example ``"Q6_K"``; F16 where no blocks divide the rows.
        """
        if not _is_quantized(name, shape):
            return source_type
        if self.output is None:
            return self.format
        wanted = self._wanted(name, shape, tied_output, experts, architecture)
        return _that_fits(wanted, shape)

    def _wanted(self, name: str, shape: tuple[int, ...], tied_output: bool, experts: int, architecture: str) -> str:
        """The format before the shape has its say (``llama_tensor_get_type_impl``)."""
        assert self.output is not None
        category = _category(name)
        if category == "output" or (category == "token_embedding" and tied_output):
            no_blocks = shape[-1] % quantizers.get(self.format).block_size != 0
            return "Q8_0" if architecture == "falcon" or no_blocks else self.output
        if category in ("attention_value", "attention_key") and experts == GROUPED_EXPERTS:
            return "Q8_0"
        return self.format


def recipe(name: str) -> Recipe:
    """The recipe called ``name``, for example ``"q4_0"``; upper and lower case are the same.

    Raises:
        BadInput: if there is no such recipe; the message lists those that there are.
    """
    entry = _constants()["recipes"].get(name.lower())
    if entry is None:
        raise BadInput(f"unknown type {name!r}", expected=f"one of {', '.join(names())}")
    return Recipe(name.lower(), entry["file_type"], entry["format"], entry.get("output"))


def names() -> list[str]:
    """The names of all recipes, in the order of the table: from plain floats to mixtures."""
    return list(_constants()["recipes"])


@cache
def _constants() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("recipes.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _is_quantized(name: str, shape: tuple[int, ...]) -> bool:
    """Whether a recipe touches the tensor at all (``tensor_allows_quantization``)."""
    kept = _constants()["kept"]
    is_matrix = any(length > 1 for length in shape[:-1])
    return (
        is_matrix
        and name.endswith("weight")
        and name not in kept["exactly"]
        and not any(part in name for part in kept["contains"])
    )


def _category(name: str) -> str:
    categories = _constants()["categories"]
    if name in categories["output"]:
        return "output"
    if name in categories["token_embedding"]:
        return "token_embedding"
    for category in ("attention_value", "attention_key"):
        if any(part in name for part in categories[category]):
            return category
    return "other"


def _that_fits(wanted: str, shape: tuple[int, ...]) -> str:
    """``wanted``, or what takes its place where its blocks do not divide a row (``tensor_type_fallback``)."""
    for candidate in (wanted, _constants()["fallback"].get(wanted)):
        if candidate is not None and shape[-1] % quantizers.get(candidate).block_size == 0:
            return str(candidate)
    return "F16"
