"""The law: from the GGUF file alone, llama.cpp cuts text into the tokens that the checkpoint's tokenizer gives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from tests.requirements import require
from tests.tokenizers import harness
from tests.tokenizers.cases import CASES, Case, differing

RECORDED = Path(__file__).parent / "recorded" / "bert.json"
TEXTS = {
    "code": harness.CODE,
    "emoji": "🚀 (normal) 😶‍🌫️ ✅ 🦙🦙 👩🏽‍💻🇨🇿 👨‍👩‍👧‍👦",
    "control characters": "a\0b\x01\x02 \x07\x1b[0m\x7f\x80\x85\u200b\u2028x\ufeff",
    "long blanks": "a" + " " * 300 + "b" + "\n" * 50 + "\t" * 40 + " \n \n  " + "\u00a0\u3000" * 10 + " ",
    "line ends": "a\r\nb\rc\n\n\nd\n e \n",
    "digits": "3 33 333 3333 33333 3.14159 1,234,567 ½ ² Ⅷ ٣٤ १२३",
    "contractions": "I'm we'll I'D they'Re it's 'tis don''t ' s",
    "scripts": "Ελληνικά русский 日本語 漢字仮名 한국어 កាន់តែ हिन्दी",
    "right to left": "עברית 123 العربية، (abc) فارسی",
    "capitals": "STARÝM KŮŇ iPhonE éÉéÉ ΑΒΓδ Џа McDonald's",
    "decomposed": "e\u0301 z\u030c a\u0327\u0301\u0300",
    "special tokens": "<|user|>\nHello<|end|> <|endoftext|>x<|user|><s>y</s> z[SEP]<start_of_turn>u<|no|> <|end",
    "added tokens": "EdgeDocs and xEdgeDocsx  \n  \n\n<table>",
    "long word": "a" * 150,
    "empty": "",
    "blank": " ",
}
CODES = [*range(0x3100), *range(0x3100, 0xD800, 101), *range(0xE000, 0x110000, 1009)]


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    require("llama_cpp")
    require("sentencepiece")
    made = CASES[request.param](tmp_path_factory.mktemp("case") / "model")
    with made.vocabulary:
        yield made


@pytest.mark.parametrize("language", harness.LANGUAGES)
def test_held_out_text_gives_the_same_ids(case: Case, language: str) -> None:
    text = harness.held_out(language)[: 4000 if case.slow else None]
    expected = case.truth(text)
    assert len(expected) > 500
    assert case.vocabulary.encode(text) == expected


@pytest.mark.parametrize("name", TEXTS)
def test_awkward_text_gives_the_same_ids_but_where_llama_cpp_differs(case: Case, name: str) -> None:
    expected = case.truth(TEXTS[name])
    if name in case.differs:
        assert case.vocabulary.encode(TEXTS[name]) != expected
    else:
        assert case.vocabulary.encode(TEXTS[name]) == expected


def test_characters_of_every_kind_give_the_ids_of_the_account(case: Case) -> None:
    codes = [code for code in CODES if not case.leaves_out(chr(code))]
    assert len(codes) > 4000
    for start in range(0, len(codes), 64):
        some = codes[start : start + 64 : 23 if case.slow else 1]
        assert differing(case.vocabulary, case.account, some) == []


@settings(max_examples=60)
@given(data=st.data())
def test_any_text_gives_the_ids_of_the_account(case: Case, data: st.DataObject) -> None:
    characters = st.characters(codec="utf-8").filter(lambda character: not case.leaves_out(character))
    text = data.draw(st.text(characters | st.sampled_from(" \n\t'sdreva09.čžŽÉ"), max_size=60))
    assert case.vocabulary.encode(text) == case.account(text)


@pytest.mark.parametrize("name", ["bert uncased", "bert cased"])
def test_the_characters_that_bert_in_llama_cpp_takes_otherwise_are_those_on_record(name: str, tmp_path: Path) -> None:
    require("llama_cpp")
    require("sentencepiece")
    case = CASES[name](tmp_path / "model")
    with case.vocabulary:
        found = differing(case.vocabulary, case.truth, CODES)
    assert found == json.loads(RECORDED.read_text(encoding="utf-8"))[name]


LINE = "\u2581"
LITERAL = {
    # text: the pieces that tokenizers gives, and those of llama.cpp, which looks for added runs of real blanks alone
    f"a{LINE}dog": (["a", f"{LINE}do", "g"], ["a", f"{LINE}do", "g"]),
    LINE: ([LINE], [LINE]),
    LINE * 2: ([LINE * 2], [LINE, LINE]),
    f"a{LINE * 2}b": (["a", LINE * 2, "b"], ["a", LINE, f"{LINE}b"]),
    f"a {LINE}b": (["a", LINE * 2, "b"], ["a", LINE, f"{LINE}b"]),
    "a  b": (["a", LINE * 2, "b"], ["a", LINE * 2, "b"]),
}


@pytest.mark.parametrize("text", LITERAL)
def test_the_line_for_a_blank_as_text_differs_in_gemma_where_it_stands_beside_another_alone(
    tmp_path: Path, text: str
) -> None:
    require("llama_cpp")
    require("sentencepiece")
    case = CASES["gemma"](tmp_path / "model")
    tokenizer = Tokenizer.from_file(str(tmp_path / "model" / "tokenizer.json"))
    theirs, llama_cpps = LITERAL[text]
    with case.vocabulary:
        assert [tokenizer.id_to_token(one) for one in case.truth(text)] == ["<bos>", *theirs]
        assert [tokenizer.id_to_token(one) for one in case.vocabulary.encode(text)] == ["<bos>", *llama_cpps]
