"""MLX through mlx-lm: on Apple silicon its GPU, elsewhere the CPU build of MLX."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edgedocs.checkpoint import INDEX, SINGLE
from edgedocs.containers.safetensors import SafetensorsFile, is_mlx
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners.base import Logits
from edgedocs.runners.folder import FolderRunner

REMEDY = "convert the checkpoint again, for example with `edgedocs convert CHECKPOINT TARGET --to mlx`"


class MLXRunner(FolderRunner):
    """A folder as mlx-lm writes it: ``model.safetensors``, ``config.json`` and ``tokenizer.json``.

    It computes in the type of the weights that are not quantized.

    Args:
        path: the folder.
        threads: only None: MLX decides by itself what it computes with.
    """

    name = "mlx"
    formats = ("mlx", "checkpoint")
    requires = ("mlx", "mlx_lm")
    extra = "mlx"
    distribution = "mlx"
    conversion = ("mlx", "f32")

    _cache: Any

    @classmethod
    def accepts(cls, path: Path) -> bool:
        """Whether ``path`` is a folder whose weights are laid out as MLX has them."""
        return is_mlx(path)

    def __init__(self, path: Path, threads: int | None = None) -> None:
        if threads is not None:
            raise BadInput(f"threads is {threads}", expected="none: MLX decides by itself what it computes with")
        config = self._read_folder(path, REMEDY)
        _check_weights(path)
        _check_config(path, config)
        self._core, load_model, self._make_cache = _library()
        try:
            self._model, _ = load_model(path)
        except Exception as error:  # what a model of another shape raises is not specified
            raise BadInput(f"mlx-lm refuses the model: {error}", where=path, remedy=REMEDY) from error
        self._forget()
        computed = str(self._step([0]).dtype).rpartition(".")[2]
        self.precision = {"compute": computed, "key_value_cache": computed}
        self._forget()

    def _step(self, tokens: Sequence[int]) -> Any:
        try:
            logits = self._model(self._core.array([list(tokens)]), cache=self._cache)
            self._core.eval(logits)
        except Exception as error:  # as above
            raise CannotRun(f"MLX fails: {error}", where=self.path, remedy=REMEDY) from error
        self._check_logits(logits.shape, len(tokens), self.path, REMEDY)
        return logits

    def _forward(self, tokens: Sequence[int], every: bool) -> Logits:
        logits = self._step(tokens)
        chosen = logits[0] if every else logits[0, -1:]
        return np.array(chosen.astype(self._core.float32), dtype=np.float32)

    def memory(self) -> dict[str, int]:
        """Bytes of the weights, and of the cache for the text so far; MLX makes it larger by many tokens at a time."""
        from mlx.utils import tree_flatten

        self._check_open()
        arrays: Any = tree_flatten(self._model.parameters())
        weights = sum(array.nbytes for _, array in arrays)
        return {"weights": weights, "key_value_cache": sum(layer.nbytes for layer in self._cache)}

    def _forget(self) -> None:
        self._cache = self._make_cache(self._model)

    def _release(self) -> None:
        del self._model
        self._cache = None
        self._core.clear_cache()


def _check_weights(path: Path) -> None:
    """Refuse weights whose headers cannot be true: our bounded reader goes first."""
    for file in sorted(path.glob("model*.safetensors")):
        SafetensorsFile.open(file)
    if not (path / SINGLE).is_file() and not (path / INDEX).is_file():
        raise BadInput("no weights", where=path, expected=f"{SINGLE} or {INDEX}", remedy=REMEDY)


def _check_config(path: Path, config: dict[str, Any]) -> None:
    if "model_file" in config:
        raise BadInput(
            f"the model wants to run code of its own, {config['model_file']!r}",
            where=path / "config.json",
            expected="an architecture that mlx-lm itself has",
        )


def _library() -> tuple[Any, Any, Any]:
    """``mlx.core``, and of mlx-lm what loads a model and what makes its cache."""
    # transformers, which mlx-lm imports, would remark that there is no PyTorch.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    try:
        import mlx.core
        from mlx_lm.models.cache import make_prompt_cache
        from mlx_lm.utils import load_model
    except (ImportError, OSError) as error:
        raise CannotRun(
            f"MLX does not start: {error}",
            remedy="python -m pip install --force-reinstall 'mlx[cpu]' mlx-lm; on macOS without [cpu]",
        ) from error
    return mlx.core, load_model, make_prompt_cache


RUNNER = MLXRunner
