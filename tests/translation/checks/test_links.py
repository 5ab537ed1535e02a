import pytest

from tests.translation.checks.kit import findings

SOURCE = "See [llama.cpp](https://a.org/llama), [the guide](../guide.md#use) and ![a plan](img/plan.svg).\n"
TARGET = "Viz [llama.cpp](https://a.org/llama), [příručku](../guide.md#use) a ![plán](img/plan.svg).\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a.org/llama", "a.org/lama"),
        ("https:", "http:"),
        ("../guide.md", "guide.md"),
        ("#use", "#pouziti"),
        ("plan.svg", "plan.cs.svg"),
        ("[příručku](../guide.md#use)", "příručku"),
        ("[příručku](../guide.md#use)", "[příručku] (../guide.md#use)"),
        ("![plán](img/plan.svg)", "plán"),
        ("a ![", "[nový](https://a.org/new) a !["),
    ],
)
def test_damage(old: str, new: str) -> None:
    assert TARGET.count(old) == 1
    assert len(findings("links", SOURCE, TARGET.replace(old, new))) == 1


def test_exchanged_addresses() -> None:
    exchanged = TARGET.replace("https://a.org/llama", "X").replace("../guide.md#use", "https://a.org/llama")
    assert len(findings("links", SOURCE, exchanged.replace("(X)", "(../guide.md#use)"))) == 1


def test_another_order_is_fine() -> None:
    target = "Viz ![plán](img/plan.svg), [příručku](../guide.md#use) a [llama.cpp](https://a.org/llama).\n"
    assert findings("links", SOURCE, target) == []
    assert findings("links", SOURCE, TARGET) == []


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("![a](../images/a.png)", "![á](../../../docs/images/a.png)"),
        ("![a](../images/a.png)", "![á](../../../translated_images/a.0ff1ce.cs.png)"),
        ("[a](b.md)", "[á](./b.md)"),
        ("[a](b.md)", "[á](../folder/b.md)"),
        ("[a](b%20c.md)", "[á](b c.md)".replace("b c", "b%20c")),
        ("[a](https://m.com/en-us/b)", "[á](https://m.com/cs-cz/b)"),
        ('<img src="a.png" alt="x">', '<img src="a.png" alt="ž">'),
        ("[a][one]\n\n[one]: b.md", "[á][one]\n\n[one]: ../folder/b.md"),
    ],
)
def test_addresses_of_the_folder_of_the_translation(source: str, target: str) -> None:
    assert findings("links", source, target, page="folder/page.md") == []


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("![a](../images/a.png)", "![á](../../../../images/a.png)"),
        ("![a](../images/a.png)", "![á](../../../translated_images/b.0ff1ce.cs.png)"),
        ("[a](b.md)", "[á](../other/b.md)"),
        ("[a][one]\n\n[one]: b.md", "[á][jeden]\n\n[one]: b.md"),
        ("[a][one]\n\n[one]: b.md", "[á][one]\n\n[one]: c.md"),
    ],
)
def test_addresses_that_lead_elsewhere(source: str, target: str) -> None:
    assert len(findings("links", source, target, page="folder/page.md")) == 1
