"""The oracle: what pymdownx.superfences, with which the site is built, hands to its formatter."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedocs.pages import read_fence, scan
from tests.pages.documents import MARKDOWN
from tests.requirements import require

EXTENSIONS = [
    *("attr_list", "admonition", "def_list", "footnotes", "md_in_html", "tables"),
    *("pymdownx.details", "pymdownx.superfences", "pymdownx.tabbed"),
]


def rendered(text):
    """Language, id and body of each code block in the HTML, in order."""
    require("pymdownx")
    import re
    from html import unescape

    import markdown

    def validate(language, inputs, options, attributes, md):
        return True

    def show(source, language, class_name, options, md, **more):
        from html import escape

        return f'<x-code data="{escape(repr((language, more["id_value"] or None, source)))}"></x-code>'

    fence = {"name": "*", "class": "", "format": show, "validator": validate}
    html = markdown.markdown(
        text,
        extensions=EXTENSIONS,
        extension_configs={"pymdownx.superfences": {"custom_fences": [fence]}},
    )
    visible = re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)
    return [eval(unescape(data)) for data in re.findall(r'<x-code data="(.*?)"></x-code>', visible)]


def scanned(text):
    fences = [read_fence(block) for block in scan(text) if block.kind == "fence"]
    assert not [fence.problem for fence in fences if fence.problem]
    return [(fence.language or None, fence.id, fence.body.removesuffix("\n")) for fence in fences]


def agree(text):
    expected = [(language or None, identifier, source.rstrip("\n")) for language, identifier, source in rendered(text)]
    assert [(language, identifier, body.rstrip("\n")) for language, identifier, body in scanned(text)] == expected
    return expected


def test_a_page_of_everything():
    text = """\
# Title { #title }

```python {#one facts="a"}
x = 1

y = 2
```

- item

    ```py {#two}
    if x:
        y
    ```

    1. inner

        ~~~text {output-of="two"}
        3
        ~~~

!!! note "N"

    === "Tab"

        ```console {#three}
        $ run
        ```

    text

??? info

    ```json {shown="x"}
    {}
    ```

> quoted
>
> ```python {#four}
> 4
> ```

Term
:   meaning

    ```python {#five}
    5
    ```

<!--
```python {#no}
0
```
-->

text

    ```python
    indented code, not a fence
    ```

````markdown {shown="an example of Markdown"}
```python {#inner}
0
```
````

<div markdown>

```python {#six}
6
```

</div>
"""
    names = [identifier for _, identifier, _ in agree(text)]
    assert names == ["one", "two", None, "three", None, "four", "five", None, "six"]


LINES = st.sampled_from(
    ["text", "x = 1", "", "    y", "# no heading", "- no item", "~~~", "<!-- no comment", "| no | table |"]
)
HOLDERS = st.sampled_from(["", "- item\n\n", "!!! note\n\n", '=== "Tab"\n\n', "1. item\n\n", "Term\n:   meaning\n\n"])


@st.composite
def pieces(draw):
    holder = draw(HOLDERS)
    marks = draw(st.sampled_from(["```", "````", "`````"]))
    language = draw(st.sampled_from(["", "python", "text", "c++"]))
    attributes = draw(st.sampled_from(["", " {#name}", ' {#a .b k="v w"}'])) if language else ""
    body = draw(st.lists(LINES, min_size=1, max_size=5).filter(lambda lines: lines[0] and lines[-1]))
    lines = [f"{marks}{language}{attributes}", *body, marks]
    indent = "    " if holder else ""
    return f"para\n\n{holder}" + "".join(f"{indent}{line}\n" if line else "\n" for line in lines) + "\n"


@given(st.lists(pieces(), max_size=4))
def test_any_well_formed_page(parts):
    agree("".join(parts))


@pytest.mark.parametrize("text", ["```python\n1\n", "``` a b !\n1\n```\n"])
def test_what_is_not_rendered_as_code_is_a_problem_here(text):
    assert rendered(text) == []
    assert [
        fence.problem for fence in [read_fence(block) for block in scan(text) if block.kind == "fence"] if fence.problem
    ]


def random_page(source):
    lines = ["text", ""]  # what begins with a rule is front matter
    for _ in range(source.randrange(2, 12)):
        indent = source.choice(("", "", "", "    ", "    ", "        ", "  "))
        kind = source.choice(("blank", "line", "line", "fence"))
        if kind == "fence":
            marks = source.choice(("```", "~~~~", "`````"))
            inner = [f"{indent}{source.choice(MARKDOWN)}" for _ in range(source.randrange(3))]
            lines += [f"{indent}{marks}", *inner, f"{indent}{marks}"]
        else:
            lines.append("" if kind == "blank" else indent + source.choice(MARKDOWN))
    return "\n".join(lines) + "\n"


def test_what_readers_see_is_what_is_found_on_pages_of_any_lines():
    """Where nothing is reported, no fence is overlooked; few are found that readers see as text."""
    source = random.Random(20261121)
    compared = fences = too_many = 0
    for _ in range(4000):
        text = random_page(source)
        blocks = scan(text)
        found = [read_fence(block) for block in blocks if block.kind == "fence"]
        if any(fence.problem for fence in found) or any(block.kind == "code" for block in blocks):
            continue  # such a page is refused
        shown = sorted(body.rstrip("\n") for _, _, body in rendered(text))
        mine = sorted(fence.body.rstrip("\n") for fence in found)
        assert not Counter(shown) - Counter(mine), text
        compared += 1
        fences += len(shown)
        too_many += len(mine) - len(shown)
    assert compared > 800
    assert fences > 1000
    assert too_many < fences / 20
