"""Importance: how large the activations are that each column of a model's matrices is multiplied with.

llama.cpp computes; a callback sees both sides of each matrix product, as llama-imatrix does it
(``collect_imatrix`` in ``tools/imatrix/imatrix.cpp``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgedocs.containers.imatrix import write_imatrix
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.core.progress import Progress
from edgedocs.measurement import ggml_tensors
from edgedocs.measurement.windows import CONTEXT, Windows
from edgedocs.runners.llama_cpp import LlamaCpp
from edgedocs.runners.sources import Source

FEWEST_ROWS = 16
"""Products with fewer activations are left out, as llama-imatrix does: they belong to no chunk of text."""
OUTPUT = "output.weight"


@dataclass(frozen=True)
class Importance:
    """What was measured.

    Attributes:
        sums: by the matrix' GGUF name, float32 ``[experts, columns]``: squares of activations, added up.
        counts: by the same names, float32 ``[experts, 1]``: how many activations.
        chunks: how many chunks of text.
        context: tokens a chunk.
    """

    sums: dict[str, NDArray[np.float32]]
    counts: dict[str, NDArray[np.float32]]
    chunks: int
    context: int

    def write(self, path: Path, datasets: Sequence[str]) -> str:
        """Write the file that ``--imatrix`` reads, and llama.cpp too; gives its SHA-256."""
        return write_imatrix(path, self.sums, self.counts, datasets, self.chunks, self.context)


def importance(
    source: Source,
    text: str,
    context: int | None = None,
    chunks: int | None = None,
    output: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Importance:
    """Measure the importance matrix of a model on a text.

    Args:
        source: a GGUF file, a checkpoint, its folder, or ``"tiny"``; a checkpoint is measured in float32.
            The key-value cache is float32 too, other than llama-imatrix's.
        text: what the model is to be good at, at least two chunks long.
        context: tokens a chunk, 16 or more; None is 512, or what the model was trained for if that is less.
        chunks: measure only so many chunks from the start.
        output: whether to measure ``output.weight`` too.
        threads: how many threads compute.
        progress: called with the chunks done and the chunks in all.

    Raises:
        BadInput: if the model, the text or an option cannot be right.
        CannotRun: if llama.cpp is missing or fails, or an activation is no number.
    """
    if context is not None and context < FEWEST_ROWS:
        raise BadInput(f"context is {context}", expected=f"{FEWEST_ROWS} or more")
    if chunks is not None and chunks < 1:
        raise BadInput(f"chunks is {chunks}", expected="1 or more")
    with _Observed.load(source, context=context, threads=threads, kv_cache="f32") as runner:
        length = context or min(CONTEXT, runner.context_length)
        pieces = Windows(length, length, "llama.cpp").cut(runner, text)[:chunks]
        runner.collector = collector = _Collector(output)
        for number, piece in enumerate(pieces):
            runner.logits(piece.tokens)
            collector.check(runner.path)
            if progress is not None:
                progress(number + 1, len(pieces))
    sums = {name: total.astype(np.float32) for name, total in collector.sums.items()}
    counts = {name: count[:, np.newaxis].astype(np.float32) for name, count in collector.counts.items()}
    if not sums:
        raise CannotRun("llama.cpp computed no product of a matrix that could be measured", where=runner.path)
    return Importance(sums, counts, len(pieces), length)


class _Observed(LlamaCpp):
    """A GGUF file whose matrix products are looked at, once there is a collector."""

    collector: _Collector | None = None

    def _context_parameters(self, threads: int, kv_cache: str) -> Any:
        parameters = super()._context_parameters(threads, kv_cache)
        self._look = self._library.ggml_backend_sched_eval_callback(self._see)
        parameters.cb_eval = self._look
        return parameters

    def _see(self, address: int, asks: bool, _: Any) -> bool:
        return not asks if self.collector is None else self.collector.see(address, asks)


class _Collector:
    """Adds up what passes by.

    Args:
        output: whether ``output.weight`` is measured.
    """

    def __init__(self, output: bool) -> None:
        self._output = output
        self.sums: dict[str, NDArray[np.float64]] = {}
        self.counts: dict[str, NDArray[np.int64]] = {}
        self._error: BaseException | None = None

    def see(self, address: int, asks: bool) -> bool:
        """Called by llama.cpp before a product, asking whether to look at it, and after it.

        Nothing may be raised into C code, so it is kept until :meth:`check`.
        """
        if self._error is not None:
            return not asks
        try:
            kind = ggml_tensors.operation(address)
            if kind not in ("MUL_MAT", "MUL_MAT_ID"):
                return not asks
            product = ggml_tensors.tensor_at(address)
            if asks:
                return self._wanted(product, kind)
            self._add(product, kind)
        except BaseException as error:
            self._error = error
        return True

    def check(self, where: Path) -> None:
        """Raise what went wrong."""
        if self._error is not None:
            raise self._error
        for name, total in self.sums.items():
            if not np.isfinite(total).all():
                raise CannotRun(
                    f"an activation that {name} is multiplied with is infinite or no number",
                    where=where,
                    expected="finite activations",
                    remedy="check the weights",
                )

    def _wanted(self, product: Any, kind: str) -> bool:
        if kind == "MUL_MAT_ID":
            return True
        activations = product.src[1].contents
        name = ggml_tensors.name_of(product.src[0].contents)
        if activations.ne[1] < FEWEST_ROWS or activations.type != 0:
            return False
        return name.startswith("blk.") or (self._output and name == OUTPUT)

    def _add(self, product: Any, kind: str) -> None:
        weights, activations = product.src[0].contents, product.src[1].contents
        name = ggml_tensors.name_of(weights)
        inputs = ggml_tensors.values(activations)
        columns = inputs.shape[-1]
        if kind == "MUL_MAT":
            rows = inputs.reshape(-1, columns)
            self._count(name, 0, 1, rows)
            return
        experts = int(weights.ne[2])
        # [tokens, used]; activations are [tokens, used or 1, columns]
        chosen = ggml_tensors.values(product.src[2].contents)[0, 0]
        inputs = np.broadcast_to(inputs[0], (*chosen.shape, columns))
        for expert in range(experts):
            self._count(name, expert, experts, inputs[chosen == expert])

    def _count(self, name: str, expert: int, experts: int, rows: NDArray[np.float32]) -> None:
        if name not in self.sums:
            self.sums[name] = np.zeros((experts, rows.shape[-1]))
            self.counts[name] = np.zeros(experts, np.int64)
        self.sums[name][expert] += np.square(rows, dtype=np.float64).sum(axis=0)
        self.counts[name][expert] += len(rows)
