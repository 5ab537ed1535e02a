"""llama.cpp must cut text into the same tokens as ``tokenizers`` does, from the GGUF file alone."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from edgedocs import converters
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf import GGUFFile
from edgedocs.converters.gguf_tokenizer import tokenizer_fields
from edgedocs.core.errors import BadInput
from tests.oracles.llama_cpp_files import Vocabulary
from tests.reference_folder import REFERENCE, change_json, copy_of_reference
from tests.requirements import require
from tests.tokenizers import families

TINY = Checkpoint.open("tiny").path
PRE_TOKENIZERS = ("gpt-2", "smollm", "llama-bpe")
TEXTS = {
    "code": 'def f(x):\n    return x[0] if x else {"k": 1e-9}  # 3.14\n\n\tif (a<=b && c!=d) { y += `z`; }\r\n',
    "emoji": "🚀 (normal) 😶‍🌫️ ✅ 🦙🦙 👩🏽‍💻🇨🇿",
    "control characters": "a\0b\x01\x02 \x07\x1b[0m\x7f\x80\x85\u200b\u2028x\ufeff",
    "long blanks": "a" + " " * 300 + "b" + "\n" * 50 + "\t" * 40 + " \n \n  " + "\u00a0\u3000" * 10 + " ",
    "digits": "3 33 333 3333 33333 3.14159 1,234,567 ½ ² Ⅷ ٣٤ १२३",
    "contractions": "I'm we'll I'D they'Re it's 'tis don''t ' s",
    "scripts": "Ελληνικά русский עברית العربية 日本語 한국어 កាន់តែ हिन्दी",
    "decomposed": "e\u0301 z\u030c a\u0327\u0301\u0300",
    "special tokens": "<|user|>\nHello<|end|><|assistant|> <|endoftext|>x<|user|><|nothing|> <|end",
    "empty": "",
    "blank": " ",
}


@pytest.fixture(scope="module", params=PRE_TOKENIZERS)
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Tokenizer, Vocabulary]]:
    """Tiny's tokenizer with each pre-tokenizer: as ``tokenizers`` and as llama.cpp have it."""
    require("llama_cpp")
    folder = tmp_path_factory.mktemp(request.param) / "model"
    shutil.copytree(TINY, folder, ignore=shutil.ignore_patterns("*.py", "heldout", "__pycache__"))
    family = families.BYTE_LEVEL[request.param]

    def change(tokenizer: dict[str, Any]) -> None:
        tokenizer["pre_tokenizer"] = family["pre_tokenizer"]
        tokenizer["model"]["ignore_merges"] = family.get("ignore_merges", False)

    change_json(folder / "tokenizer.json", change)
    path = folder / "out.gguf"
    converters.convert(folder, path, type="q8_0")
    assert GGUFFile.open(path).metadata["tokenizer.ggml.pre"] == request.param
    with Vocabulary(path) as vocabulary:
        yield Tokenizer.from_file(str(folder / "tokenizer.json")), vocabulary


@pytest.mark.parametrize("language", ["cs", "en", "et", "pl", "sl"])
def test_held_out_text_gives_the_same_ids(both: tuple[Tokenizer, Vocabulary], language: str) -> None:
    tokenizer, vocabulary = both
    text = (TINY / "heldout" / f"{language}.txt").read_text(encoding="utf-8")
    expected = tokenizer.encode(text).ids
    assert len(expected) > 1000
    assert vocabulary.encode(text) == expected


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_awkward_text_gives_the_same_ids(both: tuple[Tokenizer, Vocabulary], text: str) -> None:
    tokenizer, vocabulary = both
    assert vocabulary.encode(text) == tokenizer.encode(text).ids


def test_characters_of_every_kind_give_the_same_ids(both: tuple[Tokenizer, Vocabulary]) -> None:
    tokenizer, vocabulary = both
    for code in [*range(0x3100), *range(0x3100, 0xD800, 101), *range(0xE000, 0x110000, 1009)]:
        text = f"a{chr(code)} {chr(code)}{chr(code)}b"
        assert vocabulary.encode(text) == tokenizer.encode(text).ids, hex(code)


@given(text=st.text(st.characters(codec="utf-8") | st.sampled_from(" \n\t'<|>sdreva09.čž"), max_size=60))
def test_any_text_gives_the_same_ids(both: tuple[Tokenizer, Vocabulary], text: str) -> None:
    tokenizer, vocabulary = both
    assert vocabulary.encode(text) == tokenizer.encode(text).ids


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_of_reference(tmp_path)


def fields_of(folder: Path) -> dict[str, Any]:
    return {
        key.removeprefix("tokenizer.ggml."): one.value for key, one in tokenizer_fields(Checkpoint.open(folder)).items()
    }


