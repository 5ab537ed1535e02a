"""``tokenizer.model``, read by our own reader of the wire format; SentencePiece's own code is the oracle."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedocs import tokenizers
from edgedocs.core.errors import BadInput
from edgedocs.tokenizers.sentencepiece_model import SentencePieceModel
from edgedocs.tokenizers.special_tokens import Configuration
from edgedocs.tokenizers.wire import Message
from tests import pace
from tests.requirements import require
from tests.tokenizers import harness
from tests.tokenizers import sentencepiece_folders as sentencepiece

PATH = Path("tokenizer.model")


@pytest.mark.parametrize("kind", ["llama-2", "gemma", "unigram"])
def test_a_model_is_read_as_sentencepiece_reads_it(kind: str) -> None:
    require("sentencepiece")
    data = sentencepiece.unigram() if kind == "unigram" else sentencepiece.bpe(kind)
    theirs, ours = sentencepiece.proto(data), SentencePieceModel.parse(data, PATH)
    assert [(one.text, one.score, one.type) for one in ours.pieces] == [
        (one.piece, one.score, one.type) for one in theirs.pieces
    ]
    trainer, normalizer = theirs.trainer_spec, theirs.normalizer_spec
    assert vars(ours.trainer) == {
        "algorithm": trainer.model_type,
        "whitespace_as_suffix": trainer.treat_whitespace_as_suffix,
        "byte_fallback": trainer.byte_fallback,
        "unk": trainer.unk_id,
        "bos": trainer.bos_id,
        "eos": trainer.eos_id,
        "pad": trainer.pad_id,
    }
    assert vars(ours.normalizer) == {
        "name": normalizer.name,
        "charsmap": normalizer.precompiled_charsmap,
        "add_dummy_prefix": normalizer.add_dummy_prefix,
        "remove_extra_whitespaces": normalizer.remove_extra_whitespaces,
        "escape_whitespaces": normalizer.escape_whitespaces,
    }


@given(st.data())
def test_any_model_is_read_as_sentencepiece_reads_it_or_is_bad_input(data: st.DataObject) -> None:
    require("sentencepiece")
    good = sentencepiece.bpe("llama-2")[:4000]
    spoilt = bytearray(good[: data.draw(st.integers(0, len(good)))])
    for _ in range(data.draw(st.integers(0, 4)) if spoilt else 0):
        spoilt[data.draw(st.integers(0, len(spoilt) - 1))] = data.draw(st.integers(0, 255))
    try:
        ours = SentencePieceModel.parse(bytes(spoilt), PATH)
    except BadInput as error:
        assert "tokenizer.model" in str(error)  # noqa: PT017 - any input may be read as well
        return
    theirs = sentencepiece.proto(bytes(spoilt))
    assert [(one.text, one.score) for one in ours.pieces] == [(one.piece, one.score) for one in theirs.pieces]


def length_prefixed(number: int, data: bytes) -> bytes:
    assert len(data) < 128
    return bytes([number << 3 | 2, len(data)]) + data


def piece(text: bytes, score: bytes = b"\x15" + struct.pack("<f", 0.5), more: bytes = b"") -> bytes:
    return length_prefixed(1, length_prefixed(1, text) + score + more)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "byte 0: no pieces; expected a model that SentencePiece trained"),
        (b"\x0a\x7f", "byte 0: field 1 takes 127 bytes; expected at most 0"),
        (b"\x0a" + b"\xff" * 9 + b"\x01", "field 1 takes 18446744073709551615 bytes"),
        (b"\xff" * 20, "byte 0: a number of more than ten bytes"),
        (b"\x08", "byte 1: a number is cut off"),
        (b"\x0b", "byte 0: field 1 is of the unknown kind 3; expected 0, 1, 2 or 5"),
        (b"\x08\x01", "byte 0: a piece is a number; expected a message"),
        (piece(b"\xff"), "byte 4: the text of piece 0 is not UTF-8"),
        (piece(b""), "piece 0 has no text"),
        (piece(b"a", b"\x15\x00\x00\xc0\x7f"), "the score of piece 0 is nan; expected a finite number"),
        (piece(b"a", b"\x11" + bytes(8)), "the score of piece 0 takes 8 bytes; expected 4"),
        (piece(b"a", more=b"\x18\x09"), "piece 0 is of the unknown type 9; expected 1 to 6"),
        (piece(b"a") + length_prefixed(2, b"\x18\x07"), "the model is of the unknown type 7; expected 1 to 4"),
    ],
)
def test_a_damaged_model_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        SentencePieceModel.parse(data, PATH)
    assert message in str(caught.value)
    assert "remedy: check that the download is complete" in str(caught.value)


@pytest.mark.parametrize("data", [b"\x0a\x00" * 10**7, b"\x80" * 10**7, b"\xf8\x07\x00" * 10**5, b"\x00" * 10**6])
def test_a_hostile_model_is_refused_within_a_second(data: bytes) -> None:
    with pace.at_most(1), pytest.raises(BadInput):
        SentencePieceModel.parse(data, PATH)


def test_a_field_that_is_not_known_is_passed_over() -> None:
    data = piece(b"a") + b"\x20\x05" + b"\x29" + bytes(8) + b"\x35" + bytes(4) + length_prefixed(15, b"x")
    assert [number for number, _ in Message(memoryview(data), PATH).fields()] == [1, 4, 5, 6, 15]
    assert len(SentencePieceModel.parse(data, PATH).pieces) == 1


def refused(tmp_path: Path, data: bytes, **configuration: Any) -> str:
    (tmp_path / "tokenizer.model").write_bytes(data)
    with pytest.raises(BadInput) as caught:
        tokenizers.read(2000, Configuration(tmp_path, **configuration))
    return str(caught.value)


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("bpe", {"normalization_rule_name": "nmt_nfkc"}, "changes the text before it is cut (normalizer 'nmt_nfkc')"),
        ("bpe", {"normalization_rule_name": "identity"}, "removes blanks (remove_extra_whitespaces)"),
        (
            "bpe",
            {"normalization_rule_name": "identity", "remove_extra_whitespaces": False, "byte_fallback": False},
            "the byte token <0x00> is missing",
        ),
        ("unigram", {"remove_extra_whitespaces": False}, "keeps all blanks (remove_extra_whitespaces)"),
        ("unigram", {"add_dummy_prefix": False}, "puts no blank before a text (add_dummy_prefix)"),
        ("unigram", {"byte_fallback": True}, "makes bytes of what is unknown (byte_fallback)"),
        ("unigram", {"treat_whitespace_as_suffix": True}, "has blanks at the end of words"),
        ("word", {}, "a model of the type WORD; expected BPE or UNIGRAM"),
        ("char", {}, "a model of the type CHAR; expected BPE or UNIGRAM"),
    ],
)
def test_a_model_that_llama_cpp_would_use_otherwise_is_refused(
    tmp_path: Path, kind: str, options: dict[str, Any], message: str
) -> None:
    require("sentencepiece")
    size = {"bpe": 700, "unigram": 700, "word": 500, "char": 150}[kind]
    some = {"vocab_size": size, "hard_vocab_limit": False, "input_sentence_size": 300}
    assert message in refused(tmp_path, sentencepiece.trained(kind, **some, **options))


def test_tokens_that_were_added_elsewhere_come_after_the_pieces(tmp_path: Path) -> None:
    require("sentencepiece")
    (tmp_path / "tokenizer.model").write_bytes(sentencepiece.bpe("llama-2"))
    (tmp_path / "added_tokens.json").write_text('{"<|user|>": 1500, "word": 1501}', encoding="utf-8")
    (tmp_path / "special_tokens_map.json").write_text('{"additional_special_tokens": ["<|user|>"]}', encoding="utf-8")
    fields = harness.fields(tmp_path, 1504)
    assert fields["tokenizer.ggml.tokens"].value[1500:] == ["<|user|>", "word", "[PAD1502]", "[PAD1503]"]
    assert fields["tokenizer.ggml.token_type"].value[1500:] == [3, 4, 5, 5]
    assert (fields["tokenizer.ggml.bos_token_id"].value, fields["tokenizer.ggml.eos_token_id"].value) == (1, 2)
    assert (fields["tokenizer.ggml.add_bos_token"].value, fields["tokenizer.ggml.add_eos_token"].value) == (True, False)


def test_tokens_that_were_added_elsewhere_must_agree(tmp_path: Path) -> None:
    require("sentencepiece")
    model = sentencepiece.bpe("llama-2")
    decoder = {"added_tokens_decoder": {"0": {"content": "<s>"}}}
    assert "piece 0 is '<unk>'; expected '<s>', as the added tokens say" in refused(tmp_path, model, tokenizer=decoder)
    piece = sentencepiece.proto(model).pieces[300].piece
    assert f"piece 300 is {piece!r}; expected '<x>'" in refused(tmp_path, model, added={"<x>": 300})
