"""Record what llama.cpp's own converter makes of the families' small models, for ``test_families.py``.

Needs a checkout of llama.cpp (the source distribution of llama-cpp-python has one in ``vendor``) and what its
``convert_hf_to_gguf.py`` requires (torch, transformers). Run as
``python -m tests.converters.record_families PATH_OF_LLAMA_CPP``; the result is committed. Tokenizers are left out.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.converters.record_convert_hf import describe
from tests.reference.families import ENCODER, FAMILIES

RECORDED = Path(__file__).parent / "recorded" / "families.json"


def main(llama_cpp: str) -> None:
    sys.path[:0] = [llama_cpp, f"{llama_cpp}/gguf-py"]
    import gguf
    from conversion import get_model_class

    recorded: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as made:
        for name, family in (FAMILIES | {ENCODER.name: ENCODER}).items():
            folder = family.write(Path(made) / name)
            kind = get_model_class(family.model)
            kind.set_vocab = lambda *_: None
            path = Path(made) / f"{name}.gguf"
            kind(folder, gguf.LlamaFileType.MOSTLY_F16, path).write()
            recorded[name] = describe(gguf.GGUFReader(path))
            for tensor in recorded[name]["tensors"].values():
                tensor[2] = tensor[2][:16]
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(one)}" for name, one in recorded.items())
    RECORDED.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1])
