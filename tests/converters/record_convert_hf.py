"""Record what llama.cpp's own converter makes of the reference folder, for ``test_gguf.py`` to compare with.

Needs a checkout of llama.cpp and what its ``convert_hf_to_gguf.py`` requires (torch, transformers). Run as
``python -m tests.converters.record_convert_hf PATH_OF_LLAMA_CPP``; the result is committed. That converter recognizes
tokenizers by a hash over a fixed list of published models, so it is told that this one is GPT-2's.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).parents[1] / "reference" / "llama-random"
RECORDED = Path(__file__).parent / "recorded" / "convert_hf_to_gguf.json"
TYPES = {"f32": "ALL_F32", "f16": "MOSTLY_F16", "bf16": "MOSTLY_BF16", "q8_0": "MOSTLY_Q8_0"}


def main(llama_cpp: str) -> None:
    sys.path[:0] = [llama_cpp, f"{llama_cpp}/gguf-py"]
    import gguf
    from conversion.base import TextModel
    from conversion.llama import LlamaModel

    def no_such_vocabulary(_: Any) -> None:
        raise FileNotFoundError

    TextModel.get_vocab_base_pre = lambda *_: "gpt-2"
    TextModel._set_vocab_sentencepiece = no_such_vocabulary
    TextModel._set_vocab_llama_hf = no_such_vocabulary
    recorded: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, file_type in TYPES.items():
            path = Path(folder) / f"{name}.gguf"
            LlamaModel(REFERENCE, gguf.LlamaFileType[file_type], path).write()
            recorded[name] = describe(gguf.GGUFReader(path))
    RECORDED.write_text(json.dumps(recorded, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


def describe(reader: Any) -> dict[str, Any]:
    """Metadata and tensors as the package gguf reads them; tensors by their hash."""
    metadata = {key: field.contents() for key, field in reader.fields.items() if not key.startswith("GGUF.")}
    tensors = {
        tensor.name: [
            tensor.tensor_type.name,
            [int(size) for size in reversed(tensor.shape)],
            hashlib.sha256(tensor.data.tobytes()).hexdigest(),
        ]
        for tensor in reader.tensors
    }
    return {"metadata": metadata, "tensors": tensors}


if __name__ == "__main__":
    main(sys.argv[1])
