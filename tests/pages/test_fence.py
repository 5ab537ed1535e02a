import pytest

from edgedocs.pages import read_fence, scan


def fences(text):
    return [read_fence(block) for block in scan(text) if block.kind == "fence"]


def only(text):
    (fence,) = fences(text)
    return fence


def test_language_id_and_attributes():
    fence = only("```python {#quantize .wide facts=\"saving bits\" rtol='1e-3' linenums=1}\nprint()\n```\n")
    assert (fence.language, fence.id, fence.classes) == ("python", "quantize", ("wide",))
    assert fence.attributes == {"facts": "saving bits", "rtol": "1e-3", "linenums": "1"}
    assert (fence.body, fence.line, fence.body_line, fence.problem) == ("print()\n", 1, 2, None)


@pytest.mark.parametrize(
    ("opening", "language", "identifier", "attributes"),
    [
        ("```", "", None, {}),
        ("``` python", "python", None, {}),
        ('```{ .python #a title="x" }', "python", "a", {"title": "x"}),
        ('```python title="a b" hl_lines="1"', "python", None, {"title": "a b", "hl_lines": "1"}),
        ('```text {output-of="a"}', "text", None, {"output-of": "a"}),
        ("```c++", "c++", None, {}),
        ("~~~ pycon {#a}", "pycon", "a", {}),
    ],
)
def test_openings(opening, language, identifier, attributes):
    fence = only(f"{opening}\nx\n{opening[:3]}\n")
    assert (fence.language, fence.id, fence.attributes) == (language, identifier, attributes)
    assert fence.problem is None


@pytest.mark.parametrize("prefix", ["", "    ", "\t", "  ", "> ", "> > ", "> - "])
def test_a_body_loses_the_indentation_of_its_fence(prefix):
    holder = "- item\n\n" if prefix.strip() == "" and prefix else ""
    if prefix == "> - ":
        text = "> - item\n>\n>     ```python\n>     if x:\n>         y\n>     ```\n"
    else:
        text = holder + "".join(f"{prefix}{line}\n" for line in ("```python", "if x:", "    y", "```"))
    assert only(text).body == "if x:\n    y\n"


def test_a_longer_fence_holds_shorter_ones():
    fence = only("````markdown\n```python\n1\n```\n````\n")
    assert (fence.language, fence.body) == ("markdown", "```python\n1\n```\n")


def test_the_other_mark_does_not_close():
    assert only("```\n~~~\n```\n").body == "~~~\n"


def test_crlf_bodies_have_lf():
    assert only("```python\r\na\r\n\r\nb\r\n```\r\n").body == "a\n\nb\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("```python {#a}\n1\n", "never closed"),
        ("```python {#a}\n1\n````\n", "closed by a fence of another"),
        ("- a\n\n    ```python {#a}\n    1\n  ```\n", "closed by a fence of another"),
        ("- a\n\n    ```python {#a}\n 1\n    ```\n", "indented less"),
        ("> ```python\n> 1\ntext\n", "never closed"),
        ("```python {#a facts=}\n1\n```\n", "cannot read"),
        ('```python {#a facts="x}\n1\n```\n', "cannot read"),
        ("```python {#a #b}\n1\n```\n", "repeats"),
        ('```python {#a facts="x" facts="y"}\n1\n```\n', "repeats"),
        ("```python one two!\n1\n```\n", "cannot read"),
        ("~~~ a`b\n1\n~~~\n", "cannot read"),
    ],
)
def test_problems_are_told(text, problem):
    assert problem in only(text).problem


def test_includes_are_found_with_their_lines():
    fence = only('text\n\n```python {#a}\n--8<-- "04/a.py"\n--8<-- "04/a.py:plot"\n;--8<-- "no.py"\n```\n'[6:])
    assert [(include.path, include.section, include.line) for include in fence.includes] == [
        ("04/a.py", None, 2),
        ("04/a.py", "plot", 3),
    ]
