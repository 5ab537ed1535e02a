"""OpenVINO on the CPU: runs a decoder whose key-value cache is state inside the model, as our converter writes it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edgedocs.containers.layouts import OPENVINO, OPENVINO_WEIGHTS
from edgedocs.core import telemetry
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.core.signals import stack_kept
from edgedocs.runners.base import Logits, chosen_threads
from edgedocs.runners.folder import FolderRunner

INPUTS = {"input_ids", "attention_mask", "position_ids", "beam_idx"}
EXACT = {"INFERENCE_PRECISION_HINT": "f32", "KV_CACHE_PRECISION": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0"}
"""What pins OpenVINO to float32: by itself it may compute in bfloat16, keep the cache in 8 bits and round activations
to 8 bits where weights are quantized."""
PRECISIONS = {"f32": EXACT, "auto": {}}
NAMES = {"f32": "float32", "f16": "float16", "bf16": "bfloat16", "u8": "uint8", "i8": "int8"}
REMEDY = "convert the checkpoint again, for example with `edgedocs convert CHECKPOINT TARGET --to openvino`"


class OpenVINORunner(FolderRunner):
    """A folder with ``openvino_model.xml``, ``openvino_model.bin``, ``config.json`` and ``tokenizer.json``.

    Args:
        path: the folder.
        threads: how many threads compute; None is half of the processors, see
            :func:`~edgedocs.runners.base.default_threads`.
        precision: ``"f32"`` computes and keeps the cache in float32; ``"auto"`` lets OpenVINO choose what it takes to
            be fast on this processor.
    """

    name = "openvino"
    formats = ("openvino", "checkpoint")
    requires = ("openvino",)
    extra = "openvino"
    distribution = "openvino"
    conversion = ("openvino", "f32")

    _length: int

    @classmethod
    def accepts(cls, path: Path) -> bool:
        """Whether ``path`` is a folder that holds ``openvino_model.xml``."""
        return (path / OPENVINO).is_file()

    def __init__(self, path: Path, threads: int | None = None, precision: str = "f32") -> None:
        threads = chosen_threads(threads)
        if precision not in PRECISIONS:
            raise BadInput(f"precision is {precision!r}", expected=f"one of {', '.join(PRECISIONS)}")
        self._read_folder(path, REMEDY)
        if not (path / OPENVINO_WEIGHTS).is_file():
            raise BadInput("no such file", where=path / OPENVINO_WEIGHTS, expected="the model's weights", remedy=REMEDY)
        settings = PRECISIONS[precision] | {"INFERENCE_NUM_THREADS": str(threads)}
        compiled = _compiled(path / OPENVINO, settings)
        self._request = compiled.create_infer_request()
        self.precision = {
            "compute": _type_name(compiled, "INFERENCE_PRECISION_HINT"),
            "key_value_cache": _type_name(compiled, "KV_CACHE_PRECISION"),
        }
        self._forget()

    def _forward(self, tokens: Sequence[int], every: bool) -> Logits:
        start, end = self._length, self._length + len(tokens)
        feeds = {
            "input_ids": np.array([tokens], dtype=np.int64),
            "attention_mask": np.ones((1, end), dtype=np.int64),
            "position_ids": np.arange(start, end, dtype=np.int64)[None],
            "beam_idx": np.zeros(1, dtype=np.int32),
        }
        try:
            self._request.infer(feeds)
            logits = self._request.get_tensor("logits").data
        except RuntimeError as error:
            raise CannotRun(f"OpenVINO fails: {error}", where=self.path / OPENVINO, remedy=REMEDY) from error
        self._check_logits(logits.shape, len(tokens), self.path / OPENVINO, REMEDY)
        self._length = end
        rows: Logits = np.array(logits[0] if every else logits[0, -1:], dtype=np.float32)
        return rows

    def memory(self) -> dict[str, int]:
        """Bytes of the cache that the text so far takes, as OpenVINO reports them.

        Raises:
            CannotRun: if the cache is not of float32: OpenVINO shows a copy of it then.
        """
        self._check_open()
        if self.precision["key_value_cache"] != "float32":
            return super().memory()
        states = self._request.query_state() if self._length else []
        return {"key_value_cache": sum(one.state.byte_size for one in states)}

    def _forget(self) -> None:
        self._length = 0
        self._request.reset_state()

    def _release(self) -> None:
        del self._request


def _compiled(path: Path, settings: dict[str, str]) -> Any:
    telemetry.off()
    try:
        import openvino
    except (ImportError, OSError) as error:
        raise CannotRun(
            f"OpenVINO does not start: {error}", remedy="python -m pip install --force-reinstall openvino"
        ) from error
    core = openvino.Core()
    try:
        model = core.read_model(str(path))
        names = {name for one in model.inputs for name in one.get_names()}
        if names != INPUTS:
            raise BadInput(
                f"the model's inputs are {', '.join(sorted(names))}",
                where=path,
                expected=f"{', '.join(sorted(INPUTS))}, its key-value cache as state",
                remedy=REMEDY,
            )
        with stack_kept():
            return core.compile_model(model, "CPU", settings)
    except RuntimeError as error:
        raise BadInput(f"OpenVINO refuses the model: {error}", where=path, remedy=REMEDY) from error


def _type_name(compiled: Any, setting: str) -> str:
    name: str = compiled.get_property(setting).get_type_name()
    return NAMES.get(name, name)


RUNNER = OpenVINORunner
