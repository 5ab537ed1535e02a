"""Tokens: how many a text takes, without the tokenizer of the model."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

_ASCII = re.compile(r"[\x00-\x7f]+")
_ALPHABETS = re.compile("[\u0080-\u06ff]+")
"""Latin with marks, Greek, Cyrillic, Armenian, Hebrew, Arabic."""

CHARACTERS_PER_TOKEN = {"ascii": 4.0, "alphabets": 2.0, "others": 1.0}
RECEIVED_PER_SENT = 1.8
"""Tokens of a translation for a token of English: vocabularies are made mostly from English."""

TEMPLATE = 256
"""Tokens that a server's chat template may add to the messages."""

MESSAGE = 16
"""Likewise for each message."""


def estimate(text: str) -> int:
    """About how many tokens a text takes; for forecasts."""
    ascii_count = sum(len(run) for run in _ASCII.findall(text))
    alphabets = sum(len(run) for run in _ALPHABETS.findall(text))
    counts = {"ascii": ascii_count, "alphabets": alphabets, "others": len(text) - ascii_count - alphabets}
    return math.ceil(sum(counts[key] / CHARACTERS_PER_TOKEN[key] for key in counts))


def upper(texts: Iterable[str]) -> int:
    """The most tokens that messages can take: no token of a byte-level vocabulary is shorter than a byte."""
    return TEMPLATE + sum(_size(text) + MESSAGE for text in texts)


def longest_answer(text: str) -> int:
    """How many tokens an answer to this text may have.

    Ample, so that a script of which each character takes several tokens is not cut off, and with room for a model
    that reasons first; an answer that is longer was no translation.
    """
    return 1024 + 3 * _size(text)


def least_answer(text: str) -> int:
    """How many it must be allowed to have, where the context has no room for more: twice what English takes, or so."""
    return 64 + _size(text) // 2


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
