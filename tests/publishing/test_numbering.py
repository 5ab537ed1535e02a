"""Numbering: SuperFences renders as it did, and says what it rendered."""

import re
from typing import Any

import markdown
import pytest
from pymdownx.superfences import fence_code_format, fence_div_format

from edgedocs.publishing.dom import code_blocks, parse
from edgedocs.publishing.memory import Memory
from edgedocs.publishing.numbering import numbered_fences

EXTENSIONS = ["admonition", "attr_list", "footnotes", "md_in_html", "pymdownx.highlight", "pymdownx.superfences"]
MERMAID = {"name": "mermaid", "class": "mermaid", "format": fence_code_format}
SIMPLE = {"name": "*", "class": "plain", "format": fence_div_format}
PAGE = """\
```python {#name .wide title="a < b" hl_lines="1 3-4" linenums="2" data-copy="x &amp;&#10;" data-edgedocs-kind="python"}
if a < b:

    print("&amp;")
    # <b>
```

- item

    ``` { .py }
    1
    ```

    ~~~ title="plain options" linenums="1"
    no language
    ~~~

> ```unknown-language
> quoted
> ```

!!! note

    ````markdown
    ```python
    inner
    ```
    ````

```mermaid
graph LR
```

text[^1]

[^1]: A note.

    ```json {.small}
    {}
    ```
"""
MARKS = re.compile(r' data-edgedocs-(?:block|language)="[^"]*"')


def render(text: str, fences: list[dict[str, Any]], **highlight: Any) -> str:
    options = {"pymdownx.superfences": {"custom_fences": fences}, "pymdownx.highlight": highlight}
    return str(markdown.markdown(text, extensions=EXTENSIONS, extension_configs=options))


LOOKS: list[dict[str, Any]] = [
    {},
    {"use_pygments": False},
    {"use_pygments": False, "code_attr_on_pre": True},
    {"linenums": True, "anchor_linenums": True, "line_spans": "__span"},
    {"linenums_style": "inline", "auto_title": True},
    {"linenums_style": "pymdownx-inline", "pygments_lang_class": True},
]


@pytest.mark.parametrize("fences", [[], [MERMAID], [SIMPLE], [MERMAID, SIMPLE]])
@pytest.mark.parametrize("highlight", LOOKS)
def test_all_but_the_marks_is_as_superfences_makes_it(fences: list[dict[str, Any]], highlight: dict[str, Any]) -> None:
    numbered = render(PAGE, numbered_fences(fences), **highlight)
    assert MARKS.search(numbered)
    assert MARKS.sub("", numbered) == render(PAGE, fences, **highlight)


def test_what_is_remembered_of_a_block_depends_on_all_that_it_looks_like() -> None:
    memory = Memory()
    for highlight in (*LOOKS, *LOOKS):
        for page in (PAGE, PAGE.replace("title=", "data-title="), PAGE.replace("1\n", "2\n")):
            assert render(page, numbered_fences([], memory), **highlight) == render(
                page, numbered_fences([]), **highlight
            )


def test_a_block_that_is_the_same_is_highlighted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    memory, fences = Memory(), "```python\nx = 1\n```\n"
    first = render(f"Text.\n\n{fences}", numbered_fences([], memory))
    monkeypatch.setattr("pymdownx.highlight.highlight", lambda *_: pytest.fail("highlighted again"))
    assert render(f"Tekst.\n\n{fences}", numbered_fences([], memory)) == first.replace("Text", "Tekst")


def test_blocks_are_numbered_in_the_order_of_the_text_and_know_their_language() -> None:
    blocks = code_blocks(parse(render(PAGE, numbered_fences([MERMAID]))))
    assert [(block.number, block.language, block.in_footnote) for block in blocks] == [
        (1, "python", False),
        (2, "py", False),
        (3, "", False),
        (4, "unknown-language", False),
        (5, "markdown", False),
        (6, "mermaid", False),
        (7, "json", True),
    ]
    first = blocks[0]
    assert (first.id, first.kind, first.copy) == ("name", "python", "x &\n")
    assert first.text == 'if a < b:\n\n    print("&amp;")\n    # <b>\n'


def test_each_page_begins_with_one() -> None:
    fences = numbered_fences([])
    for _ in range(2):
        assert [block.number for block in code_blocks(parse(render("```text\n1\n```\n", fences)))] == [1]


@pytest.mark.parametrize("style", ["table", "inline", "pymdownx-inline"])
def test_title_and_line_numbers_are_no_text(style: str) -> None:
    html = render('```python {title="t" linenums="7"}\na\nb\n```\n', numbered_fences([]), linenums_style=style)
    (block,) = code_blocks(parse(html))
    assert (block.number, block.text) == (1, "a\nb\n")


def test_what_superfences_did_not_render_has_no_number() -> None:
    html = render("    indented\n\n<pre>raw <b>HTML</b></pre>\n\n<!--\n```python\nno\n```\n-->\n", numbered_fences([]))
    assert [(block.number, block.text.strip()) for block in code_blocks(parse(html))] == [
        (None, "indented"),
        (None, "raw HTML"),
    ]


@pytest.mark.parametrize(
    ("html", "texts"),
    [
        ("<!-- <pre>no</pre> --><script>'<pre>no</pre>'</script><p title='<pre>no</pre>'>&lt;pre&gt;", []),
        ("<PRE>a</PRE><Listing>b</listing><xmp>c", ["a", "b", "c"]),
        ("<pre>a<p>b</pre>c</p>d", ["ab"]),
        ("<pre>a<img><br>b</span></pre>c", ["ab"]),
        ('<figure data-edgedocs-block="x">a<pre>b</pre>c</figure>', ["abc"]),
        ("<pre>x<code>a</code>y<code>b</code></pre>", ["ab"]),
        ("<code>inline</code>", []),
    ],
)
def test_blocks_of_any_html(html: str, texts: list[str]) -> None:
    assert [block.text for block in code_blocks(parse(html))] == texts


def test_formatter_of_a_custom_fence_that_gives_no_element_shows_no_block() -> None:
    fence = {"name": "*", "class": "", "format": lambda *arguments, **look: "text"}
    assert code_blocks(parse(render("```python\n1\n```\n", numbered_fences([fence])))) == []
