"""llama.cpp on the CPU, through the Python package llama-cpp-python: runs GGUF files.

Only the package's plain bindings of ``llama.h`` are used: its ``Llama`` class keeps the logits of the whole context.
"""

from __future__ import annotations

import ctypes
import os
import re
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from edgedocs.containers.gguf import GGUFFile, is_gguf
from edgedocs.containers.gguf_split import open_gguf
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners import gguf_guard
from edgedocs.runners.base import CHUNK, Logits, Runner, chosen_threads, with_length_one

LARGEST_CONTEXT = 4096
"""Tokens that the cache is made for where nothing else is asked: it is allocated at once, whatever is used of it."""
ERROR_LEVEL = 4
"""``GGML_LOG_LEVEL_ERROR``."""
BUFFER = re.compile(rb"(?P<kind>KV|compute|output) buffer size = +(?P<size>[0-9.]+) MiB")
"""What llama.cpp logs of the memory that a context takes."""
CACHE_TYPES = {"f16": "float16", "f32": "float32"}


COMPUTE_TYPES = {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}
"""What llama.cpp's CPU code rounds activations to before it multiplies them by weights of a type; for quantized
weights it is 8-bit blocks (``vec_dot_type`` in ``ggml-cpu.c``)."""


class LlamaCpp(Runner):
    """A GGUF file.

    Args:
        path: the file.
        threads: how many threads compute; None is half of the processors, see
            :func:`~edgedocs.runners.base.default_threads`.
        kv_cache: the type of the key-value cache: ``"f16"``, llama.cpp's own default, or ``"f32"``.
        context: how many tokens the cache holds; None is what the model was trained for, at most 4096.
        repack: let llama.cpp rearrange quantized weights for the processor's wider instructions. Prompts may be read
            faster, at the cost of a copy in memory; results differ in the last digits.
    """

    name = "llama_cpp"
    formats = ("gguf", "checkpoint")
    requires = ("llama_cpp",)
    extra = "llama"
    distribution = "llama-cpp-python"
    conversion = ("gguf", "f32")

    _length: int

    @classmethod
    def accepts(cls, path: Path) -> bool:
        """Whether ``path`` is a file that starts as GGUF does, or is called so."""
        return is_gguf(path)

    def __init__(
        self,
        path: Path,
        threads: int | None = None,
        kv_cache: str = "f16",
        context: int | None = None,
        repack: bool = False,
    ) -> None:
        threads = chosen_threads(threads)
        if kv_cache not in CACHE_TYPES:
            raise BadInput(f"kv_cache is {kv_cache!r}", expected=f"one of {', '.join(CACHE_TYPES)}")
        self.path = path
        # Our bounded reader goes first: llama.cpp ends the process on some malformed files.
        file = open_gguf(path)
        gguf_guard.check(file)
        self.encodes = gguf_guard.encodes(file)
        self.path = file.path  # llama.cpp wants the first part of a model that is split
        self.chat_template = file.metadata.get("tokenizer.chat_template")
        self._library, self._log = _library()
        with ExitStack() as handles:
            self._model = self._load_model(handles, repack)
            self.context_length = self._context_length(context)
            self._context = self._make_context(handles, threads, kv_cache)
            self._batch = self._library.llama_batch_init(self._chunk(), 0, 1)
            handles.callback(self._library.llama_batch_free, self._batch)
            self._handles = handles.pop_all()
        self._read_vocabulary()
        self.precision = {"compute": _compute_types(file)}
        if not self.encodes:
            self.precision |= {"key_value_cache": CACHE_TYPES[kv_cache]}
        self._forget()

    def _load_model(self, handles: ExitStack, repack: bool) -> Any:
        parameters = self._library.llama_model_default_params()
        parameters.n_gpu_layers = 0
        # Repacked weights use AMX where the processor has it; on some virtual machines that ends the process.
        parameters.use_extra_bufts = repack
        self._log.listen()
        self._log.errors()
        model = self._library.llama_model_load_from_file(os.fsencode(self.path), parameters)
        if not model:
            raise BadInput(
                f"llama.cpp cannot load this: {self._log.errors()}",
                where=self.path,
                expected="a complete GGUF model of an architecture that llama.cpp knows",
            )
        handles.callback(self._library.llama_model_free, model)
        return model

    def _context_length(self, asked: int | None) -> int:
        trained = int(self._library.llama_model_n_ctx_train(self._model))
        if asked is not None and not 1 <= asked <= trained:
            raise BadInput(f"context is {asked}", where=self.path, expected=f"1 to {trained}, what it was trained for")
        return asked or min(trained, LARGEST_CONTEXT)

    def _make_context(self, handles: ExitStack, threads: int, kv_cache: str) -> Any:
        library = self._library
        self._log.buffers.clear()
        context = library.llama_init_from_model(self._model, self._context_parameters(threads, kv_cache))
        if not context:
            raise CannotRun(
                f"llama.cpp cannot make a context of {self.context_length} tokens: {self._log.errors()}",
                where=self.path,
                remedy="ask for fewer with the option context",
            )
        handles.callback(library.llama_free, context)
        self._buffers = dict(self._log.buffers)
        return context

    def _context_parameters(self, threads: int, kv_cache: str) -> Any:
        library = self._library
        parameters = library.llama_context_default_params()
        parameters.n_ctx = self.context_length
        parameters.n_batch = parameters.n_ubatch = self._chunk()
        parameters.embeddings = self.encodes
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.type_k = parameters.type_v = {"f16": library.GGML_TYPE_F16, "f32": library.GGML_TYPE_F32}[kv_cache]
        parameters.flash_attn_type = library.LLAMA_FLASH_ATTN_TYPE_DISABLED
        parameters.offload_kqv = parameters.op_offload = False
        return parameters

    def _chunk(self) -> int:
        """Tokens of a pass: an encoder takes a text in one."""
        return self.context_length if self.encodes else CHUNK

    def embed(self, text: str, normalize: bool = True) -> Logits:
        """The vector that an encoder gives for a text.

        It is made of those of the tokens as the file says, or else their mean.

        Args:
            text: the text.
            normalize: whether it is given the length 1.

        Returns:
            float32 [hidden size].

        Raises:
            BadInput: if the model is no encoder or ranks texts, or the text is longer than its context.
        """
        library, tokens = self._library, self._encoded_whole(text)
        pooling = library.llama_pooling_type(self._context)
        if pooling == library.LLAMA_POOLING_TYPE_RANK:
            raise BadInput("the model ranks texts and gives no embeddings", where=self.path, expected="an encoder")
        self._forget()
        self._compute(tokens, every=True)
        width = library.llama_model_n_embd(self._model)
        if pooling == library.LLAMA_POOLING_TYPE_NONE:
            rows = library.llama_get_embeddings(self._context)
            vector = np.ctypeslib.as_array(rows, shape=(len(tokens), width)).mean(axis=0)
        else:
            vector = np.ctypeslib.as_array(library.llama_get_embeddings_seq(self._context, 0), shape=(width,))
        return with_length_one(vector) if normalize else np.array(vector, dtype=np.float32)

    def memory(self) -> dict[str, int]:
        """What llama.cpp logs of its key-value cache: bytes for the whole context, to a hundredth of a MiB.

        Raises:
            CannotRun: if it logged nothing.
        """
        return {"key_value_cache": self._buffers["KV"]} if "KV" in self._buffers else super().memory()

    def _read_vocabulary(self) -> None:
        library = self._library
        self._words = library.llama_model_get_vocab(self._model)
        self.vocabulary = int(library.llama_vocab_n_tokens(self._words))
        self.end_tokens = frozenset(
            token for token in range(self.vocabulary) if library.llama_vocab_is_eog(self._words, token)
        )
        special = {"bos_token": library.llama_vocab_bos(self._words), "eos_token": library.llama_vocab_eos(self._words)}
        self.start_token = special["bos_token"] if special["bos_token"] >= 0 else None
        self.special_texts = {name: self._piece(token).decode() for name, token in special.items() if token >= 0}

    def _encode(self, text: str, with_start: bool) -> list[int]:
        data = text.encode("utf-8")
        room = len(data) + 2
        tokens = (ctypes.c_int32 * room)()
        count = self._library.llama_tokenize(self._words, data, len(data), tokens, room, with_start, True)
        if count < 0:
            raise CannotRun(f"llama.cpp needs {-count} tokens for {len(data)} bytes of text", where=self.path)
        return list(tokens[:count])

    def _decode(self, tokens: Sequence[int]) -> str:
        return b"".join(map(self._piece, tokens)).decode("utf-8", errors="replace")

    def _piece(self, token: int) -> bytes:
        buffer = ctypes.create_string_buffer(64)
        length = self._library.llama_token_to_piece(self._words, token, buffer, len(buffer), 0, True)
        if length < 0:
            buffer = ctypes.create_string_buffer(-length)
            length = self._library.llama_token_to_piece(self._words, token, buffer, len(buffer), 0, True)
        return buffer.raw[:length]

    def _forward(self, tokens: Sequence[int], every: bool) -> Logits:
        self._compute(tokens, every)
        rows = self._library.llama_get_logits(self._context)
        return np.ctypeslib.as_array(rows, shape=(len(tokens) if every else 1, self.vocabulary)).copy()

    def _compute(self, tokens: Sequence[int], every: bool) -> None:
        """Let llama.cpp go on by these tokens, for what it gives of every one or of the last."""
        batch, count = self._batch, len(tokens)
        batch.n_tokens = count
        for place, token in enumerate(tokens):
            batch.token[place] = token
            batch.pos[place] = self._length + place
            batch.n_seq_id[place] = 1
            batch.seq_id[place][0] = 0
            batch.logits[place] = every or place == count - 1
        code = self._library.llama_decode(self._context, batch)
        if code != 0:
            raise CannotRun(f"llama.cpp stops with code {code}: {self._log.errors()}", where=self.path)
        self._length += count

    def _forget(self) -> None:
        self._library.llama_memory_clear(self._library.llama_get_memory(self._context), True)
        self._length = 0

    def _release(self) -> None:
        self._handles.close()


