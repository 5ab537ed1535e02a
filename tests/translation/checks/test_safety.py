import pytest

from tests.translation.checks.kit import findings

SOURCE = "A block holds [32 weights](https://a.org/b).\n"
CLEAN = "Blok má [32 vah](https://a.org/b).\n"


@pytest.mark.parametrize(
    "added",
    [
        " <script>alert(1)</script>",
        ' <img src="x" onerror="alert(1)">',
        " [a](javascript:alert(1))",
        " [a](java&#115;cript:alert(1))",
        " [a](data:text/html;base64,PHNjcmlwdD4=)",
        ' <iframe src="https://a.org"></iframe>',
        " <font>x</font>",
        ' { onclick="alert(1)" }',
        " <https://evil.example>",
        " [a](//evil.example/x)",
        " \u202e",
        " \u2066",
        " a\u200bb",
        " a\u200db",
        " \x07",
        " \U000e0041",
        " a\u2060b",
    ],
)
def test_damage(added: str) -> None:
    found = findings("safety", SOURCE, CLEAN.replace(".\n", f".{added}\n"))
    assert found
    assert all(finding.severity == "error" for finding in found)


@pytest.mark.parametrize("block", ["<script>alert(1)</script>\n", "<div onclick='a()'>x</div>\n", "a\u202eb\n"])
def test_a_piece_of_its_own(block: str) -> None:
    assert findings("safety", SOURCE, f"{CLEAN}\n{block}")


@pytest.mark.parametrize(
    ("source", "target", "language"),
    [
        (SOURCE, CLEAN, "cs"),
        ("It goes.", "می\u200cرود.", "fa"),
        ("It goes.", "क\u094d\u200dष.", "hi"),
        ("It goes.", "ab \u200f(x).", "ar"),
        ("It goes 👨\u200d👩\u200d👧.", "Jde to 👨\u200d👩\u200d👧 👨\u200d👩\u200d👧.", "cs"),
        ("It goes.", "มัน\u200bไป", "th"),
        ("It goes.", "Geht ❤\ufe0f weiter\u00adgehen.", "de"),
        ('<b onclick="a()">x</b>', '<b onclick="a()">ž</b>', "cs"),
        ("See <https://a.org>.", "Viz <https://a.org>.", "cs"),
        ("Use `<b>` now.", "Teď `<b>` a `<i>`.", "cs"),
        ("Is it on = off?", "Je to on = off?", "cs"),
    ],
)
def test_what_is_no_danger(source: str, target: str, language: str) -> None:
    assert findings("safety", source, target, language) == []
