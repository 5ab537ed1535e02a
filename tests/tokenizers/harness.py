"""Tokenizers as ``tokenizers`` and as llama.cpp have them: small ones, trained here, set up as the families'."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf_fields import Field, text
from edgedocs.containers.gguf_writer import write_gguf
from edgedocs.converters.gguf_tokenizer import folder_fields
from edgedocs.tokenizers.special_tokens import Configuration
from tests.oracles.llama_cpp_files import Vocabulary

HELD_OUT = Checkpoint.open("tiny").path / "heldout"
LANGUAGES = ("cs", "en", "et", "pl", "sl")
CODE = 'def f(x):\n    return x[0] if x else {"k": 1e-9}  # 3.14\n\n\tif (a<=b && c!=d) { y += `z`; }\r\n'
SPECIALS = ("<|endoftext|>", "<|user|>", "<|end|>")


def held_out(language: str) -> str:
    return (HELD_OUT / f"{language}.txt").read_text(encoding="utf-8")


@cache
def corpus() -> tuple[str, ...]:
    """A few lines of each language, code, and characters of many scripts."""
    lines = [line for language in LANGUAGES for line in held_out(language).splitlines()[:400]]
    more = [
        "Ελληνικά русский עברית العربية 日本語 漢字 한국어 हिन्दी",
        "ŽLUŤOUČKÝ KŮŇ ÚPĚL",
        "KTERÝM TÝM STARÝM",
        "12 345,67 2026",
    ]
    return tuple(lines + more * 30 + CODE.splitlines() * 20)


def size_of(folder: Path) -> int:
    return Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab_size(with_added_tokens=True)


def fields(folder: Path, size: int | None = None, config: dict[str, Any] | None = None) -> dict[str, Field]:
    return folder_fields(Configuration.open(folder, config or {}), size or size_of(folder))


def through_llama_cpp(folder: Path, size: int | None = None, config: dict[str, Any] | None = None) -> Vocabulary:
    """What llama.cpp makes of a folder's tokenizer, from a GGUF file that holds nothing else."""
    path = folder / "vocabulary.gguf"
    write_gguf(path, {"general.architecture": text("llama")} | fields(folder, size, config), [], None)
    return Vocabulary(path)


@cache
def byte_level_json() -> str:
    """A byte-level BPE tokenizer without words: the families' pre-tokenizers and normalizers are put in."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=2500,
        special_tokens=list(SPECIALS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.add_tokens(["EdgeDocs", "  \n"])
    return str(tokenizer.to_str())


def save(folder: Path, document: dict[str, Any], **configuration: Any) -> Path:
    """Write ``tokenizer.json`` and ``tokenizer_config.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(document), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(configuration), encoding="utf-8")
    return folder


def byte_level(folder: Path, family: dict[str, Any]) -> Path:
    """A folder with a byte-level BPE tokenizer of a family."""
    document = json.loads(byte_level_json())
    changes = dict(family)
    document["model"]["ignore_merges"] = changes.pop("ignore_merges", False)
    return save(folder, document | changes, eos_token="<|endoftext|>")


WORDPIECE_SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def wordpiece(folder: Path, lowercase: bool = True) -> Path:
    """A folder with BERT's tokenizer, cased or not."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=1500,
        special_tokens=list(WORDPIECE_SPECIALS),
        continuing_subword_prefix="##",
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", cls), ("[SEP]", sep)]
    )
    tokenizer.decoder = decoders.WordPiece()
    names = {f"{name[1:-1].lower()}_token": name for name in WORDPIECE_SPECIALS}
    return save(folder, json.loads(tokenizer.to_str()), do_lower_case=lowercase, **names)
