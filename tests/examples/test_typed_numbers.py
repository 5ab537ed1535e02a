"""Numbers typed by hand: which look measured, and where they are."""

from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from edgedocs.examples.project import Project
from edgedocs.examples.typed_numbers import find_measured, typed_numbers
from edgedocs.pages import Page
from tests import pace

MEASURED = {
    "saves 71.9 % of it": ["71.9 %"],
    "saves 71,9\u202f%, at least": ["71,9\u202f%"],
    "±5% or (7 %).": ["5%", "7 %"],
    "5 to 10 percent": ["10 percent"],
    "3–5 % less": ["5 %"],
    "3× faster, 3x faster, 3 × faster": ["3×", "3x", "3 ×"],
    "2× the size": ["2×"],
    "It is 4x.": ["4x"],
    "1.5 times smaller": ["1.5 times"],
    "10 times the memory": ["10 times"],
    "a 3-fold gain": ["3-fold"],
    "12 MB, 12MB, 1,024 KiB, 3 gigabytes": ["12 MB", "12MB", "1,024 KiB", "3 gigabytes"],
    "a 50-ms delay": ["50-ms"],
    "in 30 s, 30s, 1e-3 s or 5 seconds": ["30 s", "30s", "1e-3 s", "5 seconds"],
    "20 tok/s, 20 tokens/s, 20 tokens per second": ["20 tok/s", "20 tokens/s", "20 tokens per second"],
    "50 ms/token at 10 GB/s": ["50 ms/token", "10 GB/s"],
    "4.5 bpw, 4.5 bits per weight": ["4.5 bpw", "4.5 bits per weight"],
    "0.5 W, 60 °C, 3.2 GHz, 8 TFLOPS": ["0.5 W", "60 °C", "3.2 GHz", "8 TFLOPS"],
    "2 × 3 MB": ["3 MB"],
    "takes 5\nMB in all": ["5\nMB"],
    "[5 MB](x.md) ![6 MB](y.svg)": ["5 MB", "6 MB"],
    '<img width="50%"> 6 %': ["6 %"],
    "| 5 ms | 6 |": ["5 ms"],
    "costs $5 MB and 6 MB": ["5 MB", "6 MB"],
    "1. 5 % of it": ["5 %"],
    "**5** %, **6 %**": ["6 %"],
}
NOT_MEASURED = [
    "4-bit and 16-bit, Q4_0, Q6_K, F16, INT8, x86-64, H100, GPT-4's, UTF-8",
    "version 3.11, v1.5, 1.2.3, Python 3.13, pymdownx 13, edgedocs==0.1.0",
    "2026, 2026-11-21, 21 November 2026, since 2019",
    "the 1990s, the 30s, the early 80s, mid-90s",
    "1. first\n2) second\n10. tenth",
    "7B, 7 B, 24 bytes, 32 weights, 4 bits, chapter 4, lines 3 and 5, step 2 of 3",
    "640×480, 3x3, 4 × 8, 32 × 18 bytes, 2 × q, 3 × `d`, d × (q − 8), 2 × (a + b)",
    "run it 3 times, 2 times a day, 100 tokens, 5 examples",
    "`5 %`, ``6 MB`` and `a 7 %`",
    "[[!5 %]] and [[quality.ratio|.1%]] faster, [[04-gguf#quality.f16|.2f]] MB",
    "[a](http://a.example/5%20MB) <https://a.example/5%> https://a.example/5ms",
    '![a](b.svg){ width=50% } <div style="width: 50%">',
    "## 5 ways { #id-5 }",
    "$5\\,\\%$ and \\(x = 5 %\\)",
    "<!-- 5 % --> <code>6 %</code> <kbd>7 %</kbd>",
    "<style>\na { width: 50% }\n</style>",
    "0x5s, 5 %s, 50 %ile, %5, #5 s",
    "section 4 stands, 5 may, 3 months, 6 models, 3 Wheels, 2 Years, 4 gigantic",
]


@pytest.mark.parametrize(("text", "found"), MEASURED.items())
def test_what_looks_measured(text, found):
    assert [match[0] for match in find_measured(text)] == found


@pytest.mark.parametrize("text", NOT_MEASURED)
def test_what_does_not(text):
    assert [match[0] for match in find_measured(text)] == []


def page(text):
    return Page(None, "a", "docs/a.md", text)


def test_only_prose_counts_and_lines_are_those_of_the_page():
    text = (
        "---\ndescription: 1 MB\n---\n# 2 MB { #a }\n\n```text\n3 MB\n```\n\n    4 MB\n\n- 5 MB\n\n"
        "!!! note \"6 MB\"\n\n    one\n    7 MB\n\n| 8 MB |\n|---|\n| 9 MB |\n\n[10]: http://a.example '10 MB'\n\n"
        "$$\n11 MB\n$$\n\n[^1]: 12 MB\n\n> 13\n> MB and 14 MB\n"
    )
    found = [(each.line, each.text) for each in typed_numbers(page(text))]
    assert found == [
        (4, "2 MB"),
        (12, "5 MB"),
        (14, "6 MB"),
        (17, "7 MB"),
        (19, "8 MB"),
        (21, "9 MB"),
        (29, "12 MB"),
        (32, "14 MB"),
    ]
    crlf = [(each.line, each.text) for each in typed_numbers(page(text.replace("\n", "\r\n")))]
    assert crlf == found


