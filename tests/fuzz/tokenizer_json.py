"""``tokenizer.json`` of every kind, and what llama.cpp would be told of it."""

from __future__ import annotations

import contextlib
import tempfile
from functools import cache
from pathlib import Path

from edgedocs import tokenizers
from edgedocs.core.errors import BadInput
from edgedocs.tokenizers.special_tokens import Configuration, SpecialTokens

SIZE = 400


@cache
def folder() -> Path:
    return Path(tempfile.mkdtemp())


def fuzz_one(data: bytes) -> None:
    (folder() / "tokenizer.json").write_bytes(data)
    configuration = Configuration(folder(), tokenizer={"bos_token": "a"}, model={"eos_token_id": [1, 2, 3]})
    with contextlib.suppress(BadInput):
        vocabulary = tokenizers.read(SIZE, configuration)
        special = SpecialTokens.of(vocabulary, configuration)
        assert len(set(vocabulary.tokens)) == len(vocabulary.types) == SIZE
        assert all(0 <= number < SIZE for number in special.ids.values())
        "".join(vocabulary.tokens).encode("utf-8")
