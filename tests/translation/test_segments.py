import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedocs.core.errors import BadInput
from edgedocs.translation.front_matter import entries
from edgedocs.translation.records import LARGEST_COUNT
from edgedocs.translation.segments import Segment, split
from tests.translation.trees import CZECH, SEGMENTS, SOURCE


def test_kinds_and_lines_of_segments() -> None:
    outline = split(SOURCE, "page.md")
    assert [(segment.kind, segment.line) for segment in outline.segments] == [
        ("front-matter", 2),
        ("heading", 6),
        ("paragraph", 8),
        ("list-item", 10),
        ("list-item", 11),
        ("admonition", 17),
        ("paragraph", 19),
        ("table", 21),
        ("paragraph", 25),
    ]
    assert len(outline.segments) == SEGMENTS


def test_fixed_pieces() -> None:
    outline = split(SOURCE, "page.md")
    assert [(fixed.kind, fixed.line) for fixed in outline.fixed] == [("front-matter", 3), ("fence", 13)]
    assert outline.fixed[1].text.startswith("```python {#sizes")


def test_source_and_translation_have_the_same_signatures() -> None:
    source, czech = split(SOURCE, "page.md"), split(CZECH, "page.md")
    assert [item.signature for item in source.items] == [item.signature for item in czech.items]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ('=== "Tab"\n\n    Text.\n', ["tab", "paragraph"]),
        ("Term\n:   Definition.\n", ["paragraph", "definition"]),
        ("<div>\nText\n</div>\n", ["html"]),
        ("> Quoted.\n", ["quote"]),
        ("Text.[^1]\n\n[^1]: Note.\n", ["paragraph", "footnote"]),
        ("<!-- not shown -->\n", []),
        ('--8<-- "file.md"\n', []),
        ("$$\nx\n$$\n", []),
        ("    code\n", []),
        ("---\n", []),
        ("", []),
    ],
)
def test_kinds(text: str, kinds: list[str]) -> None:
    assert [segment.kind for segment in split(text, "page.md").segments] == kinds


@pytest.mark.parametrize(
    ("text", "level", "identifier"),
    [
        ("# One { #one }\n", "1", "one"),
        ("### Three {#three .wide}\n", "3", "three"),
        ("## Two ## \n", "2", None),
        ("Two {: #two }\n---\n", "2", "two"),
        ("One\n===\n", "1", None),
        ("# Not { # an id }\n", "1", None),
    ],
)
def test_headings(text: str, level: str, identifier: str | None) -> None:
    (segment,) = split(text, "page.md").segments
    assert segment.place == (level,)
    assert segment.identifier == identifier


def test_facts_are_counted_outside_code() -> None:
    text = "[[a.b|.1%]] and [[a.b|.1%]], [[04-gguf#c.d]], not `[[e.f]]`, not [[!5 %]], not \\[[g.h]], not [[i]](j)"
    assert Segment("paragraph", text, 1).facts == {"[[a.b|.1%]]": 2, "[[04-gguf#c.d]]": 1}


def test_first_words_are_short() -> None:
    segment = Segment("paragraph", "word \n" * 1000, 1)
    assert segment.words.startswith("word word")
    assert len(segment.words) <= 60


def test_front_matter_entries() -> None:
    text = "---\n# note\ntitle: A\ndescription: >\n  two\n  lines\n\nhide:\n  - toc\n---\n"
    found = [(entry.key, entry.offset, entry.translated) for entry in entries(text)]
    assert found == [("title", 2, True), ("description", 3, True), ("hide", 7, False)]
    assert entries(text)[1].value == ">\n  two\n  lines"


def test_code_inside_a_list_is_compared_without_its_indentation() -> None:
    wide = split("1. Item\n\n    ```text\n    a\n      b\n    ```\n", "page.md")
    narrow = split("1. Item\n\n   ```text\n   a\n     b\n   ```\n", "page.md")
    assert wide.fixed[0].text == "```text\na\n  b\n```"
    assert wide.fixed[0].signature == narrow.fixed[0].signature


@given(st.text("ab #-=`>|:!\"[]{}<>\\ \t\n\r$.1*_'\u00e9e\u0301"))
def test_any_text_splits_into_pieces_that_stand_at_their_lines(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    previous = 0
    for item in split(text, "page.md").items:
        assert previous < item.line <= len(lines)
        assert item.text.split("\n")[0].strip() in lines[item.line - 1]
        previous = item.line


@given(st.text("ab #-=`>|:![]{}<>\n"))
def test_line_ends_and_first_line_change_nothing_else(text: str) -> None:
    unix, windows = split(text, "page.md"), split(text.replace("\n", "\r\n"), "page.md", first_line=10)
    assert [item.signature for item in unix.items] == [item.signature for item in windows.items]
    assert [segment.digest for segment in unix.segments] == [segment.digest for segment in windows.segments]
    assert [item.line + 9 for item in unix.items] == [item.line for item in windows.items]


def test_too_many_segments() -> None:
    with pytest.raises(BadInput, match="20001 segments") as caught:
        split("- a\n" * (LARGEST_COUNT + 1), "page.md")
    assert caught.value.where == "page.md"
