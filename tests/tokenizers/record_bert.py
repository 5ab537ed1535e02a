"""Record which characters llama.cpp's WordPiece takes otherwise than ``tokenizers``: a fact about the two of them.

Run as ``python -m tests.tokenizers.record_bert``; the result is committed.
"""

from __future__ import annotations

import importlib.metadata
import json
import tempfile
from pathlib import Path
from typing import Any

from tests.tokenizers.cases import CASES, differing
from tests.tokenizers.test_ids import CODES, RECORDED


def main() -> None:
    versions = {name: importlib.metadata.version(name) for name in ("llama_cpp_python", "tokenizers")}
    recorded: dict[str, Any] = {"versions": versions}
    for name in ("bert uncased", "bert cased"):
        with tempfile.TemporaryDirectory() as folder:
            case = CASES[name](Path(folder) / "model")
            recorded[name] = differing(case.vocabulary, case.truth, CODES)
    RECORDED.write_text(json.dumps(recorded) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
