"""The tokenizers that are compared: as a library that is not ours has them, and as llama.cpp has them from our GGUF.

Where llama.cpp cuts text otherwise by itself, ``account`` says exactly how, again in terms of that library.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from tests.oracles.llama_cpp_files import Vocabulary
from tests.tokenizers import families, harness
from tests.tokenizers import sentencepiece_folders as sentencepiece

Encode = Callable[[str], list[int]]
ANY_UPPER, ANY_LOWER = r"(?:(?=[\p{L}])[^a-z])", r"(?:(?=[\p{L}])[^A-Z])"
"""What llama.cpp has for upper and lower case in tekken and gpt-4o: beyond ASCII, every letter is both."""


@dataclass
class Case:
    """A tokenizer to compare.

    Attributes:
        truth: the ids of a text, as the library has them.
        account: the ids that llama.cpp gives; the same where nothing is known to differ.
        vocabulary: llama.cpp's.
        slow: whether llama.cpp needs a long time for long texts.
        differs: which of the awkward texts llama.cpp cuts otherwise.
        leaves_out: characters that are left out of random text, since ``account`` does not cover them.
    """

    truth: Encode
    account: Encode
    vocabulary: Vocabulary
    slow: bool = False
    differs: tuple[str, ...] = ()
    leaves_out: Callable[[str], bool] = lambda character: False


def differing(vocabulary: Vocabulary, encode: Encode, codes: Sequence[int]) -> list[int]:
    """The characters that are cut otherwise, alone and beside others; many are tried at a time."""
    text = " ".join(f"a{chr(code)}b {chr(code)} {chr(code)}{chr(code)}b" for code in codes)
    if vocabulary.encode(text) == encode(text):
        return []
    if len(codes) == 1:
        return list(codes)
    middle = len(codes) // 2
    return [*differing(vocabulary, encode, codes[:middle]), *differing(vocabulary, encode, codes[middle:])]


def of_json(folder: Path) -> Encode:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    return lambda text: list(tokenizer.encode(text).ids)


def byte_level(folder: Path, name: str) -> Case:
    family = families.BYTE_LEVEL[name]
    truth = account = of_json(harness.byte_level(folder, family))
    differs: tuple[str, ...] = ()
    if "normalizer" in family and family["normalizer"] == families.NFC:
        differs = ("decomposed",)
        plain = of_json(harness.byte_level(folder.with_name("plain"), family | {"normalizer": None}))
        account = plain
    if name in ("tekken", "gpt-4o"):
        differs = ("capitals",)
        pattern = {"tekken": families.TEKKEN, "gpt-4o": families.GPT4O}[name]
        theirs = pattern.replace(families.UPPER, ANY_UPPER).replace(families.LOWER, ANY_LOWER)
        changed = family | {"pre_tokenizer": families.split(theirs)}
        account = of_json(harness.byte_level(folder.with_name("account"), changed))
    return Case(truth, account, harness.through_llama_cpp(folder), name in ("tekken", "gpt-4o", "deepseek-v3"), differs)


def sentencepiece_bpe(folder: Path, style: str) -> Case:
    truth = account = of_json(sentencepiece.folder(folder, style))
    differs: tuple[str, ...] = ()
    if style == "mistral":
        differs = ("blank", "special tokens")
        account = of_json(sentencepiece.folder(folder.with_name("account"), "llama-2", sentencepiece.bpe("mistral")))
    case = Case(truth, account, harness.through_llama_cpp(folder), differs=differs)
    if style == "gemma":
        case.leaves_out = lambda character: character == sentencepiece.BLANK
    return case


def sentencepiece_model(folder: Path, model: bytes, before: bool, after: bool) -> Case:
    import sentencepiece as library

    folder.mkdir()
    (folder / "tokenizer.model").write_bytes(model)
    processor = library.SentencePieceProcessor(model_proto=model)

    def truth(text: str) -> list[int]:
        ids = list(processor.encode(text))
        return [processor.bos_id()] * before + ids + [processor.eos_id()] * after

    # SentencePiece itself has no special tokens in text; transformers, and llama.cpp, look for them first.
    vocabulary = harness.through_llama_cpp(folder, processor.get_piece_size())
    return Case(truth, truth, vocabulary, differs=("special tokens",))


def wordpiece(folder: Path, lowercase: bool) -> Case:
    truth = of_json(harness.wordpiece(folder, lowercase))
    differs = ("long word", "scripts") if lowercase else ("long word",)
    return Case(truth, truth, harness.through_llama_cpp(folder), differs=differs, leaves_out=beyond_bert)


def beyond_bert(character: str) -> bool:
    """Whether llama.cpp may take a character otherwise in BERT's normalizer: see ``recorded/bert.json``."""
    kinds = ("Mn", "Mc", "Me", "Cn", "Cf", "Cc", "Po", "Ps", "Pe", "Pd", "So", "Lo")
    return unicodedata.category(character) in kinds and character not in "\t\n\r"


