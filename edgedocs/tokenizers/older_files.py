"""Tokenizers in the files from before ``tokenizer.json``, said in its terms: ``vocab.txt``, ``vocab.json``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edgedocs.core import files
from edgedocs.core.errors import BadInput
from edgedocs.tokenizers import bounded_json, pre_tokenizers
from edgedocs.tokenizers.base import LARGEST_VOCABULARY
from edgedocs.tokenizers.document import TokenizerDocument
from edgedocs.tokenizers.special_tokens import Configuration

CLASSES = {"GPT2Tokenizer": "gpt-2", "Qwen2Tokenizer": "qwen2"}
"""Classes of transformers, and llama.cpp's names for the way in which each cuts text into words."""
END_OF_TEXT = "<|endoftext|>"
"""The special token of both classes where the configuration names none."""
BERT_NAMES = {"unk": "[UNK]", "sep": "[SEP]", "pad": "[PAD]", "cls": "[CLS]", "mask": "[MASK]"}


def wordpiece(path: Path, configuration: Configuration) -> TokenizerDocument:
    """BERT's ``vocab.txt``: a token a line.

    Raises:
        BadInput: if it is malformed, or has a token twice.
    """
    vocabulary = _words(path)
    names = {kind: configuration.named(kind) or name for kind, name in BERT_NAMES.items()}
    config = configuration.tokenizer
    document = {
        "added_tokens": [
            {"id": vocabulary[name], "content": name, "special": True} for name in names.values() if name in vocabulary
        ],
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": config.get("tokenize_chinese_chars", True),
            "strip_accents": config.get("strip_accents"),
            "lowercase": config.get("do_lower_case", True),
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "BertProcessing",
            "cls": [names["cls"], vocabulary.get(names["cls"], -1)],
            "sep": [names["sep"], vocabulary.get(names["sep"], -1)],
        },
        "model": {
            "type": "WordPiece",
            "unk_token": names["unk"],
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": vocabulary,
        },
    }
    return TokenizerDocument.parse(document, path)


def byte_level_bpe(vocabulary_path: Path, merges_path: Path, configuration: Configuration) -> TokenizerDocument:
    """GPT-2's ``vocab.json`` and ``merges.txt``.

    Raises:
        BadInput: if one is malformed, or the class of tokenizer is none that is known here.
    """
    given = configuration.tokenizer.get("tokenizer_class")
    name = CLASSES.get(given.removesuffix("Fast")) if isinstance(given, str) else None
    if name is None:
        raise BadInput(
            f"vocab.json and merges.txt of the class {str(given)[:60]!r}, which do not say how text is cut into words",
            where=vocabulary_path.with_name("tokenizer_config.json"),
            expected=f"tokenizer_class {' or '.join(CLASSES)}",
            remedy="load the tokenizer with transformers and save it: that writes tokenizer.json, which says it",
        )
    pre_tokenizer = next(one for one in pre_tokenizers.known() if one.name == name)
    vocabulary = bounded_json.read_object(vocabulary_path)
    added = {token.content: (token.id, token.special) for token in configuration.added_tokens()}
    for kind in ("bos", "eos", "unk", "pad"):
        token = configuration.named(kind) or END_OF_TEXT
        if token in vocabulary:
            added.setdefault(token, (vocabulary[token], True))
    document: dict[str, Any] = {
        "added_tokens": [
            {"id": number, "content": content, "special": special} for content, (number, special) in added.items()
        ],
        "normalizer": {"type": pre_tokenizer.normalizers[0]} if pre_tokenizer.normalizers else None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                step | ({"add_prefix_space": False} if step["type"] == "ByteLevel" else {})
                for step in pre_tokenizer.steps
            ],
        },
        "decoder": {"type": "ByteLevel"},
        "model": {"type": "BPE", "vocab": vocabulary, "merges": _merges(merges_path)},
    }
    return TokenizerDocument.parse(document, vocabulary_path)


def _words(path: Path) -> dict[str, int]:
    """The tokens of a ``vocab.txt``, each with the number of its line."""
    lines = files.read_text(path).split("\n")
    if lines[-1] == "":
        lines.pop()
    vocabulary: dict[str, int] = {}
    _check_count(len(lines), path)
    for number, line in enumerate(lines):
        token = line.removesuffix("\r")
        if not token or vocabulary.setdefault(token, number) != number:
            what = f"token {token[:80]!r} stands above already" if token else "an empty line"
            raise BadInput(what, where=f"{path}:{number + 1}", expected="each token once, one a line")
    return vocabulary


def _merges(path: Path) -> list[list[str]]:
    lines = files.read_text(path).split("\n")
    _check_count(len(lines), path)
    merges = []
    for number, line in enumerate(lines, 1):
        pieces = line.removesuffix("\r").split(" ")
        if (number == 1 and line.startswith("#version")) or pieces == [""]:
            continue
        if len(pieces) != 2 or not all(pieces):
            raise BadInput(
                f"{line[:80]!r} is no merge", where=f"{path}:{number}", expected="two pieces with a blank between"
            )
        merges.append(pieces)
    return merges


def _check_count(count: int, path: Path) -> None:
    if count > LARGEST_VOCABULARY:
        raise BadInput(f"{count} lines", where=path, expected=f"at most {LARGEST_VOCABULARY}")