def _compute_types(file: GGUFFile) -> str:
    """The types that matrix products are computed in."""
    matrices = {tensor.type for tensor in file.tensors.values() if len(tensor.shape) > 1}
    return ", ".join(sorted({COMPUTE_TYPES.get(name, "int8") for name in matrices}))


class _Log:
    """Takes what llama.cpp would print, and keeps the latest errors for a message."""

    def __init__(self, library: Any) -> None:
        self._errors: deque[str] = deque(maxlen=4)
        self.buffers: dict[str, int] = {}
        """Bytes that contexts say they set aside, by kind, since it was emptied last."""
        self._library = library
        self._callback = library.llama_log_callback(self._take)

    def listen(self) -> None:
        """Take the log from whoever has it: there is one for the process, and others set it too."""
        self._library.llama_log_set(self._callback, ctypes.c_void_p(0))

    def _take(self, level: int, text: bytes, _: Any) -> None:
        if level == ERROR_LEVEL:
            self._errors.append(text.decode("utf-8", errors="replace").strip())
        elif found := BUFFER.search(text):
            kind = found["kind"].decode()
            self.buffers[kind] = self.buffers.get(kind, 0) + round(float(found["size"]) * 2**20)

    def errors(self) -> str:
        """The errors since the last call, as one line."""
        found = "; ".join(self._errors)
        self._errors.clear()
        return found or "it does not say why"


_loaded: tuple[Any, _Log] | None = None


def _library() -> tuple[Any, _Log]:
    """The bindings, imported and made quiet once a process."""
    global _loaded
    if _loaded is None:
        try:
            from llama_cpp import llama_cpp as library
        except (ImportError, OSError, RuntimeError) as error:
            raise CannotRun(
                f"llama-cpp-python does not start: {error}",
                remedy="python -m pip install --force-reinstall llama-cpp-python",
            ) from error
        _loaded = library, _Log(library)
        library.llama_backend_init()
    return _loaded


RUNNER = LlamaCpp
