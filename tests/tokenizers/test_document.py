"""``tokenizer.json``: what is read of it, and what is refused; ``tokenizers`` itself says which ids are right."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from edgedocs import tokenizers
from edgedocs.core.errors import BadInput
from edgedocs.tokenizers import bounded_json
from edgedocs.tokenizers.document import TokenizerDocument
from edgedocs.tokenizers.sentencepiece_bpe import merges_of
from edgedocs.tokenizers.special_tokens import Configuration
from tests import pace
from tests.requirements import require
from tests.tokenizers import families, harness
from tests.tokenizers import sentencepiece_folders as sentencepiece

BLANK = sentencepiece.BLANK
ADDED = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}


def small(vocabulary: dict[str, int], added: list[tuple[str, int]]) -> dict[str, Any]:
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [ADDED | {"id": number, "content": text, "special": True} for text, number in added],
        "normalizer": None,
        "pre_tokenizer": families.byte_level(True),
        "post_processor": None,
        "decoder": families.byte_level(True),
        "model": {"type": "BPE", "vocab": vocabulary, "merges": []},
    }


@given(
    st.lists(st.sampled_from("abcde"), unique=True), st.lists(st.tuples(st.sampled_from("abxyz"), st.integers(0, 9)))
)
def test_added_tokens_have_the_ids_that_tokenizers_gives_them_or_are_refused(
    words: list[str], added: list[tuple[str, int]]
) -> None:
    added = list(dict(added).items())
    document = small({word: number for number, word in enumerate(words)}, added)
    theirs = Tokenizer.from_str(json.dumps(document))
    agree = all(theirs.token_to_id(text) == number for text, number in added)
    try:
        ids = TokenizerDocument.parse(document, Path("tokenizer.json")).ids
    except BadInput:
        assert not agree
    else:
        assert agree
        assert ids == theirs.get_vocab(with_added_tokens=True)


def spoilt(tmp_path: Path, document: dict[str, Any], change: Callable[[dict[str, Any]], None]) -> str:
    """The message for a document that was changed."""
    change(document)
    folder = harness.save(tmp_path / "spoilt", document)
    with pytest.raises(BadInput) as caught:
        tokenizers.read(2600, Configuration.open(folder, {}))
    assert str(folder / "tokenizer.json") in str(caught.value)
    assert "remedy: convert to ONNX instead" in str(caught.value)
    return str(caught.value)


def vocabulary_without(token: str) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        document["model"]["vocab"] = {key: value for key, value in document["model"]["vocab"].items() if key != token}
        document["model"]["merges"] = [
            pair for pair in document["model"]["merges"] if token not in ("".join(pair), *pair)
        ]

    return change


def merges(change: Callable[[list[Any]], list[Any]]) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["model"].update(merges=change(document["model"]["merges"]))


def top(**change: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document.update(change)


def model(**change: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["model"].update(change)


METASPACE = {"type": "Metaspace", "replacement": BLANK, "prepend_scheme": "first", "split": True}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (vocabulary_without("<0x0A>"), "the byte token <0x0A> is missing"),
        (merges(lambda pairs: pairs[1:]), "which llama.cpp would; expected a merge for every pair"),
        (merges(lambda pairs: [pairs[-1], *pairs[1:-1], pairs[0], pairs[-1]]), "do not stand together"),
        (merges(lambda pairs: [*pairs, ["q", "☃"]]), "names '☃', which is no token"),
        (model(ignore_merges=True), "model.ignore_merges is 'True'"),
        (model(dropout=0.5), "model.dropout is '0.5'"),
        (top(normalizer={"type": "NFKC"}), "normalizer and pre_tokenizer are of a kind that is not known here"),
        (top(normalizer=None, pre_tokenizer=None), "normalizer and pre_tokenizer are of a kind"),
        (top(normalizer=None, pre_tokenizer=METASPACE), "normalizer and pre_tokenizer are of a kind"),
        (top(pre_tokenizer={"type": "Whitespace"}), "normalizer and pre_tokenizer are of a kind"),
    ],
)
def test_sentencepiece_bpe_that_llama_cpp_would_cut_otherwise_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    require("sentencepiece")
    document = sentencepiece.document("llama-2", sentencepiece.bpe("llama-2"))
    assert message in spoilt(tmp_path, document, change)


def test_gemmas_tab_may_stand_in_for_its_byte(tmp_path: Path) -> None:
    """transformers' converter puts a tab in the place of ``<0x09>``; llama.cpp looks for either."""
    require("llama_cpp")
    require("sentencepiece")
    folder = sentencepiece.folder(tmp_path, "gemma")
    document = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    document["model"]["vocab"].setdefault("\t", document["model"]["vocab"].pop("<0x09>"))
    harness.save(folder, document, bos_token="<bos>")
    text = "a\tb\t\t c \x01\n\t☃"
    with harness.through_llama_cpp(folder, 1500) as vocabulary:
        assert vocabulary.encode(text) == Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text).ids


