"""Special tokens: what the files beside a tokenizer say of them, and how llama.cpp takes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edgedocs.core.errors import BadInput
from edgedocs.tokenizers.special_tokens import Configuration
from tests.requirements import require
from tests.tokenizers import families, harness

NAMES = ["<s>", "</s>", "<|eot_id|>", "<|eom_id|>", "<|im_end|>", "a", "b"]


def folder(path: Path, **files: dict[str, Any]) -> Path:
    document = json.loads(harness.byte_level_json())
    document["model"]["vocab"] = {name: number for number, name in enumerate(NAMES)}
    document["model"]["merges"] = []
    document["added_tokens"] = []
    harness.save(path, document)
    for name, content in files.items():
        (path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return path


def found(path: Path, **config: Any) -> dict[str, Any]:
    fields = harness.fields(path, len(NAMES) + 1, config)
    start, end = "tokenizer.ggml.", "_token_id"
    return {
        key.removeprefix(start).removesuffix(end): field.value for key, field in fields.items() if key.endswith(end)
    }


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"tokenizer_config": {"bos_token": "<s>"}}, {"bos": 0}),
        ({"special_tokens_map": {"eos_token": {"content": "</s>"}, "pad_token": "a"}}, {"eos": 1, "padding": 5}),
        ({"tokenizer_config": {"bos_token": "<s>"}, "special_tokens_map": {"bos_token": "a"}}, {"bos": 0}),
        ({"tokenizer_config": {"cls_token": "a", "sep_token": "b"}}, {"bos": 5, "eos": 6, "seperator": 6}),
        ({"generation_config": {"eos_token_id": [1, 3, 2]}}, {"eos": 1, "eot": 2, "eom": 3}),
        ({"generation_config": {"eos_token_id": [1, 5, 4]}}, {"eos": 1, "eot": 4, "eom": 5}),
        ({"generation_config": {"eos_token_id": [1, 5, 6]}}, {"eos": 1, "eot": 5, "eom": 6}),
        ({"generation_config": {"eos_token_id": [1, 1]}}, {"eos": 1}),
        ({"tokenizer_config": {"mask_token": "a", "unk_token": "b"}}, {"mask": 5, "unknown": 6}),
    ],
)
def test_the_files_name_them(tmp_path: Path, files: dict[str, dict[str, Any]], expected: dict[str, int]) -> None:
    assert found(folder(tmp_path, **files)) == expected


def test_llama_cpp_ends_at_every_end_that_the_checkpoint_names(tmp_path: Path) -> None:
    require("llama_cpp")
    import llama_cpp

    path = folder(tmp_path, generation_config={"eos_token_id": [5, 3, 6]})
    with harness.through_llama_cpp(path, len(NAMES)) as vocabulary:
        inner = llama_cpp.llama_model_get_vocab(vocabulary.model.model)
        ends = {NAMES[number] for number in range(len(NAMES)) if llama_cpp.llama_vocab_is_eog(inner, number)}
    assert ends >= {"a", "<|eom_id|>", "b"}


def test_llama_cpp_takes_tokens_with_certain_names_for_special_ones_whatever_the_file_says(tmp_path: Path) -> None:
    """A difference that is llama.cpp's own: Qwen2 has an ordinary token ``</s>``, which text then becomes at once."""
    require("llama_cpp")
    path = harness.byte_level(tmp_path, families.BYTE_LEVEL["gpt-2"])
    document = json.loads((path / "tokenizer.json").read_text(encoding="utf-8"))
    number = document["model"]["vocab"].pop("<|user|>")
    document["model"]["vocab"]["</s>"] = number
    document["added_tokens"] = [token for token in document["added_tokens"] if token["id"] != number]
    harness.save(path, document)
    from tokenizers import Tokenizer

    assert harness.fields(path)["tokenizer.ggml.token_type"].value[number] == 1
    with harness.through_llama_cpp(path) as vocabulary:
        assert vocabulary.encode("x</s>y")[1] == number
    assert number not in Tokenizer.from_file(str(path / "tokenizer.json")).encode("x</s>y").ids


def test_llama_cpp_looks_for_the_longest_added_token_where_tokenizers_looks_for_the_leftmost(tmp_path: Path) -> None:
    """A difference that is llama.cpp's own, where added tokens overlap."""
    require("llama_cpp")
    from tokenizers import Tokenizer

    path = harness.byte_level(tmp_path, families.BYTE_LEVEL["gpt-2"])
    tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
    tokenizer.add_tokens(["qxq", "xqzzz"])
    tokenizer.save(str(path / "tokenizer.json"))
    theirs = tokenizer.encode("qxqzzz").tokens
    with harness.through_llama_cpp(path) as vocabulary:
        ours = [tokenizer.id_to_token(number) for number in vocabulary.encode("qxqzzz")]
    assert theirs[0] == "qxq"
    assert ours == ["q", "xqzzz"]


def test_llama_cpp_keeps_blanks_beside_special_tokens_that_would_take_them_along(tmp_path: Path) -> None:
    """A difference that is llama.cpp's own: the options ``lstrip`` and ``rstrip`` of Phi's special tokens."""
    require("llama_cpp")
    from tokenizers import AddedToken, Tokenizer

    path = harness.byte_level(tmp_path, families.BYTE_LEVEL["gpt-2"])
    tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
    tokenizer.add_special_tokens([AddedToken("<|turn|>", rstrip=True, normalized=False)])
    tokenizer.save(str(path / "tokenizer.json"))
    number = tokenizer.token_to_id("<|turn|>")
    with harness.through_llama_cpp(path) as vocabulary:
        assert vocabulary.encode("<|turn|>a") == tokenizer.encode("<|turn|>a").ids
        assert vocabulary.encode("<|turn|> \na") == [number, *tokenizer.encode(" \na").ids]
    assert tokenizer.encode("<|turn|> \na").ids == tokenizer.encode("<|turn|>a").ids


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"tokenizer_config": {"added_tokens_decoder": {"1": {"content": "<s>"}}}},
            "added token '<s>' has the id 1; expected what the tokenizer itself has: '0'",
        ),
        (
            {"added_tokens": {"new": 3}},
            "added token 'new' has the id 3; expected what the tokenizer itself has: '<|eom_id|>'",
        ),
        (
            {"added_tokens": {"a": 5}, "tokenizer_config": {"added_tokens_decoder": {"4": {"content": "a"}}}},
            "added token 'a' has the id 5; expected 4, as in tokenizer_config.json",
        ),
        ({"tokenizer_config": {"added_tokens_decoder": []}}, None),
        ({"tokenizer_config": {"added_tokens_decoder": [1]}}, "added_tokens_decoder is malformed"),
        ({"tokenizer_config": {"added_tokens_decoder": {"x": {"content": "a"}}}}, "added token 'x' is malformed"),
        ({"added_tokens": {"a": "5"}}, "added token 'a' is malformed; expected a token with its id"),
    ],
)
def test_lists_of_added_tokens_must_agree_with_the_tokenizer(
    tmp_path: Path, files: dict[str, dict[str, Any]], message: str | None
) -> None:
    path = folder(tmp_path, **files)
    if message is None:
        assert found(path) == {}
        return
    with pytest.raises(BadInput) as caught:
        found(path)
    assert message in str(caught.value)


def test_a_token_beyond_the_model_that_only_the_configuration_has_is_none(tmp_path: Path) -> None:
    path = folder(tmp_path, added_tokens={"far": 900})
    assert Configuration.open(path, {}).added_tokens()[0].id == 900
    assert found(path) == {}
