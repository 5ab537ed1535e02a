import pytest

from edgedocs.core.errors import BadInput
from edgedocs.examples.references import Literal, Reference, find_references, references_of
from edgedocs.pages import scan


def test_references_and_literals():
    text = "saves [[quantize.saving|.1%]] of [[04-gguf#q.size]], about\n[[!5 %]]"
    first, second, third = find_references(text)
    assert isinstance(first, Reference)
    assert (first.page, first.name, first.format, text[first.start : first.end]) == (
        *(None, "quantize.saving", ".1%"),
        "[[quantize.saving|.1%]]",
    )
    assert isinstance(second, Reference)
    assert (second.page, second.name, second.format) == ("04-gguf", "q.size", "")
    assert isinstance(third, Literal)
    assert (third.text, third.line) == ("5 %", 2)


def test_code_is_not_prose():
    text = (
        "`[[a.b]]` \\[[a.b]] [[link]](x.md)\n\n```text\n[[a.b]]\n```\n\n"
        "<!-- [[a.b]] -->\n\n    [[a.b]]\n\n| [[c.d]] |\n|---|\n"
    )
    (found,) = references_of(scan(text))
    assert text[found.start : found.end] == "[[c.d]]"
    assert found.line == 11


@pytest.mark.parametrize("text", ["[[Quantize]]", "[[a.b|c|d]]", "[[a b.c]]", "[[]]", "[[#a.b]]"])
def test_what_cannot_be_read_is_told(text):
    with pytest.raises(BadInput, match=r"docs/a\.md:7: cannot read .* as a reference to a fact"):
        list(find_references(f"one\ntwo {text}", "docs/a.md", 6))
