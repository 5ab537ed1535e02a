"""PreTokenizer: a way of cutting text into words that llama.cpp has, as data.

A tokenizer's way is recognized by what its file says, never by a hash over what it gives for some text.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from edgedocs.tokenizers.document import TokenizerDocument


@dataclass(frozen=True)
class PreTokenizer:
    """A way of cutting text into words.

    Attributes:
        name: llama.cpp's name for it.
        families: models that have it.
        steps: the steps in ``tokenizer.json``, without what has no say in where the text is cut.
        whole_words: whether llama.cpp takes a word that is a token as it is, whatever the merges say.
        tolerant: whether a file may say otherwise about that, as long as its merges reach every token.
        normalizers: those that may stand before it; llama.cpp has none.
        differs: the name of what llama.cpp does otherwise all the same; empty where nothing is known.
    """

    name: str
    families: str
    steps: tuple[dict[str, Any], ...]
    whole_words: bool = False
    tolerant: bool = False
    normalizers: tuple[str, ...] = ()
    differs: str = ""

    def cuts_like(self, document: TokenizerDocument) -> bool:
        """Whether a tokenizer cuts text in this way, whole words aside."""
        return tuple(map(_plain, document.steps("pre_tokenizer"))) == self.steps


@cache
def known() -> tuple[PreTokenizer, ...]:
    """All that are known here, from ``pre_tokenizers.toml``."""
    table = tomllib.loads(resources.files(__package__).joinpath("pre_tokenizers.toml").read_text(encoding="utf-8"))
    return tuple(
        PreTokenizer(
            **entry | {"steps": tuple(map(_step, entry["steps"])), "normalizers": tuple(entry.get("normalizers", ()))}
        )
        for entry in table["pre_tokenizer"]
    )


def _step(entry: dict[str, Any]) -> dict[str, Any]:
    """A step of the table as ``tokenizer.json`` has it."""
    if "split" in entry:
        return {"type": "Split", "pattern": {"Regex": entry["split"]}, "behavior": "Isolated", "invert": False}
    if "digits" in entry:
        return {"type": "Digits", "individual_digits": entry["digits"]}
    return {"type": "ByteLevel", "use_regex": entry["bytes"]}


def _plain(step: Any) -> Any:
    """A step without what has no say in where the text is cut, and each thing said in one way."""
    if not isinstance(step, dict):
        return step
    kept = {key: value for key, value in step.items() if key != "trim_offsets"}
    if step.get("type") == "ByteLevel":
        kept.setdefault("use_regex", True)
        if kept.pop("add_prefix_space", True) is not False:
            kept["add_prefix_space"] = True
    if step.get("type") == "Split":
        # Every character is in a match of the expressions in the table, so to keep what matches is to keep all.
        if step.get("behavior") == "Removed" and step.get("invert") is True:
            kept |= {"behavior": "Isolated", "invert": False}
        pattern = step.get("pattern")
        if isinstance(pattern, dict) and isinstance(expression := pattern.get("Regex"), str):
            kept["pattern"] = {"Regex": expression.replace("\r", r"\r").replace("\n", r"\n")}
    return kept
