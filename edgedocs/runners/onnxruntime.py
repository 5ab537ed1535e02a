"""ONNX Runtime on the CPU: runs a decoder with key-value cache inputs and outputs, as our ONNX converter writes it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edgedocs.core import telemetry
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners.base import Logits, default_threads
from edgedocs.runners.folder import FolderRunner

MODEL = "model.onnx"
PAST, PRESENT = "past_key_values.", "present."
FIXED_INPUTS = {"input_ids", "attention_mask", "position_ids"}
ELEMENT_TYPES = {"tensor(float)": np.dtype(np.float32), "tensor(float16)": np.dtype(np.float16)}
REMEDY = "convert the checkpoint again, for example with `edgedocs convert CHECKPOINT TARGET --to onnx`"


class OnnxRuntime(FolderRunner):
    """A folder with ``model.onnx``, ``config.json`` and ``tokenizer.json``.

    Args:
        path: the folder.
        threads: how many threads compute; None is half of the processors, see
            :func:`~edgedocs.runners.base.default_threads`.
    """

    name = "onnxruntime"
    formats = ("onnx", "checkpoint")
    distribution = "onnxruntime"
    conversion = ("onnx", "f32")

    _length: int
    _cache: dict[str, np.ndarray[Any, Any]]

    @classmethod
    def accepts(cls, path: Path) -> bool:
        """Whether ``path`` is a folder that holds ``model.onnx``."""
        return (path / MODEL).is_file()

    def __init__(self, path: Path, threads: int | None = None) -> None:
        if threads is not None and threads < 1:
            raise BadInput(f"threads is {threads}", expected="1 or more")
        self._read_folder(path, REMEDY)
        self._session = _session(path / MODEL, threads)
        self._past_inputs: list[Any] = [one for one in self._session.get_inputs() if one.name.startswith(PAST)]
        self._check_interface()
        cache_type = ELEMENT_TYPES[self._past_inputs[0].type]
        self.precision = {"compute": "float32", "key_value_cache": str(cache_type)}
        self._forget()

    def _check_interface(self) -> None:
        names = {one.name for one in self._session.get_inputs()}
        past = {one.name.removeprefix(PAST) for one in self._past_inputs}
        present = {one.name.removeprefix(PRESENT) for one in self._session.get_outputs()[1:]}
        fits = names - {one.name for one in self._past_inputs} == FIXED_INPUTS and past and past == present
        if not fits or not all(map(_is_cache, self._past_inputs)):
            raise BadInput(
                f"the model's inputs are {', '.join(sorted(names))}",
                where=self.path / MODEL,
                expected=f"{', '.join(sorted(FIXED_INPUTS))} and a key-value cache {PAST}N.key, {PAST}N.value",
                remedy=REMEDY,
            )

    def _forward(self, tokens: Sequence[int], every: bool) -> Logits:
        start, end = self._length, self._length + len(tokens)
        feeds = {
            "input_ids": np.array([tokens], dtype=np.int64),
            "attention_mask": np.ones((1, end), dtype=np.int64),
            "position_ids": np.arange(start, end, dtype=np.int64)[None],
            **self._cache,
        }
        try:
            logits, *present = self._session.run(None, feeds)
        except Exception as error:  # see _session
            raise CannotRun(f"ONNX Runtime fails: {error}", where=self.path / MODEL, remedy=REMEDY) from error
        if logits.shape != (1, len(tokens), self.vocabulary):
            raise BadInput(
                f"the model gives logits of shape {list(logits.shape)}",
                where=self.path / MODEL,
                expected=f"{[1, len(tokens), self.vocabulary]}, by vocab_size in config.json",
                remedy=REMEDY,
            )
        names = [one.name.replace(PRESENT, PAST, 1) for one in self._session.get_outputs()[1:]]
        self._cache = dict(zip(names, present, strict=True))
        self._length = end
        rows: Logits = (logits[0] if every else logits[0, -1:]).astype(np.float32, copy=False)
        return rows

    def _forget(self) -> None:
        self._length = 0
        self._cache = {}
        for one in self._past_inputs:
            _, heads, _, head_size = one.shape
            self._cache[one.name] = np.zeros((1, heads, 0, head_size), dtype=ELEMENT_TYPES[one.type])

    def _release(self) -> None:
        del self._session
        self._cache = {}


def _is_cache(one: Any) -> bool:
    _, heads, _, head_size = one.shape if len(one.shape) == 4 else [None] * 4
    return one.type in ELEMENT_TYPES and isinstance(heads, int) and isinstance(head_size, int)


def _session(path: Path, threads: int | None) -> Any:
    telemetry.off()
    try:
        import onnxruntime
    except ImportError as error:
        raise CannotRun(f"onnxruntime does not start: {error}", remedy="pip install onnxruntime") from error
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = threads or default_threads()
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except (
        Exception
    ) as error:  # the binding raises RuntimeError, and classes of its own that only derive from Exception
        raise BadInput(f"ONNX Runtime refuses the model: {error}", where=path, remedy=REMEDY) from error


RUNNER = OnnxRuntime
