"""llama.cpp's own quantizer and tokenizer, through the package llama_cpp."""

from __future__ import annotations

import ctypes
from pathlib import Path

FILE_TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q8_0": 7, "q6_k": 18, "bf16": 32}
"""``enum llama_ftype`` in ``include/llama.h``."""


def quantize(source: Path, target: Path, type_name: str) -> bool:
    """Run ``llama_model_quantize`` with its defaults; whether it succeeded."""
    import llama_cpp

    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = FILE_TYPES[type_name]
    parameters.nthread = 1
    return bool(llama_cpp.llama_model_quantize(bytes(source), bytes(target), ctypes.byref(parameters)) == 0)


class Vocabulary:
    """The tokenizer in a GGUF file, as llama.cpp reads it; the weights stay unread."""

    def __init__(self, path: Path) -> None:
        import llama_cpp

        self.model = llama_cpp.Llama(str(path), vocab_only=True, verbose=False)

    def __enter__(self) -> Vocabulary:
        return self

    def __exit__(self, *_: object) -> None:
        self.model.close()

    def encode(self, text: str) -> list[int]:
        """The ids of a text, with whatever the file says goes around it; special tokens in it are recognized."""
        return list(self.model.tokenize(text.encode("utf-8"), add_bos=True, special=True))
