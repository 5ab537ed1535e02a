"""Tokenizers of every kind through GGUF and back: the ids of the tokenizer that the file was made from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from edgedocs.containers.gguf import GGUFFile
from edgedocs.containers.gguf_fields import Field, boolean, text, uint32
from edgedocs.containers.gguf_writer import write_gguf
from edgedocs.converters.tokenizer_from_gguf import tokenizer_documents
from edgedocs.core.errors import BadInput
from tests.requirements import require
from tests.tokenizers import families, harness
from tests.tokenizers import sentencepiece_folders as sentencepiece
from tests.tokenizers.test_ids import TEXTS

FOLDERS: dict[str, Callable[[Path], Path]] = {
    **{
        name: (lambda folder, name=name: harness.byte_level(folder, families.BYTE_LEVEL[name]))
        for name in families.BYTE_LEVEL
    },
    **{style: (lambda folder, style=style: sentencepiece.folder(folder, style)) for style in sentencepiece.STYLES},
    "t5": sentencepiece.unigram_folder,
    "bert uncased": lambda folder: harness.wordpiece(folder, True),
    "bert cased": lambda folder: harness.wordpiece(folder, False),
}
DIFFERS = {"mistral": {"blank", "special tokens"}}
"""Texts that llama.cpp cuts otherwise than the checkpoint; what comes back cuts as llama.cpp does, which is what the
file says."""
LITERAL = "a\u2581b \u2581\u2581 c\u2581\u2581\u2581d"


def back(folder: Path, changes: dict[str, Field | None] | None = None) -> Path:
    """The tokenizer's files after the way there and back, in a folder of their own."""
    path = folder / "vocabulary.gguf"
    fields = {"general.architecture": text("llama")} | harness.fields(folder) | (changes or {})
    write_gguf(path, {key: field for key, field in fields.items() if field is not None}, [])
    target = folder / "back"
    target.mkdir()
    for name, document in tokenizer_documents(GGUFFile.open(path)).items():
        (target / name).write_text(json.dumps(document), encoding="utf-8")
    return target


@pytest.mark.parametrize("name", FOLDERS)
def test_ids_and_text_are_those_of_the_original(tmp_path: Path, name: str) -> None:
    require("sentencepiece")
    folder = FOLDERS[name](tmp_path / "model")
    ours = Tokenizer.from_file(str(back(folder) / "tokenizer.json"))
    theirs = Tokenizer.from_file(str(folder / "tokenizer.json"))
    samples = {language: harness.held_out(language)[:20000] for language in harness.LANGUAGES} | TEXTS
    different = set()
    for label, sample in (samples | {"literal": LITERAL}).items():
        if ours.encode(sample).ids != theirs.encode(sample).ids:
            different.add(label)
    assert different == DIFFERS.get(name, set())
    ids = theirs.encode(harness.held_out("cs")[:3000]).ids
    assert len(ids) > 500
    if theirs.decoder is not None and name not in sentencepiece.STYLES:
        assert ours.decode(ids) == theirs.decode(ids)


@pytest.mark.parametrize("style", sentencepiece.STYLES)
def test_sentencepiece_gives_the_text_back(tmp_path: Path, style: str) -> None:
    require("sentencepiece")
    ours = Tokenizer.from_file(str(back(sentencepiece.folder(tmp_path / "model", style)) / "tokenizer.json"))
    sample = harness.held_out("sl")[:2000] + " 🐎\n\n  x"
    assert ours.decode(ours.encode(sample).ids) == sample


@pytest.mark.parametrize("name", ["llama-2", "gemma", "t5", "bert uncased", "llama-bpe"])
def test_transformers_gives_the_same_ids_and_special_tokens(tmp_path: Path, name: str) -> None:
    require("transformers")
    require("sentencepiece")
    from transformers import AutoTokenizer

    folder = FOLDERS[name](tmp_path / "model")
    found = AutoTokenizer.from_pretrained(back(folder))
    theirs = Tokenizer.from_file(str(folder / "tokenizer.json"))
    sample = harness.held_out("et")[:3000]
    given = found(sample)
    assert given["input_ids"] == theirs.encode(sample).ids
    assert ("token_type_ids" in given) == name.startswith("bert")
    named = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    for kind in ("bos", "eos", "unk", "pad", "cls", "sep", "mask"):
        if f"{kind}_token" in named:
            assert getattr(found, f"{kind}_token") == named[f"{kind}_token"], kind


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("llama-2", {"tokenizer.ggml.scores": None}, "scores is missing or no list"),
        ("llama-2", {"tokenizer.ggml.scores": Field(6, [0.0])}, "the scores of the tokens are malformed"),
        ("llama-2", {"tokenizer.ggml.model": text("rwkv")}, "the tokenizer 'rwkv' .* is not turned back"),
        ("t5", {"tokenizer.ggml.unknown_token_id": None}, "unknown_token_id is missing"),
        ("bert cased", {"tokenizer.ggml.seperator_token_id": None}, "seperator_token_id is missing"),
        ("llama-2", {"tokenizer.ggml.bos_token_id": None}, "is to be added and is not named"),
        (
            "gpt-2",
            {"tokenizer.ggml.add_eos_token": boolean(True), "tokenizer.ggml.eos_token_id": uint32(10**6)},
            "is not named",
        ),
    ],
)
def test_what_cannot_come_back_is_refused(
    tmp_path: Path, name: str, changes: dict[str, Field | None], message: str
) -> None:
    require("sentencepiece")
    with pytest.raises(BadInput, match=message):
        back(FOLDERS[name](tmp_path / "model"), changes)


def test_the_scores_decide_the_order_of_the_merges(tmp_path: Path) -> None:
    """A vocabulary worked out by hand: "b" and "c" are merged before "a" and "b" are, as their token scores more."""
    from gguf.constants import GGUFValueType as ValueType

    tokens = ["<unk>", *(f"<0x{byte:02X}>" for byte in range(256)), "a", "b", "c", "ab", "bc"]
    types = [2, *[6] * 256, *[1] * 5]
    fields = {
        "general.architecture": text("llama"),
        "tokenizer.ggml.model": text("llama"),
        "tokenizer.ggml.tokens": text(tokens),
        "tokenizer.ggml.token_type": Field(ValueType.INT32, types),
        "tokenizer.ggml.scores": Field(ValueType.FLOAT32, [*[0.0] * 260, -2.0, -1.0]),
        "tokenizer.ggml.unknown_token_id": uint32(0),
        "tokenizer.ggml.add_space_prefix": boolean(False),
    }
    write_gguf(tmp_path / "v.gguf", fields, [])
    document = tokenizer_documents(GGUFFile.open(tmp_path / "v.gguf"))["tokenizer.json"]
    assert document["model"]["merges"] == [["b", "c"], ["a", "b"]]
    assert Tokenizer.from_str(json.dumps(document)).encode("abc").tokens == ["a", "bc"]
