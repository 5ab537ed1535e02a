"""What stands beside a tokenizer: ``tokenizer_config.json`` and its kin, chat templates and sampling among it."""

from __future__ import annotations

import contextlib
import tempfile
from functools import cache
from pathlib import Path

from edgedocs.converters import chat_templates, sampling
from edgedocs.core.errors import BadInput
from edgedocs.tokenizers.base import Vocabulary
from edgedocs.tokenizers.special_tokens import FILES, Configuration, SpecialTokens

VOCABULARY = Vocabulary("gpt2", ["a", "b", "c"], [], {"a": 0, "b": 1, "c": 2}, ([0], []))


@cache
def folder() -> Path:
    return Path(tempfile.mkdtemp())


def fuzz_one(data: bytes) -> None:
    for name in FILES.values():
        (folder() / name).write_bytes(data)
    with contextlib.suppress(BadInput):
        configuration = Configuration.open(folder(), {})
        configuration.check(VOCABULARY)
        assert all(0 <= number < 3 for number in SpecialTokens.of(VOCABULARY, configuration).ids.values())
        fields = chat_templates.fields(configuration) | sampling.fields(configuration.generation, folder())
        for field in fields.values():
            field.encode()
