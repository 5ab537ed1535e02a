"""ONNX Runtime on the CPU: decoders with a key-value cache and encoders, as our ONNX converter writes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edgedocs.containers.layouts import ONNX
from edgedocs.core import telemetry
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners.base import Logits, chosen_threads, with_length_one
from edgedocs.runners.folder import FolderRunner

PAST, PRESENT = "past_key_values.", "present."
FIXED_INPUTS = {"input_ids", "attention_mask", "position_ids"}
ENCODER_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
ELEMENT_TYPES = {"tensor(float)": np.dtype(np.float32), "tensor(float16)": np.dtype(np.float16)}
COMPUTE, BORDER, POOLING = "edgedocs.compute", "edgedocs.rotary_border", "edgedocs.pooling"
"""What our converter notes in a model."""
REMEDY = "convert the checkpoint again, for example with `edgedocs convert CHECKPOINT TARGET --to onnx`"


class OnnxRuntime(FolderRunner):
    """A folder with ``model.onnx``, ``config.json`` and ``tokenizer.json``.

    A model with LongRoPE has other rotary frequencies once a text is longer than the border that the model names; the
    text so far is computed again then. Logits up to the border are those of a text that ends there.

    Args:
        path: the folder.
        threads: how many threads compute; None is half of the processors, see
            :func:`~edgedocs.runners.base.default_threads`.
    """

    name = "onnxruntime"
    formats = ("onnx", "checkpoint")
    distribution = "onnxruntime"
    conversion = ("onnx", "f32")

    _seen: list[int]
    _cache: dict[str, np.ndarray[Any, Any]]

    @classmethod
    def accepts(cls, path: Path) -> bool:
        """Whether ``path`` is a folder that holds ``model.onnx``."""
        return (path / ONNX).is_file()

    def __init__(self, path: Path, threads: int | None = None) -> None:
        threads = chosen_threads(threads)
        self._read_folder(path, REMEDY)
        self._session = _session(path / ONNX, threads)
        self._notes: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        self._past_inputs: list[Any] = [one for one in self._session.get_inputs() if one.name.startswith(PAST)]
        self._check_interface()
        self.precision = {"compute": self._notes.get(COMPUTE, "float32")}
        if self._past_inputs:
            self.precision |= {"key_value_cache": str(ELEMENT_TYPES[self._past_inputs[0].type])}
        border = self._notes.get(BORDER, "0")
        self._border = int(border) if border.isdecimal() else 0
        self._forget()

    def _check_interface(self) -> None:
        names = {one.name for one in self._session.get_inputs()}
        past = {one.name.removeprefix(PAST) for one in self._past_inputs}
        present = {one.name.removeprefix(PRESENT) for one in self._session.get_outputs()[1:]}
        fits = names - {one.name for one in self._past_inputs} == FIXED_INPUTS and past and past == present
        self.encodes = names == ENCODER_INPUTS
        if not self.encodes and (not fits or not all(map(_is_cache, self._past_inputs))):
            raise BadInput(
                f"the model's inputs are {', '.join(sorted(names))}",
                where=self.path / ONNX,
                expected=f"{', '.join(sorted(FIXED_INPUTS))} and a key-value cache {PAST}N.key, {PAST}N.value",
                remedy=REMEDY,
            )

    def embed(self, text: str, normalize: bool = True) -> Logits:
        """The vector that an encoder gives for a text.

        It is made of those of the tokens as the checkpoint says, or else their mean.

        Args:
            text: the text.
            normalize: whether it is given the length 1.

        Returns:
            float32 [hidden size].

        Raises:
            BadInput: if the model is no encoder, or the text is longer than its context.
        """
        given = np.array([self._encoded_whole(text)], dtype=np.int64)
        feeds = {"input_ids": given, "attention_mask": np.ones_like(given), "token_type_ids": np.zeros_like(given)}
        rows = self._run(feeds)[0][0]
        pooling = self._notes.get(POOLING, "mean")
        vector = {"cls": rows[0], "last": rows[-1]}.get(pooling, rows.mean(axis=0))
        return with_length_one(vector) if normalize else np.array(vector, dtype=np.float32)

    def _forward(self, tokens: Sequence[int], every: bool) -> Logits:
        count = len(tokens)
        if 0 < len(self._seen) <= self._border < len(self._seen) + count:
            tokens = [*self._seen, *tokens]
            self._forget()
        start, end = len(self._seen), len(self._seen) + len(tokens)
        feeds = {
            "input_ids": np.array([tokens], dtype=np.int64),
            "attention_mask": np.ones((1, end), dtype=np.int64),
            "position_ids": np.arange(start, end, dtype=np.int64)[None],
            **self._cache,
        }
        logits, *present = self._run(feeds)
        self._check_logits(logits.shape, len(tokens), self.path / ONNX, REMEDY)
        names = [one.name.replace(PRESENT, PAST, 1) for one in self._session.get_outputs()[1:]]
        self._cache = dict(zip(names, present, strict=True))
        self._seen += tokens
        rows: Logits = (logits[0, -count:] if every else logits[0, -1:]).astype(np.float32, copy=False)
        return rows

    def _run(self, feeds: dict[str, np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
        try:
            found: list[np.ndarray[Any, Any]] = self._session.run(None, feeds)
        except Exception as error:  # see _session
            raise CannotRun(f"ONNX Runtime fails: {error}", where=self.path / ONNX, remedy=REMEDY) from error
        return found

    def _forget(self) -> None:
        self._seen = []
        self._cache = {}
        for one in self._past_inputs:
            _, heads, _, head_size = one.shape
            self._cache[one.name] = np.zeros((1, heads, 0, head_size), dtype=ELEMENT_TYPES[one.type])

    def memory(self) -> dict[str, int]:
        """The bytes of the keys and values of what was read last; they grow with it."""
        return {"key_value_cache": sum(array.nbytes for array in self._cache.values())}

    def _release(self) -> None:
        del self._session
        self._cache = {}


def _is_cache(one: Any) -> bool:
    _, heads, _, head_size = one.shape if len(one.shape) == 4 else [None] * 4
    return one.type in ELEMENT_TYPES and isinstance(heads, int) and isinstance(head_size, int)


def _session(path: Path, threads: int) -> Any:
    telemetry.off()
    try:
        import onnxruntime
    except ImportError as error:
        raise CannotRun(f"onnxruntime does not start: {error}", remedy="pip install onnxruntime") from error
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = threads
    # The products of int8 weights overflow the 16 bits in which x86 processors without VNNI add them up.
    options.add_session_config_entry("session.x64quantprecision", "1")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except (
        Exception
    ) as error:  # the binding raises RuntimeError, and classes of its own that only derive from Exception
        raise BadInput(f"ONNX Runtime refuses the model: {error}", where=path, remedy=REMEDY) from error


RUNNER = OnnxRuntime
