import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedocs.core.errors import BadInput
from edgedocs.translation.header import Header, find, is_hash_of, original_hash, parse, render, strip
from edgedocs.translation.records import Record
from edgedocs.translation.records import render as render_records

KEYS = {
    "original_hash": "0" * 32,
    "translation_date": "2026-11-20T10:00:00+00:00",
    "source_file": "docs/04-gguf.md",
    "language_code": "cs",
}
HEADER = Header("0" * 32, KEYS["translation_date"], KEYS["source_file"], KEYS["language_code"])
TEXT = f"<!--\nCO_OP_TRANSLATOR_METADATA:\n{json.dumps(KEYS, indent=2)}\n-->\n"

words = st.text(st.characters(codec="utf-8"))
json_values = st.recursive(st.none() | st.booleans() | st.integers() | words, lambda inner: st.lists(inner, max_size=3))


def test_form_is_that_of_the_contract() -> None:
    assert render(HEADER) == TEXT


@given(words, words, words, st.dictionaries(st.text("abc-> <!", min_size=1), json_values, max_size=3))
def test_what_is_rendered_is_parsed(date: str, file: str, code: str, others: dict[str, object]) -> None:
    header = Header("0123456789abcdef" * 2, date, file, code, others)
    assert parse(render(header) + "# Page\n", "page.md") == header
    assert strip(render(header) + "# Page\n") == "# Page\n"


def test_end_of_comment_in_a_path_does_not_end_the_header() -> None:
    text = render(Header("0" * 32, "", "a-->b.md", "cs"))
    assert text.count("-->") == 1
    assert parse(text, "page.md") == Header("0" * 32, "", "a-->b.md", "cs")


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.replace("\n", "\r\n"),
        "\ufeff" + TEXT,
        TEXT.replace("CO_OP_TRANSLATOR_METADATA:\n", ""),
        f"<!-- {json.dumps(KEYS)} -->",
    ],
    ids=["ours", "CRLF", "mark", "no label", "one line"],
)
def test_variants_are_read(text: str) -> None:
    assert parse(f"{text}\n# Page\n", "page.md") == HEADER
    assert strip(f"{text}# Page\n").strip() == "# Page"


@pytest.mark.parametrize("text", ["# Page\n", "", "<!-- note -->\n# Page\n", '<!-- {"a": 1} -->\n# Page\n'])
def test_pages_without_header(text: str) -> None:
    assert parse(text, "page.md") is None
    assert find(text) is None
    assert strip(text) == text


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (TEXT.replace('"cs"', '"cs'), "page.md:7"),
        (TEXT.replace("-->", ""), "page.md:1"),
        (TEXT.replace('"language_code": "cs"', '"language": "cs"'), "page.md:3"),
        (TEXT.replace('"cs"', "1"), "page.md:3"),
        (TEXT.replace("0" * 32, "0" * 31), "page.md:3"),
        ("<!--\nCO_OP_TRANSLATOR_METADATA:\n{" + '"a":[' * 100_000 + "}\n-->\n", "page.md:3"),
        ("<!--\nCO_OP_TRANSLATOR_METADATA:\n{" + '"a": ' + "9" * 10_000 + "}\n-->\n", "page.md:3"),
    ],
    ids=["torn text", "not closed", "key missing", "no text", "no hash", "deep", "long number"],
)
def test_malformed_header_is_one_error_with_its_line(text: str, place: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(text + "# Page\n", "page.md")
    assert caught.value.where == place
    assert caught.value.remedy
    assert "# Page" in strip(text + "# Page\n") or "not closed" in str(caught.value)


def test_hash_is_that_of_the_text_with_line_feeds() -> None:
    # printf 'a\nb\n' | md5sum
    assert original_hash("\ufeffa\r\nb\r\n") == "dd8c6a395b5dd36c56d23275028f526c"


@pytest.mark.parametrize("hashed", [b"a\nb\n", b"a\r\nb\r\n", b"\xef\xbb\xbfa\nb\n", b"\xef\xbb\xbfa\r\nb\r\n"])
@pytest.mark.parametrize("text", ["a\nb\n", "a\r\nb\r\n", "\ufeffa\nb\n"])
def test_hashes_of_raw_bytes_are_accepted_in_every_checkout(hashed: bytes, text: str) -> None:
    recorded = hashlib.md5(hashed).hexdigest()
    assert is_hash_of(recorded, text)
    assert not is_hash_of(recorded, text + "c")


@given(words)
def test_strip_never_fails(text: str) -> None:
    for page in (text, f"<!--{text}", f"{TEXT}{text}", f"{text}\n<!-- EDGEDOCS_SEGMENTS{text}"):
        assert isinstance(strip(page), str)


def test_strip_takes_the_records_too() -> None:
    page = TEXT + "# Page\n\n" + render_records([Record("a" * 12, "b" * 12, "machine")])
    assert strip(page) == "# Page\n"
    assert strip(page.replace("\n", "\r\n")) == "# Page\r\n"