def template(*pieces: str) -> dict[str, Any]:
    single = [{"Sequence" if piece == "A" else "SpecialToken": {"id": piece, "type_id": 0}} for piece in pieces]
    return {"type": "TemplateProcessing", "single": single, "pair": [], "special_tokens": {}}


def test_ids_that_the_tokenizer_leaves_out_become_unused_tokens(folder: Path) -> None:
    document = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    del document["model"]["vocab"]["Ġthe"]
    document["model"]["merges"] = [pair for pair in document["model"]["merges"] if "the" not in "".join(pair)]
    number = Tokenizer.from_file(str(folder / "tokenizer.json")).token_to_id("Ġthe")
    (folder / "tokenizer.json").write_text(json.dumps(document), encoding="utf-8")
    fields = fields_of(folder)
    assert fields["tokens"][number] == f"[PAD{number}]"
    assert fields["token_type"][number] == 5
    assert (fields["tokens"][0], fields["token_type"][0]) == ("<|end|>", 3)
    assert fields["token_type"].count(1) == 382


def test_an_added_token_that_is_text_is_user_defined(folder: Path) -> None:
    def change(tokenizer: dict[str, Any]) -> None:
        tokenizer["added_tokens"].append({"id": 383, "content": "EdgeDocs", "special": False, "normalized": False})
        tokenizer["model"]["vocab"] = {t: n for t, n in tokenizer["model"]["vocab"].items() if n != 383}
        del tokenizer["model"]["merges"][-1]  # the one that makes the token 383

    change_json(folder / "tokenizer.json", change)
    fields = fields_of(folder)
    assert (fields["tokens"][383], fields["token_type"][383]) == ("EdgeDocs", 4)


def test_merges_in_the_older_form_are_the_same(folder: Path) -> None:
    pairs = fields_of(folder)["merges"]

    def change(tokenizer: dict[str, Any]) -> None:
        tokenizer["model"]["merges"] = [m if isinstance(m, str) else " ".join(m) for m in tokenizer["model"]["merges"]]

    change_json(folder / "tokenizer.json", change)
    assert fields_of(folder)["merges"] == pairs
    assert pairs[0] == "t h"


@pytest.mark.parametrize(
    ("step", "config", "expected"),
    [
        (None, {}, (False, False)),
        (None, {"add_bos_token": True}, (True, False)),
        (None, {"add_bos_token": False, "add_eos_token": True}, (False, True)),
        ({"type": "ByteLevel"}, {"add_bos_token": True}, (False, False)),
        (template("<|end|>", "A"), {}, (True, False)),
        (template("A", "<|end|>"), {"add_bos_token": True}, (False, True)),
        (template("<|end|>", "A", "<|end|>"), {}, (True, True)),
        (template("A"), {"add_bos_token": True}, (False, False)),
        ({"type": "Sequence", "processors": [{"type": "ByteLevel"}, template("<|end|>", "A")]}, {}, (True, False)),
    ],
)
def test_what_goes_around_a_text(
    folder: Path, step: dict[str, Any] | None, config: dict[str, bool], expected: tuple[bool, bool]
) -> None:
    change_json(folder / "tokenizer.json", lambda tokenizer: tokenizer.update(post_processor=step))
    change_json(folder / "tokenizer_config.json", lambda document: document.update(config))
    fields = fields_of(folder)
    assert (fields["add_bos_token"], fields["add_eos_token"]) == expected


@pytest.mark.parametrize(
    ("file", "change", "expected"),
    [
        ("tokenizer_config.json", {"bos_token": {"content": "<|end|>"}}, {"bos_token_id": 0}),
        ("tokenizer_config.json", {"eos_token": None, "bos_token": None}, {"eos_token_id": 0, "bos_token_id": 0}),
        ("generation_config.json", {"eos_token_id": [0, 7]}, {"eos_token_id": 0, "eot_token_id": 7}),
        ("generation_config.json", {"eos_token_id": [7, 0]}, {"eos_token_id": 0, "eot_token_id": 7}),
        (
            "generation_config.json",
            {"eos_token_id": [0, 384, -1, True, "x"]},
            {"eos_token_id": 0, "eot_token_id": None},
        ),
        ("config.json", {"pad_token_id": 5}, {"padding_token_id": 5}),
    ],
)
def test_special_tokens_come_from_the_configurations(
    folder: Path, file: str, change: dict[str, Any], expected: dict[str, int | None]
) -> None:
    change_json(folder / file, lambda document: document.update(change))
    fields = fields_of(folder)
    assert {key: fields.get(key) for key in expected} == expected


def model(**change: Any) -> Callable[[dict[str, Any]], None]:
    return lambda tokenizer: tokenizer["model"].update(change)


