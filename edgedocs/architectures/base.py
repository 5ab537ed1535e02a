"""Architecture: what a converter must know about a model family. This docstring is the contract.

An architecture is a module of this package that defines ``ARCHITECTURE``, an instance of a subclass of
:class:`Architecture`. It writes two things: :meth:`Architecture.spec`, which reads ``config.json`` and refuses what the
converters would get wrong, and :meth:`Architecture.tensors`, which lists every tensor the model needs, once each, in
the order of the computation. Everything else (finding the family, checking a checkpoint's tensors) is done here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

from edgedocs.core.errors import BadInput

MOST_LAYERS = 512
"""llama.cpp's own limit (``LLAMA_MAX_LAYERS``); it also bounds the work that a lying ``config.json`` can cause."""


@dataclass(frozen=True)
class DecoderSpec:
    """The shape of a decoder, whatever format it is stored in.

    Attributes:
        architecture: the family's name, which GGUF stores as ``general.architecture``.
        vocabulary: rows of the token embedding.
        hidden_size: width of the residual stream.
        feed_forward_size: width inside the feed-forward network.
        layers: number of decoder layers.
        heads: query heads.
        key_value_heads: key and value heads; fewer than ``heads`` is grouped-query attention.
        head_size: width of one head.
        context_length: positions that the model was made for.
        norm_epsilon: what RMS normalization adds to the mean square.
        rope_theta: the base of the rotary frequencies.
        tied_embeddings: whether the output projection is the token embedding.
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
    rope_theta: float
    tied_embeddings: bool


@dataclass(frozen=True)
class TensorRole:
    """One tensor that the model needs.

    Attributes:
        name: its name in a Hugging Face checkpoint.
        gguf: its name in GGUF.
        shape: its shape there, rows first: ``(outputs, inputs)`` for a projection.
        permuted: whether GGUF wants its rows reordered: llama.cpp rotates neighbouring pairs of a head, Hugging Face
            the two halves (queries and keys).
    """

    name: str
    gguf: str
    shape: tuple[int, ...]
    permuted: bool = False


class Shaped(Protocol):
    """Anything with a shape: a tensor of a checkpoint, a NumPy array."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The dimensions, rows first."""


class Architecture(ABC):
    """A model family.

    Attributes:
        name: the family's name, which is also its name in GGUF.
        model_types: the values of ``model_type`` in ``config.json`` that mean this family.
    """

    name: ClassVar[str]
    model_types: ClassVar[tuple[str, ...]]

    @abstractmethod
    def spec(self, config: Mapping[str, Any], where: str | Path = "config.json") -> DecoderSpec:
        """Read ``config.json``.

        Raises:
            BadInput: if a value is missing or cannot be right, or asks for something that the converters do not know.
        """

    @abstractmethod
    def tensors(self, spec: DecoderSpec) -> tuple[TensorRole, ...]:
        """Every tensor that a model of this shape needs, in the order of the computation."""

    def ignores(self, name: str, spec: DecoderSpec) -> bool:
        """Whether a tensor called ``name`` carries nothing that the model needs."""
        return False

    def check(self, spec: DecoderSpec, tensors: Mapping[str, Shaped], where: str | Path) -> None:
        """Compare a checkpoint's tensors with what the model needs.

        Raises:
            BadInput: at the first tensor that is missing, has another shape, or is none of this family's.
        """
        roles = {role.name: role for role in self.tensors(spec)}
        for role in roles.values():
            if role.name not in tensors:
                raise BadInput(
                    f"tensor {role.name} is missing",
                    where=where,
                    expected=f"one of shape {list(role.shape)}, as config.json says",
                    remedy="check that the download is complete and config.json belongs to these weights",
                )
            if (shape := tuple(tensors[role.name].shape)) != role.shape:
                raise BadInput(
                    f"tensor {role.name} has shape {list(shape)}",
                    where=where,
                    expected=f"{list(role.shape)}, as config.json says",
                    remedy="check that config.json belongs to these weights",
                )
        for name in tensors:
            if name not in roles and not self.ignores(name, spec):
                raise BadInput(
                    f"tensor {name!r} has no place in a {self.name} model",
                    where=where,
                    expected=f"the tensors of a plain {self.name} decoder",
                    remedy="leaving it out would change the model; use a checkpoint without adapters or additions",
                )
