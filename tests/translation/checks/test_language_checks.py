"""Checks of language, text left in English, terms and damaged text, with what they must not flag."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
import simplemma
import snowballstemmer
from hypothesis import given, settings
from hypothesis import strategies as st

from edgedocs.tiny import held_out
from edgedocs.translation.checks import checks
from edgedocs.translation.glossary import Term
from edgedocs.translation.identification import LEAST_LETTERS, alike, identify, is_evidently
from edgedocs.translation.inflection import has_common_start, is_form
from edgedocs.translation.language import bare
from edgedocs.translation.pairs import PageContext, SegmentPair
from edgedocs.translation.prose import prose
from edgedocs.translation.segments import Segment
from tests import pace

LANGUAGES = ("cs", "sl", "et", "pl")
SNOWBALL = {"cs": "czech", "et": "estonian", "pl": "polish"}
MINE = ("language", "mojibake", "terminology", "untranslated")


def pair(source: str, target: str, language: str = "cs", glossary: tuple[Term, ...] = (), kind: str = "paragraph"):  # type: ignore[no-untyped-def]
    context = PageContext(bare(language), "page.md", glossary)
    return SegmentPair(context, Segment(kind, source, 1), Segment(kind, target, 1))


def found(check: str, *args: object, **options: object) -> list[str]:
    return [finding.message for finding in checks.get(check).segment(pair(*args, **options))]  # type: ignore[arg-type]


# Language identification


def test_no_line_of_the_held_out_texts_is_in_another_language(record_property: Callable[[str, object], None]) -> None:
    counted: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for language in ("en", *LANGUAGES):
        for line in held_out(language).split("\n"):
            text = prose(line)
            if sum(map(str.isalpha, text)) < LEAST_LETTERS:
                continue
            told = identify(text)
            counts = counted[language]
            counts[0] += 1
            counts[1] += told is not None and alike(told, language)
            counts[2] += told is not None and not alike(told, language) and told != "en"
    for language, (lines, right, wrong) in counted.items():
        record_property(f"language {language}", f"{right} of {lines} lines certain, {wrong} wrong")
        assert wrong == 0
        assert right / lines > 0.8  # the rest: lists of functions and keys


EVIDENT = (
    *LANGUAGES,
    "de",
    "es",
    "fi",
    "fr",
    "hr",
    "hu",
    "id",
    "it",
    "lt",
    "nl",
    "no",
    "pt",
    "ro",
    "sk",
    "sv",
    "tr",
    "vi",
)


def test_letters_and_words_take_no_held_out_text_for_one_in_another_language() -> None:
    compared = 0
    for language in ("en", *LANGUAGES):
        for line in held_out(language).split("\n"):
            text = prose(line)
            if sum(map(str.isalpha, text)) < LEAST_LETTERS:
                continue
            wrong = [other for other in EVIDENT if not alike(other, language) and is_evidently(text, other)]
            compared += len(EVIDENT)
            assert not wrong, text
    assert compared > 20_000


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Die Gewichte werden auf ganze Zahlen gerundet und belegen so weniger Speicher."),
        ("fr", "Les poids sont arrondis à des nombres entiers pour occuper moins de mémoire avec le même modèle."),
        ("es", "Los pesos se redondean a números enteros y también ocupan menos memoria."),
        ("ru", "Веса округляются до целых чисел, чтобы они занимали меньше памяти."),
        ("hi", "भार पूर्णांकों में बदल दिए जाते हैं ताकि वे कम स्मृति लें।"),
        ("zh-CN", "权重被四舍五入为整数，因此占用的内存更少，而模型的质量几乎不变。"),
    ],
)  # fmt: skip
def test_letters_and_words_tell_a_language(language: str, text: str) -> None:
    assert is_evidently(text, language)
    assert not is_evidently(text, "en")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh-CN", "重みは整数に丸められるため、必要なメモリは少なくなりますが、品質はほとんど変わりません。"),
        ("ru", "Теглата се закръглят до цели числа, които заемат по-малко памет от преди, ъгъл."),
        ("bn", "ওজনবোৰ পূৰ্ণ সংখ্যালৈ ৰূপান্তৰ কৰা হয় আৰু কম স্মৃতি লয়।"),
    ],
)  # fmt: skip
def test_what_has_letters_of_another_language_is_left_to_the_identifier(language: str, text: str) -> None:
    assert not is_evidently(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("cs", "Váhy modelu sú čísla, ktoré sa uložia do súboru; kvantizácia ich zaokrúhli a súbor sa zmenší."),
        ("sl", "Težine modela su brojevi koji se spremaju u datoteku; kvantizacija ih zaokružuje i smanjuje."),
        ("et", "Mallin painot ovat lukuja, jotka tallennetaan tiedostoon; kvantisointi pyöristää ne kokonaisluvuiksi."),
        ("pl", "Váhy modelu jsou čísla, která se ukládají do souboru; kvantizace je zaokrouhlí a soubor se zmenší."),
    ],
)  # fmt: skip
def test_a_related_language_is_told(language: str, text: str) -> None:
    source = "The weights of a model are numbers that are stored in a file; quantization rounds them."
    assert found("language", source, text, language)


@pytest.mark.parametrize("text", ["## GGUF", "`edgedocs convert tiny`", "F16, Q8_0, Q4_0", "| 1 | 2 |", "", "…"])
def test_what_says_nothing_of_its_language(text: str) -> None:
    for check in MINE:
        assert not found(check, text, text)


# Text left in English


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("The scale has to live somewhere.", "The scale has to live somewhere."),
        ("It is small. The scale has to live somewhere.", "Je malé. The scale has to live somewhere."),
        ("## Three ways to run a model { #ways }", "## Three ways to run a model { #ways }"),
        ("## Further reading", "## Further reading"),
        ('!!! note "A container is not quantization"', '!!! note "A container is not quantization"'),
        ("- A block of `Q4_0` and its scale;", "- A block of `Q4_0` and its scale;"),
        (
            "What it is.",
            "This is the text of which the translator has made another one in the same language as before.",
        ),
    ],
)
def test_text_left_in_english(source: str, target: str) -> None:
    assert found("untranslated", source, target)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("## GGUF { #gguf }", "## GGUF { #gguf }"),
        ("# EdgeDocs", "# EdgeDocs"),
        ("- [Attention Is All You Need](https://arxiv.org/abs/1706.03762)", "- [Attention Is All You Need](https://arxiv.org/abs/1706.03762)"),
        ("`the code of it` and `all of that`", "`the code of it` a `all of that`"),
        ("The paper “The Era of 1-bit LLMs” is new.", "Článek „The Era of 1-bit LLMs“ je nový."),
        ("llama.cpp, ONNX Runtime, Hugging Face", "llama.cpp, ONNX Runtime, Hugging Face"),
        ("A benchmark.", "Benchmark."),
        ("A model.", "Model."),
        ("It runs on a model.", "Běží to na modelu."),
    ],
)  # fmt: skip
def test_text_that_is_alike_by_nature(source: str, target: str) -> None:
    assert not found("untranslated", source, target)


# Damaged text


@pytest.mark.parametrize(
    ("source", "target", "language"),
    [
        ("A font.", "PĂ­smo na řádku.", "cs"),
        ("Convert it.", "P?eve?te ho.", "cs"),
        ("A scale, in all comparisons.", "Mőőtke kőiki vőrrelge.", "et"),
        ("A font.", "Písmo na ř�dku.", "cs"),
        ("To read a block and tell it.", "przeczyta? blok i powiedzie?, ile naprawdę", "pl"),
        ("In this order.", "polo\x9ete v tomto poøadí", "cs"),
        ("And measure it.", "käitage ja mőőtke", "et"),
        ("Unless it says so.", "razen ÄŤe sam pove", "sl"),
    ],
)
def test_damaged_segments(source: str, target: str, language: str) -> None:
    assert found("mojibake", source, target, language)


@pytest.mark.parametrize(
    ("source", "target", "language"),
    [
        ("Why?? Is it so?", "Proč?? Je to tak?", "cs"),
        ("The letter é becomes Ã©: CafÃ©.", "Písmeno é se změní na Ã©: CafÃ©.", "cs"),
        ("See https://example.org/a?b=c.", "Viz https://example.org/a?b=c.", "cs"),
        ("Müller and Søren wrote it.", "Napsali to Müller a Søren.", "cs"),
        ("Really?", "Tõesti? Jah, ükskõik.", "et"),
    ],
)
def test_segments_that_are_whole(source: str, target: str, language: str) -> None:
    assert not found("mojibake", source, target, language)


# Terms

GLOSSARY = (
    Term("quantization", "kvantizace", "never kvantisace or kvantilace"),
    Term("weights", "váhy", ""),
    Term("precision (bits)", "přesnost", "not the same word as accuracy"),
    Term("accuracy", "správnost", "not the same word as precision"),
    Term("edge", "okraj sítě", ""),
    Term("edge device", "okrajové zařízení", ""),
    Term("benchmark", "benchmark", ""),
)


@pytest.mark.parametrize(
    ("source", "target", "says"),
    [
        ("Quantization rounds.", "Kvantilace zaokrouhluje.", "forbids"),
        ("The accuracy falls.", "Přesnost klesá.", "which is “precision"),
        ("The weights are small.", "Tyto weights jsou malé.", "left in English"),
        ("A weight is small.", "Závaží je malé.", "not rendered"),
    ],
)
def test_terms_against_the_glossary(source: str, target: str, says: str) -> None:
    (message,) = found("terminology", source, target, glossary=GLOSSARY)
    assert says in message


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Quantization of weights.", "O kvantizaci vah."),
        ("It was said by weight.", "Řeklo se to o váze."),
        ("On an edge device.", "Na okrajových zařízeních."),
        ("A benchmark.", "Benchmark."),
        ("`weights`", "`weights`"),
        ("Precision is not accuracy.", "Přesnost není správnost."),
    ],
)
def test_terms_in_any_form(source: str, target: str) -> None:
    assert not found("terminology", source, target, glossary=GLOSSARY)


def _forms() -> dict[str, list[tuple[str, str]]]:
    forms: dict[str, list[tuple[str, str]]] = defaultdict(list)
    lines = Path(__file__).with_name("inflections.tsv").read_text(encoding="utf-8").splitlines()[1:]
    for line in lines:
        language, base, form = line.split("\t")
        forms[language] += zip(base.split(), form.split(), strict=True)
    return forms


def _methods(language: str) -> dict[str, Callable[[str, str], bool]]:
    methods: dict[str, Callable[[str, str], bool]] = {
        "common start": has_common_start,
        "simplemma": lambda a, b: simplemma.lemmatize(a, language).lower() == simplemma.lemmatize(b, language).lower(),
        "chosen": lambda a, b: is_form(a, b, language),
    }
    if language in SNOWBALL:
        stemmer = snowballstemmer.stemmer(SNOWBALL[language])
        methods["snowball"] = lambda a, b: stemmer.stemWord(a) == stemmer.stemWord(b)
    return methods


@pytest.mark.parametrize("language", LANGUAGES)
def test_forms_of_terms(language: str, record_property: Callable[[str, object], None]) -> None:
    forms = _forms()[language]
    assert len(forms) >= 60
    bases = sorted({base for base, _ in forms})
    others = [(base, form) for base in bases for other, form in set(forms) if other != base]
    shares = {}
    for name, is_same in _methods(language).items():
        known = sum(is_same(base, form) for base, form in forms) / len(forms)
        taken = [one for one in others if is_same(*one)]
        shares[name] = known
        record_property(f"{language} {name}", f"{known:.1%} of {len(forms)} forms, {len(taken)} of {len(others)} wrong")
        print(f"{language} {name}: {known:.1%} of {len(forms)} forms known, {len(taken)} of {len(others)} others taken")
        if name == "chosen":
            # The adjective of a noun is taken for a form of it, as a term may be rendered by it.
            assert len(taken) <= 5, taken
    assert shares["chosen"] == max(shares.values()) == 1.0


# Any text


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300), st.sampled_from(["cs", "et", "zh-TW", "x-pseudo"]))
def test_no_text_breaks_a_check(source: str, target: str, language: str) -> None:
    for check in MINE:
        found(check, source, target, language, glossary=GLOSSARY)


@pytest.mark.parametrize(
    "piece", ["a", "á", "[", "](", "`", "the ", "?", "á?", "<a ", "{", "$", "a.", "a/", "kvantizace "]
)
def test_a_long_line_takes_time_in_proportion(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    with pace.at_most(20):
        for check in MINE:
            found(check, text, f"{text}.", "cs", glossary=GLOSSARY)
