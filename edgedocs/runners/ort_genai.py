"""ONNX Runtime GenAI on the CPU: runs the folder that our converter of that name writes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edgedocs.containers.layouts import GENAI, ONNX
from edgedocs.core import files, telemetry
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners.base import Logits, chosen_threads
from edgedocs.runners.folder import FolderRunner, positive_size
from edgedocs.runners.onnxruntime import COMPUTE, PAST

REMEDY = "convert the checkpoint again, for example with `edgedocs convert CHECKPOINT TARGET --to ort-genai`"
CACHE_TYPES = {1: "float32", 10: "float16"}


class OrtGenai(FolderRunner):
    """A folder with ``genai_config.json``, ``model.onnx``, ``config.json`` and ``tokenizer.json``.

    Tokens are those of ``tokenizer.json`` as the library ``tokenizers`` reads it, and the next one is chosen here, as
    in all runners; the engine computes logits and keeps the cache.

    Args:
        path: the folder.
        threads: how many threads compute; None is half of the processors, see
            :func:`~edgedocs.runners.base.default_threads`.
    """

    name = "ort_genai"
    formats = ("ort_genai", "checkpoint")
    requires = ("onnxruntime_genai",)
    extra = "genai"
    distribution = "onnxruntime-genai"
    conversion = ("ort_genai", "f32")

    @classmethod
    def accepts(cls, path: Path) -> bool:
        """Whether ``path`` is a folder that holds ``genai_config.json``."""
        return (path / GENAI).is_file()

    def __init__(self, path: Path, threads: int | None = None) -> None:
        threads = chosen_threads(threads)
        config = files.read_json_object(path / GENAI, REMEDY)
        self._read_folder(path, REMEDY)
        model = config.get("model")
        sizes = model if isinstance(model, dict) else {}
        if positive_size(sizes, "vocab_size", path, GENAI) != self.vocabulary:
            raise BadInput(
                f"vocab_size is {sizes['vocab_size']}",
                where=path / GENAI,
                expected=f"{self.vocabulary}, as in config.json",
                remedy=REMEDY,
            )
        self.context_length = min(self.context_length, positive_size(sizes, "context_length", path, GENAI))
        self.precision = _precision(path / ONNX)
        self._library = _library()
        self._model = self._load(threads)
        self._generator: Any = None

    def _load(self, threads: int) -> Any:
        overlay = {"model": {"decoder": {"session_options": {"intra_op_num_threads": threads}}}}
        try:
            config = self._library.Config(str(self.path))
            config.overlay(files.json_bytes(overlay).decode())
            return self._library.Model(config)
        except Exception as error:  # the binding raises classes of its own
            raise BadInput(
                f"onnxruntime-genai refuses the model: {str(error).strip()}", where=self.path, remedy=REMEDY
            ) from error

    def _forward(self, tokens: Sequence[int], every: bool) -> Logits:
        try:
            if self._generator is None:
                parameters = self._library.GeneratorParams(self._model)
                parameters.set_search_options(max_length=self.context_length, do_sample=False)
                self._generator = self._library.Generator(self._model, parameters)
            self._generator.append_tokens(np.array(tokens, np.int32))
            logits = np.asarray(self._generator.get_output("logits"))
        except Exception as error:  # the binding raises classes of its own
            raise CannotRun(f"onnxruntime-genai fails: {str(error).strip()}", where=self.path, remedy=REMEDY) from error
        self._check_logits(logits.shape, len(tokens), self.path / ONNX, REMEDY)
        rows: Logits = (logits[0] if every else logits[0, -1:]).astype(np.float32, copy=True)
        return rows

    def _forget(self) -> None:
        self._generator = None

    def _release(self) -> None:
        self._generator = None
        del self._model


def _precision(path: Path) -> dict[str, str]:
    """What the model's own file says it computes in."""
    import onnx

    try:
        model = onnx.load(path, load_external_data=False)
    except FileNotFoundError as error:
        raise BadInput("no such file", where=path, remedy=REMEDY) from error
    except Exception as error:  # protobuf's own error classes differ between its implementations
        raise BadInput(f"no ONNX model: {error}", where=path, remedy=REMEDY) from error
    notes = {entry.key: entry.value for entry in model.metadata_props}
    caches = [one.type.tensor_type.elem_type for one in model.graph.input if one.name.startswith(PAST)]
    cache = CACHE_TYPES.get(caches[0], "float32") if caches else "float32"
    return {"compute": notes.get(COMPUTE, "float32"), "key_value_cache": cache}


def _library() -> Any:
    telemetry.off()
    try:
        import onnxruntime_genai
    except ImportError as error:
        raise CannotRun(f"onnxruntime-genai does not start: {error}", remedy="pip install onnxruntime-genai") from error
    return onnxruntime_genai


RUNNER = OrtGenai
