import pytest

from tests.translation.checks.kit import findings

SENTENCE = "Blocks of thirty-two weights share one scale, and so a file becomes much smaller."
TRANSLATED = "Bloky o dvaatřiceti vahách sdílejí jedno měřítko, a soubor se tím velmi zmenší."
SOURCE = "# A\n\n" + f"{SENTENCE}\n\n" * 10 + f"## B\n\n{SENTENCE} {SENTENCE} {SENTENCE}\n"
CLEAN = "# Á\n\n" + f"{TRANSLATED}\n\n" * 10 + f"## BÉ\n\n{TRANSLATED} {TRANSLATED} {TRANSLATED}\n"


@pytest.mark.parametrize(
    "target",
    [
        CLEAN[: CLEAN.index("a soubor") - 2] + "\n",
        CLEAN[: CLEAN.index("měřítko") + 3] + "\n",
        CLEAN[: CLEAN.index("## BÉ")],
        CLEAN + "\n---\n",
        CLEAN.rstrip() + "\n\n---\n\n",
        "",
        "\n",
        "# Á\n",
        CLEAN.replace(f"{TRANSLATED} {TRANSLATED} {TRANSLATED}", f"{TRANSLATED} {TRANSLATED}"),
        CLEAN.replace(TRANSLATED, "Bloky.", 1),
        CLEAN.replace(TRANSLATED, TRANSLATED[:-1], 1),
    ],
)
def test_damage(target: str) -> None:
    assert findings("truncation", SOURCE, target)


@pytest.mark.parametrize(
    ("source", "target", "language"),
    [
        (SOURCE, CLEAN, "cs"),
        (
            SOURCE,
            CLEAN.rstrip() + "\n\n---\n\n**Disclaimer**: see [it](https://github.com/Azure/co-op-translator).\n",
            "cs",
        ),
        (f"{SENTENCE}\n", "32个权重组成的块共用一个比例因子,因此文件会小得多。\n", "zh"),
        (f"{SENTENCE}\n", "बत्तीस भारों के खंड एक ही पैमाना साझा करते हैं, इसलिए फ़ाइल बहुत छोटी हो जाती है।\n", "hi"),
        (f"{SENTENCE}\n", "„Bloky o dvaatřiceti vahách sdílejí měřítko, a soubor se tím zmenší.“\n", "cs"),
        (f"{SENTENCE}[^1]\n", "Bloky o dvaatřiceti vahách sdílejí měřítko, a soubor se tím zmenší.[^1]\n", "cs"),
        (f"{SENTENCE}\n", "น้ำหนักสามสิบสองค่าในบล็อกใช้สเกลเดียวกัน ไฟล์จึงเล็กลงมาก\n", "th"),
    ],
)
def test_clean(source: str, target: str, language: str) -> None:
    assert findings("truncation", source, target, language) == []
