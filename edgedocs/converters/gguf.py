"""GGUF: checkpoints into the file that llama.cpp loads, and such files into smaller ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from edgedocs.artifact import Artifact
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf import is_gguf
from edgedocs.containers.gguf_split import SplitLimit
from edgedocs.containers.imatrix import ImportanceMatrix
from edgedocs.converters.base import Converter
from edgedocs.converters.gguf_plan import Plan, check_target
from edgedocs.converters.gguf_source import SourceModel
from edgedocs.core.progress import Progress
from edgedocs.quantizers import recipes
from edgedocs.quantizers.recipes import Options


class GGUFConverter(Converter):
    """Writes GGUF files, tensor by tensor."""

    name = "gguf"
    default_type = "f16"
    splits = True

    @property
    def types(self) -> tuple[str, ...]:
        """The recipes."""
        return tuple(recipes.names())

    def convert(
        self,
        checkpoint: Checkpoint,
        target: Path,
        type: str,  # noqa: A002 - the contract's name
        progress: Progress | None = None,
        split: SplitLimit | None = None,
    ) -> Artifact:
        """Write a checkpoint as GGUF; see :class:`~edgedocs.converters.base.Converter`.

        Raises:
            BadInput: if the checkpoint is malformed, is of a kind that llama.cpp would read otherwise, or holds weights
                that the type cannot store; or if the type needs importance (then use :func:`quantize`).
            CannotRun: if the target cannot be written.
        """
        check_target(target)
        return Plan.make(SourceModel.from_checkpoint(checkpoint), recipes.recipe(type)).write(
            target, progress, split=split
        )


CONVERTER = GGUFConverter()


def plan(
    source: str | Path | Checkpoint,
    type: str,  # noqa: A002 - the word that every tool of the field uses
    *,
    options: Options | None = None,
    imatrix: str | Path | None = None,
    allow_requantize: bool = False,
) -> Plan:
    """What quantizing a model gives: the format of each tensor, and the size.

    Args:
        source: a checkpoint, its folder, a GGUF file, or ``"tiny"``.
        type: the recipe, such as ``"q4_k_m"``, or ``"copy"``.
        options: what is wanted otherwise than the recipe.
        imatrix: an importance matrix, GGUF or .dat.
        allow_requantize: whether weights that were quantized before may be quantized again, which loses quality.

    Raises:
        BadInput: if the source or the matrix is malformed, or llama.cpp would refuse.
        CannotRun: if a file cannot be read.
    """
    copies = type.lower() == "copy"
    if copies:
        options = replace(options or Options(), copy=True)
    recipe = recipes.recipe("f32" if copies else type)
    model = _source(source)
    importance = None if imatrix is None else ImportanceMatrix.open(imatrix)
    return Plan.make(model, recipe, options, importance, allow_requantize=allow_requantize)


def quantize(
    source: str | Path | Checkpoint,
    target: str | Path,
    type: str,  # noqa: A002 - the word that every tool of the field uses
    progress: Progress | None = None,
    *,
    options: Options | None = None,
    imatrix: str | Path | None = None,
    allow_requantize: bool = False,
    threads: int | None = None,
    split: SplitLimit | None = None,
) -> Artifact:
    """Quantize a model, in one pass and tensor by tensor.

    Every tensor gets the type and the bytes that llama.cpp's ``llama_model_quantize`` gives it; the metadata stays, but
    for the recipe and what is said of the importance matrix.

    Args:
        source: a checkpoint, its folder, a GGUF file, or ``"tiny"``.
        target: the GGUF file to write; it appears when it is complete.
        type: the recipe, such as ``"q4_k_m"``, or ``"copy"``.
        progress: called with the bytes written so far and in all.
        options: what is wanted otherwise than the recipe.
        imatrix: an importance matrix, GGUF or .dat.
        allow_requantize: whether weights that were quantized before may be quantized again, which loses quality.
        threads: how many work at a time; by default as many as there are processors to run on.
        split: write several files if it does not fit one.

    Raises:
        BadInput: if the source or the matrix is malformed, llama.cpp would refuse, or a weight cannot be stored.
        CannotRun: if a file cannot be read or written.
    """
    check_target(Path(target))
    made = plan(source, type, options=options, imatrix=imatrix, allow_requantize=allow_requantize)
    return made.write(Path(target), progress, threads, split)


def _source(source: str | Path | Checkpoint) -> SourceModel:
    if isinstance(source, Checkpoint):
        return SourceModel.from_checkpoint(source)
    path = Path(source)
    return SourceModel.from_gguf(path) if is_gguf(path) else SourceModel.from_checkpoint(Checkpoint.open(source))
