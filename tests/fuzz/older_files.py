"""``vocab.txt``, and ``vocab.json`` with ``merges.txt``: the first line says which, the rest is the file."""

from __future__ import annotations

import contextlib
import tempfile
from functools import cache
from pathlib import Path

from edgedocs import tokenizers
from edgedocs.core.errors import BadInput
from edgedocs.tokenizers import older_files
from edgedocs.tokenizers.special_tokens import Configuration

CONFIGURATION = {"tokenizer_class": "GPT2Tokenizer"}


@cache
def folder() -> Path:
    return Path(tempfile.mkdtemp())


def fuzz_one(data: bytes) -> None:
    first, _, rest = data.partition(b"\n")
    configuration = Configuration(folder(), tokenizer=CONFIGURATION)
    with contextlib.suppress(BadInput):
        if first == b"vocab.txt":
            (folder() / "vocab.txt").write_bytes(rest)
            document = older_files.wordpiece(folder() / "vocab.txt", configuration)
        else:
            vocabulary, _, merges = rest.partition(b"\n")
            (folder() / "vocab.json").write_bytes(vocabulary)
            (folder() / "merges.txt").write_bytes(merges)
            document = older_files.byte_level_bpe(folder() / "vocab.json", folder() / "merges.txt", configuration)
        assert len(set(tokenizers.of_document(document, 300).tokens)) == 300
