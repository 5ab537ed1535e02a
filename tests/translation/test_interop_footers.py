"""The sentence at the end of a page, in the forms that were seen in published trees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedocs.translation.interop import footers
from tests import pace

PAGE = "# A page\n\nIts **last** words.\n"
LINK = "[Co-op Translator](https://github.com/Azure/co-op-translator)"
WORDS = f"A machine made this page, {LINK}, and machines make mistakes."

LINKED = [
    f"**Disclaimer**: {WORDS}",
    f"**Disclaimer:** {WORDS}",
    f"**Disclaimer**:  \n{WORDS}",
    f"**Prohlášení o vyloučení odpovědnosti**:\n{WORDS}",
    f"**免责声明**：\n{WORDS}",
    f"**免責聲明：**  \n{WORDS}",
    f"**Avertissement** :  \n{WORDS}",
    f"<strong>免責聲明</strong>：\n{WORDS}",
    f"**အတည်မပြုချက်**  \n{WORDS}",
    f"__Zastrzeżenie__: {WORDS}",
    f"> **Haftungsausschluss**: {WORDS}",
    f"**Feragatname**:\n\n{WORDS}",
    f"## **Disclaimer**\n\n{WORDS}",
    "**تنويه**:\nآلة، [مترجم](https://github.com/azure/CO-OP-TRANSLATOR)",
]
MARKED = [
    f"<!-- CO-OP TRANSLATOR DISCLAIMER START -->\n{words}\n<!-- CO-OP TRANSLATOR DISCLAIMER END -->"
    for words in (LINKED[0], "Any words at all, without a link.", "")
]
WITHOUT_LINK = [
    "**Disclaimer**:\nThis page was made by a machine, without anybody having looked at it.",
    "**Omejitev odgovornosti:** To stran je naredil stroj, ne da bi jo kdo pogledal.",
    "**免責事項**：\nこのページは機械によって翻訳されたものであり、誰も確認していません。誤りが含まれている可能性があります。",
]
SEPARATORS = ["\n", "\n---\n\n", "\n\n---\n\n", "\n***\n\n", "\n  ---  \n\n"]
ENDS = ["", "\n", "\n\n", "  \n"]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("footer", LINKED + MARKED)
def test_footer_is_split_off_with_its_rule(footer: str, separator: str, end: str) -> None:
    for newline in ("\n", "\r\n"):
        text = (PAGE + separator + footer + end).replace("\n", newline)
        page, rest = footers.split(text)
        assert page + rest == text
        assert page.rstrip() == PAGE.replace("\n", newline).rstrip()


@pytest.mark.parametrize("footer", WITHOUT_LINK)
def test_footer_without_link_is_known_by_its_label_alone_where_that_is_asked_for(footer: str) -> None:
    text = f"{PAGE}\n---\n\n{footer}\n"
    assert footers.split(text) == (text, "")
    assert footers.split(text, without_link=True)[0].rstrip() == PAGE.rstrip()


@pytest.mark.parametrize(
    "text",
    [
        PAGE,
        "",
        "\n",
        f"# A page\n\n{WORDS}\n",
        f"# A page\n\nSee {LINK}.\n\nIts last words.\n",
        f"# A page\n\n**Disclaimer**: {WORDS}\n\nWords of a person behind it.\n",
        "# A page\n\n**Note**: this is a paragraph with a label of its own, and it belongs to the page.\n",
        "# A page\n\n**Disclaimer**: short\n",
        f"# A page\n\nA heading of the second level\n---\n\nSee {LINK}.\n\nThe end.\n",
        f"# A page\n\n{footers.START}\n{WORDS}\n{footers.END}\n\nMore.\n",
    ],
)
def test_what_belongs_to_the_page_stays(text: str) -> None:
    assert footers.split(text) == (text, "")


def test_a_line_above_hyphens_is_a_heading_and_stays() -> None:
    text = f"# A page\n\nA heading\n---\n\n**Disclaimer**: {WORDS}\n"
    assert footers.split(text)[0] == "# A page\n\nA heading\n---\n\n"


def test_a_torn_footer_reaches_to_the_end() -> None:
    text = f"{PAGE}\n---\n\n<!-- CO-OP TRANSLATOR DISCLAIMER START -->\n**Disclaimer**: This pa"
    assert footers.split(text)[0].rstrip() == PAGE.rstrip()


def test_a_bare_rule_is_what_is_left_of_a_footer() -> None:
    assert footers.split_rule(f"{PAGE}\n---\n\n") == (PAGE + "\n", "---\n\n")
    assert footers.split_rule(f"{PAGE}\n---")[1] == "---"
    assert footers.split_rule("Heading\n---\n")[1] == ""
    assert footers.split_rule(PAGE)[1] == ""


@pytest.mark.parametrize("footer", LINKED + MARKED)
def test_a_marked_footer_is_found_again(footer: str) -> None:
    kept = PAGE + footers.mark(f"---\n\n{footer}\n")
    assert kept.count("---\n\n<!--") == 1
    page, rest = footers.split(kept)
    assert page.rstrip() == PAGE.rstrip()
    assert footers.mark(rest).strip() == rest.strip()


pieces = st.lists(
    st.sampled_from(["---\n", "\n", "**Disclaimer**", ":", WORDS, "\r\n", "# H\n", "x ", *MARKED, "<!--", "-->", "> "])
)


@given(pieces.map("".join) | st.text(), st.booleans())
def test_page_and_footer_are_the_text(text: str, without_link: bool) -> None:
    page, footer = footers.split(text, without_link=without_link)
    assert page + footer == text
    page, rule = footers.split_rule(text)
    assert page + rule == text


@pytest.mark.parametrize("piece", ["a", "\n", "-", "- ", "**", "<!-- ", "\n---", "> ", "co-op-translator ", " "])
def test_ten_megabytes_take_no_time(piece: str) -> None:
    text = piece * (10_000_000 // len(piece))
    with pace.at_most(2):
        footers.split(text, without_link=True)
        footers.split(f"{text}{LINK}", without_link=True)
        footers.split_rule(text)