def test_a_finding_says_what_to_do():
    (found,) = typed_numbers(page("It takes 5\nMB.\n"))
    assert found.text == "5 MB"
    assert found.message.startswith("'5 MB' looks measured and was typed by hand")
    assert "[[!5 MB]]" in found.message
    assert not typed_numbers(page("It takes [[!5 MB]].\n"))


def test_the_handbook_has_none():
    project = Project.open(Path(__file__).parents[2] / "docs")
    assert [found for path in project.page_paths() for found in typed_numbers(project.page(path))] == []


NUMBERS = st.from_regex(r"[1-9][0-9]{0,3}(\.[0-9]{1,3})?", fullmatch=True)
UNITS = st.sampled_from([" %", "%", " MB", "MB", " GiB", " ms", "-ms", " s", " tok/s", " bpw", "×", " times faster"])
WORDS = st.lists(st.from_regex(r"[A-Za-z]{2,9}[,.]?", fullmatch=True), max_size=6).map(" ".join)


@given(WORDS, NUMBERS, UNITS, WORDS)
def test_a_number_with_a_unit_is_found_between_any_words(before, number, unit, after):
    (found,) = find_measured(f"{before} {number}{unit}, {after}")
    assert found["number"] == number


@given(WORDS, NUMBERS, UNITS, WORDS, st.sampled_from(["`{}`", "[[!{}]]", "<!-- {} -->", "<code>{}</code>", "``{}``"]))
def test_it_is_not_where_it_is_marked_as_deliberate_or_as_code(before, number, unit, after, mark):
    assert not list(find_measured(f"{before} {mark.format(number + unit)}, {after}"))


@given(WORDS, st.integers(0, 10**6), st.from_regex(r"[A-Za-z]{3,9}", fullmatch=True))
def test_a_number_before_another_word_is_none(before, number, word):
    assume(not list(find_measured(f"1 {word}")))
    assume(word.lower() not in ("seconds", "minutes", "percent", "second", "minute", "megabyte", "gigabyte"))
    assert not list(find_measured(f"{before} {number} {word}"))


@given(
    st.lists(
        st.sampled_from(
            ["text\n", "\n", "- item\n", "```\n5 %\n```\n", "> quote\n", "5 MB\n", "## H\n", "<!-- 5 %\n-->\n"]
        )
    )
)
@example(["text\n", "5 MB\n"])
def test_each_line_found_holds_the_number(parts):
    text = "".join(parts)
    lines = text.split("\n")
    found = typed_numbers(page(text))
    assert all(lines[each.line - 1] == "5 MB" for each in found)
    assert len({each.line for each in found}) == len(found) == parts.count("5 MB\n")


@given(st.text(max_size=300) | st.text(alphabet="5 %MBsx×<>-!`[]()${}#\\:/.,\n1e", max_size=200))
def test_any_text_can_be_read(text):
    for match in find_measured(text):
        assert text[match.start() : match.end()][0].isdigit()
    typed_numbers(page(text))


@pytest.mark.parametrize(
    "piece", ["1", "1,111", "<", "[x](", "$a", "{#", "\\(", "<a ", "<!--", "](", "<code>", "5 ", "1. ", "[["]
)
def test_time_is_in_proportion_to_the_text(piece):
    with pace.at_most(5):
        list(find_measured(piece * 50_000))


def test_pytest_warns_and_with_require_all_fails(site):
    site.page("# A\n\nIt takes 5 MB\nand 6 ms.\n\n```python {#x}\nassert True\n```\n")
    site.page("# B\n\nNo number.\n", "b")
    result = site.pytest("docs", "-vv")
    assert result.returncode == 0, result.stdout
    assert "docs/a.md::a:numbers PASSED" in result.stdout
    assert "docs/a.md:3: TypedNumberWarning: '5 MB' looks measured" in result.stdout
    assert "docs/a.md:4: TypedNumberWarning: '6 ms' looks measured" in result.stdout
    assert "docs: the outputs of 0 of 1 examples (0.0%) depend on the machine" in result.stdout
    assert "2 numbers typed by hand" in result.stdout
    assert "b:numbers" not in result.stdout
    result = site.pytest("docs", "--require-all")
    assert result.returncode == 1
    assert "docs/a.md:3: '5 MB' looks measured" in result.stdout
    assert "1 failed, 1 passed" in result.stdout
    assert site.pytest("docs", "-W", "error").returncode == 1
