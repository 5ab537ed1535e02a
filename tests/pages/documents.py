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
documents = st.one_of(st.lists(st.sampled_from(PIECES), max_size=60).map("".join), st.text())
