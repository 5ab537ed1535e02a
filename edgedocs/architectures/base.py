"""Architecture: what a converter must know about a model family. This docstring is the contract.

An architecture is a module of this package that defines ``ARCHITECTURE``, an instance of a subclass of
:class:`Architecture`. It writes two things: :meth:`Architecture.spec`, which reads ``config.json`` and refuses what the
converters would get wrong, and :meth:`Architecture.tensors`, which lists every tensor the model needs, once each, in
the order of the computation. Everything else (finding the family, checking a checkpoint's tensors) is done here, and
what families of decoders share in :mod:`edgedocs.architectures.decoder`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

from edgedocs.architectures.spec import DecoderSpec, EncoderSpec, ModelSpec
from edgedocs.core.errors import BadInput

__all__ = ["MOST_LAYERS", "Architecture", "DecoderSpec", "EncoderSpec", "ModelSpec", "Shaped", "TensorRole"]

MOST_LAYERS = 512
"""llama.cpp's own limit (``LLAMA_MAX_LAYERS``); it also bounds the work that a lying ``config.json`` can cause."""


@dataclass(frozen=True)
class TensorRole:
    """One tensor that the model needs.

    Attributes:
        name: its name in a Hugging Face checkpoint.
        gguf: its name in GGUF; the tensors of a stack share it.
        shape: its shape there, rows first: ``(outputs, inputs)`` for a projection.
        permuted: whether GGUF wants its rows reordered: llama.cpp rotates neighbouring pairs of a head, Hugging Face
            the two halves (queries and keys).
        offset: what is to be added to the stored weights.
        stack: of how many tensors it is one, which follow each other here and which GGUF stores as one; 0 if of none.
    """

    name: str
    gguf: str
    shape: tuple[int, ...]
    permuted: bool = False
    offset: float = 0.0
    stack: int = 0


class Shaped(Protocol):
    """Anything with a shape: a tensor of a checkpoint, a NumPy array."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The dimensions, rows first."""


class Architecture(ABC):
    """A model family.

    Attributes:
        name: the family's name, that of its module.
        model_types: the values of ``model_type`` in ``config.json`` that mean this family, the usual one first.
        model_class: transformers' class for it; empty if it is not made of GGUF again.
        gguf: what GGUF calls the architecture, the same as in its spec; several families can share it.
    """

    name: ClassVar[str]
    model_types: ClassVar[tuple[str, ...]]
    model_class: ClassVar[str] = ""
    gguf: ClassVar[str] = ""

    @abstractmethod
    def spec(self, config: Mapping[str, Any], where: str | Path = "config.json") -> ModelSpec:
        """Read ``config.json``.

        Raises:
            BadInput: if a value is missing or cannot be right, or asks for something that the converters do not know.
        """

    @abstractmethod
    def tensors(self, spec: ModelSpec) -> tuple[TensorRole, ...]:
        """Every tensor that a model of this shape needs, in the order of the computation."""

    def restores(self, found: Mapping[str, Any]) -> bool:
        """Whether a GGUF file of :attr:`gguf`'s architecture comes back as this family; ``found`` as for
        :meth:`restored`."""
        return bool(self.model_class)

    def restored(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """``config.json`` again: what :meth:`spec` reads, from what a GGUF file says of the network.

        Args:
            found: the same under the names that most families have for it in ``config.json``; experts as in Qwen3.
        """
        return {"architectures": [self.model_class], "model_type": self.model_types[0], **found}

    def ignores(self, name: str, spec: ModelSpec) -> bool:
        """Whether a tensor called ``name`` carries nothing that the model needs."""
        return False

    def check_count(self, spec: ModelSpec, count: int, where: str | Path) -> None:  # noqa: B027 - may stay as it is
        """Raise if a model of this shape has far more tensors than ``count``, where that could be costly to find out.

        Raises:
            BadInput: if there are far too few.
        """

    def check(self, spec: ModelSpec, tensors: Mapping[str, Shaped], where: str | Path) -> None:
        """Compare a checkpoint's tensors with what the model needs.

        Raises:
            BadInput: at the first tensor that is missing, has another shape, or is none of this family's.
        """
        self.check_count(spec, len(tensors), where)
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
                    expected=f"the tensors of a plain {self.name} model",
                    remedy="leaving it out would change the model; use a checkpoint without adapters or additions",
                )
