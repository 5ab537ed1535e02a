import random

import pytest
from hypothesis import given

from edgedocs.pages import read_fence, scan
from tests import pace
from tests.pages.documents import PIECES, documents


def kinds(text):
    return [block.kind for block in scan(text) if block.kind != "blank"]


@given(documents)
def test_joining_what_was_scanned_gives_the_text(text):
    assert "".join(block.text for block in scan(text)) == text


@given(documents)
def test_blocks_know_their_lines(text):
    line = 1
    for block in scan(text):
        assert block.line == line
        assert block.text
        line = block.end


def test_what_a_caller_does_to_its_blocks_is_its_own():
    scan("# A\n\ntext\n").clear()
    assert [block.kind for block in scan("# A\n\ntext\n")] == ["heading", "blank", "paragraph"]


def test_many_texts_made_of_markdown_pieces_survive():
    source = random.Random(20261121)
    for _ in range(3000):
        text = "".join(source.choice(PIECES) for _ in range(source.randrange(60)))
        blocks = scan(text)
        assert "".join(block.text for block in blocks) == text, text
        for block in blocks:
            if block.kind == "fence":
                read_fence(block)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_do_not_change_what_is_found(end):
    text = "# A { #a }\n\nOne\ntwo\n\n```python {#x}\n1\n```\n\n| a |\n|---|\n| 1 |\n"
    blocks = scan(text.replace("\n", end))
    assert [(block.kind, block.line) for block in blocks] == [(block.kind, block.line) for block in scan(text)]
    assert kinds(text) == ["heading", "paragraph", "fence", "table"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\ntitle: a\n---\ntext", ["front-matter", "paragraph"]),
        ("---\nnot closed\n", ["rule", "paragraph"]),
        ("text\n\n---\n\ntext", ["paragraph", "rule", "paragraph"]),
        ("Title\n=====\n\ntext\n", ["heading", "paragraph"]),
        ("text\n# Heading\ntext\n", ["paragraph", "heading", "paragraph"]),
        ("#######\n", ["paragraph"]),
        ("- a\n- b\n  more\n    - c\n1. d\n", ["list-item"] * 4),
        ("in the year\n2021. it was\n", ["paragraph"]),
        ("Term\n:   meaning\n\n    more\n", ["paragraph", "definition", "paragraph"]),
        ("[^1]: a note\n    goes on\n\n    more\n", ["footnote", "paragraph"]),
        ("*[HTML]: Hyper Text\n[a]: https://example.org\n", ["abbreviation", "reference"]),
        ("> quoted\n> text\nlazy\n\ntext", ["quote", "paragraph"]),
        ('!!! note "Title"\n    text\n\n    - item\n', ["admonition", "paragraph", "list-item"]),
        ('???+ tip\n    text\n=== "A"\n    text\n', ["admonition", "paragraph", "tab", "paragraph"]),
        ("text\n\n    code\n\n    more\n\ntext", ["paragraph", "code", "paragraph"]),
        ("text\n    goes on\n", ["paragraph"]),
        ("$$\na + b\n$$\n", ["math"]),
        ("\\[\na + b\n\\]\n", ["math"]),
        ("\\[ a + b \\]\n", ["math"]),
        ("$$ a $$\n\ntext $$ b $$ text\n", ["math", "paragraph"]),
        ("\\begin{align}\na &= b\n\\end{align}\n", ["math"]),
        ("- item\n\n    $$\n    a\n    $$\n", ["list-item", "math"]),
        ("$$ a $$ begins a sentence\n", ["paragraph"]),
        ("$$\na\n\n$$\n", ["paragraph", "paragraph"]),
        ("$$\n```text\n1\n```\n$$\n", ["paragraph", "fence", "paragraph"]),
        (
            "[a]: https://example.org\n!!! note\n\n[b]: x\n\n    text\n",
            ["reference", "admonition", "reference", "paragraph"],
        ),
        ("<div markdown>\n\ntext\n\n</div>\n", ["html", "paragraph", "html"]),
        ('<div\n  class="grid"\n  markdown="1">\n\n- item\n\n</div>\n', ["html", "list-item", "html"]),
        ("<div>\n\n    <div>\n\n# raw\n    </div>\n\n</div> text\ntext\n", ["html", "paragraph"]),
        ("<table>\n\n```text\n1\n```\n\n# raw\n\n</table>\n", ["html", "fence", "html"]),
        ("<details>\n<summary>never closed</summary>\n\ntext\n\n# text\n", ["html"]),
        ("<details markdown>\n<summary>s</summary>\n\n- item\n", ["html", "list-item"]),
        ("!!! note\n\n    <div>\n\n    text\n", ["admonition", "html", "paragraph"]),
        ("<pre>\n\na\n</pre>\ntext\n", ["html", "paragraph"]),
        ("<b>bold</b> text\n", ["paragraph"]),
        ("<https://example.org>\n", ["paragraph"]),
        ('--8<-- "a.md"\n', ["include"]),
        ("--8<--\na.md\nb.md\n--8<--\ntext\n", ["include", "paragraph"]),
        ("<!-- a\n\nb -->\ntext\n", ["comment", "paragraph"]),
        ("<!-- never closed\n\ntext\n", ["paragraph", "paragraph"]),
        ("text <!-- a\nb --> text\n", ["paragraph"]),
        ("text <!-- a\n```python\n1\n```\n--> text\n", ["paragraph", "fence", "paragraph"]),
        ("text <!-- a\n\n```python\n1\n```\n--> text\n", ["paragraph", "fence", "paragraph"]),
        (
            "- a\n\n    <!-- b\n\n    ```python\n    1\n    ```\n\n    -->\n",
            ["list-item", "paragraph", "fence", "paragraph"],
        ),
        ("- a\n\n    <!-- b\n    c -->\n", ["list-item", "comment"]),
        ("the marker `<!--`\n\n```python\n1\n```\n-->\n", ["paragraph", "fence", "paragraph"]),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n\ntext | text\n", ["table", "paragraph"]),
    ],
)
def test_kinds(text, expected):
    assert kinds(text) == expected


