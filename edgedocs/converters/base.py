"""Converter: the contract.

A converter is a module of this package that defines ``CONVERTER``, an instance of a subclass of :class:`Converter`.
It keeps these rules:

* the target appears when it is complete, and a killed process leaves what was there;
* the same checkpoint and type give the same bytes, on every machine and every day;
* memory is bounded by the largest tensor, not by the model, where the format's own tools allow it;
* the result is recorded with :meth:`edgedocs.artifact.Artifact.record`, so that a manifest lies beside it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

from edgedocs.artifact import Artifact
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf import GGUFFile
from edgedocs.containers.gguf_split import SplitLimit
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.core.extras import install_remedy, missing
from edgedocs.core.progress import Progress


class Converter(ABC):
    """Writes checkpoints in one format.

    Attributes:
        name: the format's name, the one that ``to=`` takes.
        default_type: the precision where none is asked for.
        requires: Python packages beyond the base install that it needs.
        extra: the extra of EdgeDocs that installs them.
        splits: whether it can write several files if the model does not fit one.
    """

    name: ClassVar[str]
    default_type: ClassVar[str]
    requires: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[str | None] = None
    splits: ClassVar[bool] = False

    @property
    @abstractmethod
    def types(self) -> tuple[str, ...]:
        """The precisions that it can write, such as ``f16`` or ``q4_0``."""

    @abstractmethod
    def convert(
        self,
        checkpoint: Checkpoint,
        target: Path,
        type: str,  # noqa: A002 - the word that every tool of the field uses
        progress: Progress | None = None,
        split: SplitLimit | None = None,
    ) -> Artifact:
        """Write ``checkpoint`` to ``target``; ``type`` is one of :attr:`types`, ``split`` None unless it splits."""

    def convert_gguf(
        self,
        file: GGUFFile,
        target: Path,
        type: str,  # noqa: A002
        progress: Progress | None = None,
        split: SplitLimit | None = None,
    ) -> Artifact:
        """Write a GGUF file in this format, if the format can be made of one.

        Raises:
            BadInput: here, in every case; a converter that can do it has a method of its own.
        """
        raise BadInput(
            "a GGUF file, not a checkpoint folder",
            where=file.path,
            expected="a folder with config.json and safetensors weights",
            remedy="a .gguf file can be run, measured or quantized as it is; --to safetensors makes a checkpoint of it",
        )

    def configured(self, options: Mapping[str, Any]) -> Self:
        """The converter with options of its own, which are the fields of a data class.

        Raises:
            BadInput: if it has no such option.
        """
        known: list[str] = [field.name for field in fields(self)] if is_dataclass(self) else []
        for name in options:
            if name not in known:
                listed = f"one of {', '.join(known)}" if known else "none"
                raise BadInput(f"converter {self.name} has no option {name!r}", expected=listed)
        return replace(self, **options) if options and is_dataclass(self) else self

    def checked_type(self, name: str | None) -> str:
        """``name`` as :attr:`types` has it, the default for None.

        Raises:
            BadInput: if it is none of them.
        """
        wanted = self.default_type if name is None else name.lower()
        if wanted not in self.types:
            raise BadInput(f"unknown type {name!r} for {self.name}", expected=f"one of {', '.join(self.types)}")
        return wanted

    def require(self) -> None:
        """Check that the packages that it needs are installed.

        Raises:
            CannotRun: for the first that is missing, saying how to install it.
        """
        if package := missing(self.requires):
            raise CannotRun(
                f"converter {self.name} cannot run: the Python package {package} is not installed",
                remedy=install_remedy(self.extra),
            )
