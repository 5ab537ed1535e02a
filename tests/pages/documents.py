"""Documents for property tests: made of pieces that mean something to a Markdown parser, in any order."""

from hypothesis import strategies as st

PIECES = (
    *(
        "```",
        "~~~",
        "````",
        "> ",
        "    ",
        "\t",
        " ",
        "- ",
        "1. ",
        "# ",
        "---",
        "===",
        '=== "Tab"',
        '!!! note "T"',
        "??? a",
    ),
    *("<!--", "-->", "<div>", "<pre>", "</pre>", "|", "|---|", "$$", "\\[", "--8<--", '--8<-- "a.py:b"', '{#a b="c"}'),
    *("{", "}", "text", "é", "\u2028", "\x0b", "\x00", "\ufeff", "[^1]:", ": x", "*[A]:", "[a]:", "`", "python"),
    *("\n", "\n", "\n", "\n", "\r\n", "\r", "\n\n"),
)
MARKDOWN = (
    *(
        "text",
        "# H",
        "- item",
        "1. item",
        "!!! note",
        '??? tip "T"',
        '=== "A"',
        "> quote",
        "Term",
        ":   meaning",
        "---",
    ),
    *("<!-- c -->", "<!--", "-->", "<b>x</b>", "$$", "\\[", "\\]", "$$x$$ text"),
    *("[^1]: note", "text[^1]", "[a]: http://b.c", "*[A]: b", "{ .wide }", "| a | b |", "|---|---|"),
    *("```python {#a}", "```", "~~~", "````", "````markdown", "> ```"),
)
"""Lines that Material users write, without HTML elements, which may stay open: what follows is then a guess."""

documents = st.one_of(st.lists(st.sampled_from(PIECES), max_size=60).map("".join), st.text())
