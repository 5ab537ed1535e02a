"""The front matter of a model card."""

from __future__ import annotations

import contextlib
from pathlib import Path

from edgedocs.converters.model_card import NAMES, ModelCard, front_matter
from edgedocs.core.errors import BadInput


def fuzz_one(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    with contextlib.suppress(BadInput):
        values = front_matter.read(text, NAMES, Path("README.md"))
        for field in ModelCard(values, None, None, text[:50]).fields(10**9).values():
            field.encode()
