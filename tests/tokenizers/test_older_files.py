"""``vocab.txt``, and ``vocab.json`` with ``merges.txt``; what they give is compared with llama.cpp in test_ids.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edgedocs.core.errors import BadInput
from tests.tokenizers import harness

WORDS = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\n"


def folder(path: Path, config: dict[str, Any], **files: str | bytes) -> Path:
    for name, content in files.items():
        data = content.encode("utf-8") if isinstance(content, str) else content
        (path / name.replace("_", ".")).write_bytes(data)
    (path / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, (True, True)),
        ({"do_lower_case": False}, (False, False)),
        ({"do_lower_case": True, "strip_accents": False}, (True, False)),
        ({"do_lower_case": False, "strip_accents": True}, (False, True)),
    ],
)
def test_bert_is_uncased_unless_the_configuration_says_so(
    tmp_path: Path, config: dict[str, Any], expected: tuple[bool, bool]
) -> None:
    fields = harness.fields(folder(tmp_path, config, vocab_txt=WORDS.replace("\n", "\r\n")), 7)
    found = {key.removeprefix("tokenizer.ggml."): field.value for key, field in fields.items()}
    assert (found["normalizer.lowercase"], found["normalizer.strip_accents"]) == expected
    assert found["tokens"] == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "▁a", "b"]
    assert found["token_type"] == [3, 3, 3, 3, 3, 1, 1]
    special = ("bos_token_id", "eos_token_id", "seperator_token_id", "unknown_token_id")
    assert [found[key] for key in special] == [2, 3, 3, 1]


@pytest.mark.parametrize(
    ("config", "files", "message"),
    [
        ({}, {"vocab_txt": WORDS + "a\n"}, "vocab.txt:8: token 'a' stands above already"),
        ({}, {"vocab_txt": WORDS + "\nb\n"}, "vocab.txt:8: an empty line"),
        ({}, {"vocab_txt": b"\xff\n"}, "vocab.txt:1: byte 0 (0xff) is not UTF-8"),
        ({}, {"vocab_txt": "a\nb\n"}, "model.unk_token is '[UNK]'; expected a token"),
        ({}, {"vocab_txt": "[UNK]\nb\n"}, "post_processor does not put one token before"),
        ({"tokenize_chinese_chars": False}, {"vocab_txt": WORDS}, "normalizer is of a kind that is not known"),
        ({}, {"vocab_json": "{}", "merges_txt": ""}, "the class 'None', which do not say how text is cut into words"),
        (
            {"tokenizer_class": "OtherTokenizer"},
            {"vocab_json": "{}", "merges_txt": ""},
            "expected tokenizer_class GPT2Tokenizer or Qwen2Tokenizer\nremedy: load the tokenizer with transformers",
        ),
        (
            {"tokenizer_class": "GPT2Tokenizer"},
            {"vocab_json": '{"a": 0}', "merges_txt": "#version: 0.2\na a\na b c\n"},
            "merges.txt:3: 'a b c' is no merge; expected two pieces",
        ),
        (
            {"tokenizer_class": "GPT2Tokenizer"},
            {"vocab_json": '{"a": 0}', "merges_txt": "a a\n"},
            "merge 0 names 'aa', which is no token",
        ),
        ({"tokenizer_class": "GPT2Tokenizer"}, {"vocab_json": "[]", "merges_txt": ""}, "holds a JSON list"),
    ],
)
def test_malformed_files_are_refused(
    tmp_path: Path, config: dict[str, Any], files: dict[str, str | bytes], message: str
) -> None:
    with pytest.raises(BadInput) as caught:
        harness.fields(folder(tmp_path, config, **files), 9)
    assert message in str(caught.value)


def test_tokenizer_json_comes_before_the_others(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_bytes(b"{}")
    with pytest.raises(BadInput, match=r"tokenizer\.json: no tokenizer"):
        harness.fields(folder(tmp_path, {}, vocab_txt=WORDS), 7)