def top(**change: Any) -> Callable[[dict[str, Any]], None]:
    return lambda tokenizer: tokenizer.update(change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (model(type="Unigram"), "model.vocab is malformed"),
        (model(type="WordPiece"), "model.continuing_subword_prefix is 'None'; expected '##'"),
        (model(type="WordLevel"), "model.type is 'WordLevel'; expected 'BPE', 'Unigram' or 'WordPiece'"),
        (model(type=None), "model.type is 'None'; expected 'BPE'"),
        (model(byte_fallback=True), "model.byte_fallback is 'True'"),
        (model(unk_token="<unk>"), "model.unk_token is '<unk>'"),
        (model(dropout=0.1), "model.dropout is '0.1'"),
        (model(ignore_merges=True), "pre_tokenizer is of a kind that is not known here"),
        (model(vocab=[]), "model.vocab is malformed"),
        (model(vocab={"a": "1"}), "model.vocab is malformed"),
        (model(vocab={"a": 384}), "token 'a' has the id 384; expected 0 to 383"),
        (model(vocab={"a": 1, "b": 1}), "tokens 'a' and 'b' share the id 1"),
        (model(merges={}), "model.merges is malformed"),
        (model(merges=["a b c"]), "model.merges is malformed"),
        (model(merges=[["a", 1]]), "model.merges is malformed"),
        (model(merges=[["a ", "b"]]), "model.merges is malformed"),
        (top(model=None), "no tokenizer; expected an object with a model"),
        (top(normalizer={"type": "NFC"}), "changes the text before it is cut"),
        (top(decoder=None), "decoder is not ByteLevel"),
        (top(pre_tokenizer={"type": "Whitespace"}), "pre_tokenizer is of a kind that is not known here"),
        (top(pre_tokenizer={"type": "ByteLevel", "add_prefix_space": True}), "pre_tokenizer is of a kind"),
        (top(pre_tokenizer=None), "pre_tokenizer is of a kind"),
        (top(pre_tokenizer={"type": "Sequence", "pretokenizers": 3}), "pre_tokenizer is of a kind"),
        (top(added_tokens={"a": 1}), "added_tokens is malformed"),
        (top(added_tokens=["a"]), "added token a is malformed"),
        (top(added_tokens=[{"id": 0, "content": ""}]), "is malformed; expected an object with content and id"),
        (top(added_tokens=[{"id": 0, "content": "x", "lstrip": True}]), "added token 'x' has the option lstrip"),
        (top(post_processor={"type": "BertProcessing"}), "post_processor is of a kind that is not known here"),
        (top(post_processor={"type": ["ByteLevel"]}), "post_processor is of a kind that is not known here"),
        (top(post_processor={"processors": 3}), "post_processor is of a kind that is not known here"),
        (top(post_processor=[]), "post_processor is of a kind that is not known here"),
        (top(post_processor=template("A", "A")), "post_processor has a malformed template"),
        (top(post_processor=template("<|other|>", "A")), "adds other tokens than bos and eos"),
        (top(post_processor=template("<|end|>", "<|end|>", "A")), "adds other tokens than bos and eos"),
    ],
)
def test_what_llama_cpp_would_read_otherwise_is_refused(
    folder: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    change_json(folder / "tokenizer.json", change)
    with pytest.raises(BadInput) as caught:
        fields_of(folder)
    assert message in str(caught.value)
    assert str(folder / "tokenizer.json") in str(caught.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 400) | st.text(max_size=3) | st.sampled_from(["ByteLevel", "Sequence"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "id", "content", "single", "Sequence", "SpecialToken"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
KEYS = ["normalizer", "pre_tokenizer", "post_processor", "decoder", "added_tokens", "model"]


@given(
    st.dictionaries(st.sampled_from(KEYS), json_values, max_size=2),
    st.dictionaries(st.sampled_from(["type", "vocab", "merges", "dropout", "ignore_merges"]), json_values, max_size=2),
)
def test_any_tokenizer_is_read_or_bad_input(
    tmp_path_factory: pytest.TempPathFactory, change: dict[str, Any], model_change: dict[str, Any]
) -> None:
    folder = tmp_path_factory.getbasetemp() / "fuzzed-tokenizer"
    if not folder.exists():
        copy_of_reference(folder.parent, folder.name)
    document = json.loads((REFERENCE / "tokenizer.json").read_text(encoding="utf-8"))
    document["model"] |= model_change
    (folder / "tokenizer.json").write_text(json.dumps(document | change), encoding="utf-8")
    try:
        fields = fields_of(folder)
    except BadInput:
        return
    assert len(fields["tokens"]) == 384