MATERIAL = """\
---
title: Everything
---
# Title { #title .wide }

Text with `code`, [a link](b.md){ .md-button } and a note[^1].
{ .lead }

!!! note inline end "Admonition"

    ??? tip "Collapsible"

        === "Tab"

            === "Inner tab"

                ````markdown {shown="an example"}
                ```python
                ```
                ````

                1. item

                    Term
                    :   meaning

                        $$
                        a
                        $$

            --8<-- "part.md"

[^1]: A note

    with `code`.

<div class="grid cards" markdown>

-   :material-clock: __Fast__

    ---

    Text

</div>

<!-- hidden

```python
```
-->

*[HTML]: Hyper Text
"""


def test_a_page_of_everything_that_material_has():
    blocks = [block for block in scan(MATERIAL) if block.kind != "blank"]
    assert "".join(block.text for block in scan(MATERIAL)) == MATERIAL
    tabs = ("admonition", "admonition", "tab", "tab")
    assert [(block.kind, block.inside) for block in blocks] == [
        ("front-matter", ()),
        ("heading", ()),
        ("paragraph", ()),
        ("admonition", ()),
        ("admonition", tabs[:1]),
        ("tab", tabs[:2]),
        ("tab", tabs[:3]),
        ("fence", tabs),
        ("list-item", tabs),
        ("paragraph", (*tabs, "list-item")),
        ("definition", (*tabs, "list-item")),
        ("math", (*tabs, "list-item", "definition")),
        ("include", tabs[:3]),
        ("footnote", ()),
        ("paragraph", ("footnote",)),
        ("html", ()),
        ("list-item", ()),
        ("rule", ("list-item",)),
        ("paragraph", ("list-item",)),
        ("html", ()),
        ("comment", ()),
        ("abbreviation", ()),
    ]


def test_blocks_know_what_holds_them():
    blocks = scan("!!! note\n\n    - item\n\n        ```python\n        1\n        ```\n\ntext\n")
    fence = next(block for block in blocks if block.kind == "fence")
    assert fence.inside == ("admonition", "list-item")
    assert fence.indent == 8
    assert blocks[-1].inside == ()


@pytest.mark.parametrize(
    "text",
    [
        "<!--\n```python\n1\n```\n-->\n",
        "text\n\n    ```python\n    1\n    ```\n",
        "`` ```python ``\n",
        "---\na: |\n  ```python\n---\n",
    ],
)
def test_what_is_no_code_block_to_readers_is_none_here(text):
    assert "fence" not in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "```\n~~~\n" * 5000,
        "a <!--\n" * 5000 + "-->",
        "--><!--\n" * 5000,
        "\\[\n# a\n" * 2000,
        "<!--" + "`" * 10000 + " " + "` `` " * 10000,
        "> ```\nx\n" * 5000,
        "!!! " + "a " * 20000 + '"',
        "|-|-" * 10000 + "!",
        "```py {" + "a=b " * 10000 + "}\n```\n",
        "".join(" " * depth + "- a\n" for depth in range(1000)),
        "<div>\n" * 5000,
        "<div>\n</div>\n" * 5000,
        "<div\n" * 5000,
        "<div " + "a " * 20000,
        "$$\na\n" * 5000,
        "<p>\n```\n```\n" * 5000,
    ],
)
def test_no_text_takes_long(text):
    with pace.at_most(5):
        for block in scan(text):
            if block.kind == "fence":
                read_fence(block)
