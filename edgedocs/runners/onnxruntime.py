"""ONNX Runtime on the CPU: runs a decoder with key-value cache inputs and outputs, as our ONNX converter writes it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edgedocs.checkpoint import Checkpoint
from edgedocs.core import files
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners.base import Logits, Runner, default_threads

MODEL = "model.onnx"
PAST, PRESENT = "past_key_values.", "present."
FIXED_INPUTS = {"input_ids", "attention_mask", "position_ids"}
ELEMENT_TYPES = {"tensor(float)": np.dtype(np.float32), "tensor(float16)": np.dtype(np.float16)}
SPECIAL = ("bos_token", "eos_token", "unk_token", "pad_token")
REMEDY = "convert the checkpoint again, for example with `edgedocs convert CHECKPOINT TARGET --to onnx`"


class OnnxRuntime(Runner):
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
        self.path = path
        config = files.read_json_object(path / "config.json", REMEDY)
        self._session = _session(path / MODEL, threads)
        self._past_inputs: list[Any] = [one for one in self._session.get_inputs() if one.name.startswith(PAST)]
        self._check_interface()
        self.context_length = _size(config, "max_position_embeddings", path)
        self.vocabulary = _size(config, "vocab_size", path)
        settings = Checkpoint(path, config, {})
        self._tokenizer = _tokenizer(settings.tokenizer_json)
        self._read_special_tokens(settings)
        self.chat_template = settings.chat_template
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

    def _read_special_tokens(self, settings: Checkpoint) -> None:
        ends = settings.generation_config.get("eos_token_id", settings.config.get("eos_token_id"))
        ends = ends if isinstance(ends, list) else [ends]
        self.end_tokens = frozenset(token for token in ends if isinstance(token, int))
        start = settings.config.get("bos_token_id")
        self.start_token = start if isinstance(start, int) else None
        texts = {name: settings.tokenizer_config.get(name) for name in SPECIAL}
        texts = {name: text.get("content") if isinstance(text, dict) else text for name, text in texts.items()}
        self.special_texts = {name: text for name, text in texts.items() if isinstance(text, str)}

    def _encode(self, text: str, with_start: bool) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=with_start).ids
        return ids

    def _decode(self, tokens: Sequence[int]) -> str:
        text: str = self._tokenizer.decode(list(tokens), skip_special_tokens=False)
        return text

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

    def cache_bytes(self) -> int | None:
        """The bytes of the keys and values of what was read last; they grow with it."""
        return sum(array.nbytes for array in self._cache.values())

    def _release(self) -> None:
        del self._session
        self._cache = {}


def _is_cache(one: Any) -> bool:
    _, heads, _, head_size = one.shape if len(one.shape) == 4 else [None] * 4
    return one.type in ELEMENT_TYPES and isinstance(heads, int) and isinstance(head_size, int)


def _session(path: Path, threads: int | None) -> Any:
    # Must be set before the library is imported: it starts its telemetry then.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
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


def _tokenizer(path: Path) -> Any:
    from tokenizers import Tokenizer

    text = files.read_text(path)
    try:
        return Tokenizer.from_str(text)
    except Exception as error:  # the binding raises plain Exception
        raise BadInput(f"no tokenizer: {error}", where=path, remedy=REMEDY) from error


def _size(config: dict[str, Any], key: str, path: Path) -> int:
    value = config.get(key)
    if not isinstance(value, int) or value < 1:
        raise BadInput(f"{key} is {value!r}", where=path / "config.json", expected="a whole number from 1")
    return value


RUNNER = OnnxRuntime