@pytest.mark.parametrize(
    ("change", "accepted"),
    [
        ({"content": "</s>", "rstrip": True}, True),
        ({"content": "[x]", "lstrip": True}, True),
        ({"content": "word", "rstrip": True}, False),
        ({"content": "<>", "rstrip": True}, False),
        ({"content": "word", "rstrip": True, "special": True}, True),
        ({"content": "<x>", "single_word": True, "special": True}, False),
    ],
)
def test_only_marks_may_take_blanks_along(change: dict[str, Any], accepted: bool) -> None:
    document = small({"a": 0}, []) | {"added_tokens": [ADDED | {"id": 1, "special": False} | change]}
    parsed = TokenizerDocument.parse(document, Path("tokenizer.json"))
    if accepted:
        assert [token.content for token in parsed.added_tokens] == [change["content"]]
    else:
        with pytest.raises(BadInput, match="has the option"):
            _ = parsed.added_tokens


def bert(tmp_path: Path) -> dict[str, Any]:
    path = harness.wordpiece(tmp_path / "bert") / "tokenizer.json"
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (top(normalizer=None), "normalizer is of a kind that is not known here"),
        (top(normalizer={"type": "BertNormalizer", "clean_text": False}), "normalizer is of a kind"),
        (top(pre_tokenizer={"type": "Whitespace"}), "pre_tokenizer is of a kind that is not known here"),
        (top(post_processor=None), "post_processor does not put one token before and one after a text"),
        (model(max_input_chars_per_word=5), "model.max_input_chars_per_word is '5'; expected 100"),
        (model(continuing_subword_prefix="@@"), "model.continuing_subword_prefix is '@@'; expected '##'"),
        (model(unk_token="[NONE]"), "model.unk_token is '[NONE]'; expected a token"),
        (lambda document: document["model"]["vocab"].update({f"##{BLANK}a": 1999}), "are both '▁a' to llama.cpp"),
    ],
)
def test_wordpiece_that_llama_cpp_would_cut_otherwise_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    assert message in spoilt(tmp_path, bert(tmp_path), change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (top(normalizer={"type": "NFKC"}), "normalizer is of a kind that is not known here"),
        (top(normalizer={"type": "Precompiled", "precompiled_charsmap": "!"}), "precompiled_charsmap is malformed"),
        (top(normalizer={"type": "Precompiled", "precompiled_charsmap": "/////w=="}), "character map is damaged"),
        (top(pre_tokenizer={"type": "Whitespace"}), "pre_tokenizer is of a kind that is not known here"),
        (model(byte_fallback=True), "model.byte_fallback is 'True'"),
        (model(unk_id=None), "model.unk_id is 'None'; expected 0 to 1199"),
        (model(unk_id=5000), "model.unk_id is '5000'"),
        (model(vocab=[["a", "b"]]), "model.vocab is malformed; expected a list of pairs of a text and a score"),
        (model(vocab=[["a", 1], ["a", 2]]), "token 'a' stands twice in model.vocab"),
        (model(vocab=[["a", 1e300]]), "model.vocab is malformed"),
    ],
)
def test_unigram_that_llama_cpp_would_cut_otherwise_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    require("sentencepiece")
    path = sentencepiece.unigram_folder(tmp_path / "t5") / "tokenizer.json"
    assert message in spoilt(tmp_path, json.loads(path.read_text(encoding="utf-8")), change)


