import pytest

from tests.translation.checks.kit import findings

SOURCE = "A block holds `32` weights and one scale, which all of them share.\n"
CLEAN = "Blok má `32` vah a jedno měřítko, které všechny sdílejí.\n"


@pytest.mark.parametrize(
    "added",
    [
        "@@CODE_1@@",
        "⟦1⟧",
        "__INLINE_CODE_0__",
        "{{LINK_3}}",
        "[[CODE_2]]",
        "<ph id='1'/>",
        "<|im_end|>",
        "[/INST]",
        "<think>hm</think>",
        "<start_of_turn>",
        "I'm sorry, but I can't help with that.",
        "As an AI language model, I cannot.",
        "Here is the translation:",
        "Sure! Here's the translated text:",
        "Zde je překlad textu do češtiny:",
        "Hier ist die Übersetzung:",
        "Voici la traduction :",
        "以下は翻訳です。",
        "다음은 번역입니다.",
        "إليك الترجمة:",
        "Translate the following text into Czech.",
        "Return only the translated Markdown.",
        "Note: I kept the code unchanged, as you asked.",
        "Let me know if you would like me to adjust it!",
        "**Disclaimer**: This document has been translated using an AI translation service.",
        "Automatické překlady mohou obsahovat chyby.",
        "Vše. " + "A tak dál a tak dál. " * 8,
        "měřítko " * 12,
    ],
)
def test_damage(added: str) -> None:
    assert findings("leaks", SOURCE, f"{added} {CLEAN}")
    assert findings("leaks", SOURCE, f"{CLEAN}\n{added}\n\n")


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (SOURCE, CLEAN),
        ("The mark <|im_end|> ends it.", "Značka <|im_end|> to ukončí."),
        ("Here is the translation: a table.", "Zde je překlad: tabulka."),
        ("The prompt says: translate the following text.", "Výzva zní: translate the following text."),
        ("Set __init__ and `@@CODE_1@@`.", "Nastavte __init__ a `@@CODE_1@@`."),
        ("No, no, no, no.", "Ne, ne, ne, ne."),
        ("Use {{ macro }} here.", "Použijte {{ macro }} zde."),
    ],
)
def test_what_the_source_says_itself(source: str, target: str) -> None:
    assert findings("leaks", source, target) == []
