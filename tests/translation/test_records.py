import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedocs.core.errors import BadInput
from edgedocs.translation.records import LARGEST_COUNT, STATES, Record, find, parse, render
from edgedocs.translation.translated_page import TranslatedPage

hashes = st.text("0123456789abcdef", min_size=12, max_size=12)
some_records = st.lists(st.builds(Record, hashes, hashes, st.sampled_from(STATES)), max_size=6)

LINE = "3f9a1c0b7d2e 91bc91bc91bc machine"
COMMENT = f"<!-- EDGEDOCS_SEGMENTS v1\n{LINE}\n-->\n"


def test_form_is_that_of_the_contract() -> None:
    assert render([Record("3f9a1c0b7d2e", "91bc91bc91bc", "machine")]) == COMMENT


@given(some_records)
def test_what_is_rendered_is_parsed(entries: list[Record]) -> None:
    assert parse(render(entries), "page.md") == tuple(entries)
    assert parse(render(entries).replace("\n", "\r\n"), "page.md") == tuple(entries)


@given(st.text("ab \r\n`<>!-"), some_records)
def test_page_is_put_together_and_taken_apart(body: str, entries: list[Record]) -> None:
    once = TranslatedPage.parse(TranslatedPage(None, body, tuple(entries)).render(), "page.md")
    assert once.records == tuple(entries)
    assert once.body.replace("\r\n", "\n").rstrip("\r\n") == body.replace("\r\n", "\n").rstrip("\r\n")
    again = TranslatedPage.parse(once.render(), "page.md")
    assert again == once


@pytest.mark.parametrize("page", ["", "# Page\n", f"# Page\n\n```\n{COMMENT}```\n", "text <!-- EDGEDOCS_SEGMENTS v1\n"])
def test_pages_without_records(page: str) -> None:
    assert find(page) is None
    assert TranslatedPage.parse(page, "page.md").records is None


@pytest.mark.parametrize(
    ("page", "what", "line"),
    [
        (f"# Page\n\n<!-- EDGEDOCS_SEGMENTS v1\n{LINE}\n", "torn", 3),
        (f"# Page\n\n{COMMENT}".replace("machine", "mach"), "no segment record", 4),
        (f"# Page\n\n{COMMENT}".replace("91bc91bc91bc", "91bc"), "no segment record", 4),
        (f"# Page\n\n{COMMENT}".replace(LINE, f"<<<<<<< ours\n{LINE}"), "no segment record", 4),
        (f"# Page\n\n{COMMENT}".replace("v1", "v2"), "version", 3),
        (f"# Page\n\n{COMMENT}\n{COMMENT}", "twice", 3),
        (f"# Page\n\n{COMMENT}\nAdded below.\n", "in the middle", 3),
        (f"# Page\n\n{COMMENT}".replace(LINE, "\n".join([LINE] * (LARGEST_COUNT + 1))), "too many", 3),
        (f"# Page\n\n{COMMENT}".replace(LINE, "x" * 10_000_000), "no segment record", 4),
    ],
    ids=["torn", "state", "hash", "merge", "version", "twice", "below", "many", "long line"],
)
def test_malformed_records_are_one_error_with_its_line(page: str, what: str, line: int) -> None:
    with pytest.raises(BadInput, match=what) as caught:
        TranslatedPage.parse(page, "page.md")
    assert caught.value.where == f"page.md:{line}"
    assert caught.value.remedy
    assert len(str(caught.value)) < 500


def test_second_header_is_an_error() -> None:
    with pytest.raises(BadInput, match="twice") as caught:
        TranslatedPage.parse("# Page\n\n<!--\nCO_OP_TRANSLATOR_METADATA:\n{}\n-->\n", "page.md")
    assert caught.value.where == "page.md:3"