def test_an_unknown_pre_tokenizer_is_refused_with_a_list_of_the_known(tmp_path: Path) -> None:
    document = json.loads(harness.byte_level_json())
    message = spoilt(tmp_path, document, top(pre_tokenizer=families.split(r"\w+|\W+")))
    assert f"expected that of {', '.join(families.BYTE_LEVEL)}" in message


def test_whole_words_may_be_said_otherwise_only_where_merges_reach_every_token(tmp_path: Path) -> None:
    family = families.BYTE_LEVEL["gpt-4o"] | {"ignore_merges": True}
    assert harness.fields(harness.byte_level(tmp_path / "a", family))["tokenizer.ggml.pre"].value == "gpt-4o"
    folder = harness.byte_level(tmp_path / "b", family)
    document = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    last = document["model"]["merges"].pop()
    message = spoilt(tmp_path, document, lambda _: None)
    assert f"no merges make {''.join(last)!r}" in message


def test_a_name_for_an_unused_id_is_no_other_tokens_name(tmp_path: Path) -> None:
    document = small({"[PAD2]": 0, "[[PAD2]]": 1}, [])
    harness.save(tmp_path, document)
    assert harness.fields(tmp_path, 4)["tokenizer.ggml.tokens"].value == ["[PAD2]", "[[PAD2]]", "[[[PAD2]]]", "[PAD3]"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"model": {"vocab": {"a": 0, "a": 1}}}', "'a' stands twice in an object; expected each name once"),
        ("[" * 200_000, "nested too deeply"),
        ("[" + "[]," * (2**20 + 1) + "[]]", "times { or [; expected at most"),
        ("[" + "0," * (2**22 + 1) + "0]", "times ,; expected at most"),
        ('["\\ud800"]', "half a character (a lone surrogate)"),
        ("[" + "9" * 5000 + "]", "nested too deeply, or with a number too long"),
        ('{"a": ', "no JSON"),
    ],
)
def test_hostile_json_is_refused_within_a_second(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "tokenizer.json").write_text(text, encoding="utf-8")
    with pace.at_most(1), pytest.raises(BadInput) as caught:
        bounded_json.read(tmp_path / "tokenizer.json")
    assert message in str(caught.value)


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no tokenizer; expected tokenizer\.json, tokenizer\.model, vocab\.txt"):
        tokenizers.read(5, Configuration(tmp_path))


def test_a_model_with_too_many_rows_is_refused(tmp_path: Path) -> None:
    harness.save(tmp_path, small({"a": 0}, []))
    with pytest.raises(BadInput, match="the model has 1000000000 tokens; expected at most"):
        harness.fields(tmp_path, 10**9)


@pytest.mark.parametrize("merges", [[], [["a", "b"], ["ab", "ab"]]])
def test_a_token_longer_than_any_is_refused_within_a_second(merges: list[list[str]]) -> None:
    vocabulary = {"<unk>": 0, **{f"<0x{byte:02X}>": byte + 1 for byte in range(256)}, "a": 257, "b": 258}
    vocabulary |= {"ab": 259, "abab": 260, "ab" * 300_000: 261}
    model = {"type": "BPE", "byte_fallback": True, "unk_token": "<unk>", "vocab": vocabulary, "merges": merges}
    document = {"normalizer": sentencepiece.REPLACE, "model": model}
    with pace.at_most(1), pytest.raises(BadInput, match=r"600000 characters; expected at most 512|no merge makes"):
        tokenizers.of_document(TokenizerDocument.parse(document, Path("tokenizer.json")), 262)


def test_the_merges_of_a_vocabulary_with_scores_are_those_of_transformers() -> None:
    """An order worked out by hand: by score, then by the length of the first piece, then by that of the second."""
    scores = {"a": 0.0, "b": 0.0, "aa": -1.0, "aaa": -1.0, "ab": -0.5, "aab": -3.0, "zz": -4.0}
    assert merges_of(scores, dict.fromkeys("abx", 0)) == [
        ["a", "b"],
        ["aa", "a"],
        ["a", "aa"],
        ["a", "a"],
        ["aa", "b"],
        ["a", "ab"],
    ]