def unigram(folder: Path) -> Case:
    truth = of_json(sentencepiece.unigram_folder(folder))
    return Case(truth, truth, harness.through_llama_cpp(folder))


def vocab_txt(folder: Path) -> Case:
    """BERT's older files: the words, and a configuration."""
    made = harness.wordpiece(folder.with_name("made"))
    document = json.loads((made / "tokenizer.json").read_text(encoding="utf-8"))
    folder.mkdir()
    tokens = sorted(document["model"]["vocab"], key=document["model"]["vocab"].__getitem__)
    (folder / "vocab.txt").write_text("".join(f"{token}\n" for token in tokens), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": true}', encoding="utf-8")
    truth = of_json(made)
    vocabulary = harness.through_llama_cpp(folder, len(tokens))
    return Case(truth, truth, vocabulary, differs=("long word", "scripts"), leaves_out=beyond_bert)


def vocab_json(folder: Path, name: str, tokenizer_class: str) -> Case:
    """GPT-2's older files: tokens, merges and a configuration."""
    made = harness.byte_level(folder.with_name("made"), families.BYTE_LEVEL[name])
    document = json.loads((made / "tokenizer.json").read_text(encoding="utf-8"))
    folder.mkdir()
    (folder / "vocab.json").write_text(json.dumps(document["model"]["vocab"]), encoding="utf-8")
    lines = "".join(f"{left} {right}\n" for left, right in document["model"]["merges"])
    (folder / "merges.txt").write_text("#version: 0.2\n" + lines, encoding="utf-8")
    added: dict[str, Any] = {str(token["id"]): token for token in document["added_tokens"]}
    config = {"tokenizer_class": tokenizer_class, "added_tokens_decoder": added}
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    size = len(document["model"]["vocab"]) + 2
    truth = of_json(made)
    plain = of_json(harness.byte_level(folder.with_name("plain"), families.BYTE_LEVEL[name] | {"normalizer": None}))
    differs = ("decomposed",) if name == "qwen2" else ()
    return Case(truth, plain, harness.through_llama_cpp(folder, size), differs=differs)


CASES: dict[str, Callable[[Path], Case]] = {
    **{name: (lambda folder, name=name: byte_level(folder, name)) for name in families.BYTE_LEVEL},
    **{style: (lambda folder, style=style: sentencepiece_bpe(folder, style)) for style in sentencepiece.STYLES},
    "llama-2 tokenizer.model": lambda folder: sentencepiece_model(folder, sentencepiece.bpe("llama-2"), True, False),
    "t5 tokenizer.model": lambda folder: sentencepiece_model(folder, sentencepiece.unigram(), False, True),
    "t5": unigram,
    "bert uncased": lambda folder: wordpiece(folder, True),
    "bert cased": lambda folder: wordpiece(folder, False),
    "bert vocab.txt": vocab_txt,
    "gpt-2 vocab.json": lambda folder: vocab_json(folder, "gpt-2", "GPT2Tokenizer"),
    "qwen2 vocab.json": lambda folder: vocab_json(folder, "qwen2", "Qwen2TokenizerFast"),
}
