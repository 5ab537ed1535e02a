"""Values of front matter: what YAML reads is what is found, and what is written is what YAML reads."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from edgedocs.translation import front_matter
from edgedocs.translation.sync import scalars


@pytest.mark.parametrize(
    "value",
    [
        "Plain text, with a comma",
        '"Quoted: \\"text\\" \\u00e9"',
        "'It''s: quoted'",
        "Folded\n  over lines",
        ">-\n  folded\n  text",
        "|\n  literal\n  text",
        "text # comment",
        "3.11 or newer",
    ],
)
def test_finds_what_yaml_reads(value: str) -> None:
    found = scalars.read(value)
    assert found is not None
    (text,) = found[0]
    assert text == str(yaml.safe_load(f"key: {value}")["key"]).strip()


@pytest.mark.parametrize("value", ["[one, two words]", "- one\n  - two words", "- one\n- 'two words'"])
def test_finds_the_texts_of_a_list(value: str) -> None:
    found = scalars.read(value)
    assert found is not None
    texts, writer = found
    assert texts == ["one", "two words"]
    written = yaml.safe_load(f"key: {writer(['jedna, dvě', 'on'])}")
    assert written == {"key": ["jedna, dvě", "on"]}


@pytest.mark.parametrize("value", ["", "&a x", "*a", "!tag x", "{a: b}", "[a, [b]]", '"open', "'open", "a: b", "@x"])
def test_leaves_the_rest_alone(value: str) -> None:
    assert scalars.read(value) is None


TEXTS = st.text(min_size=1, max_size=30) | st.text(
    "ab:#-'\"[]{},&*!|>%@` \\?~=.0ě\u2028\x85\x7f", min_size=1, max_size=20
)


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.booleans())
def test_writes_what_yaml_reads(text: str, quoted: bool) -> None:
    text = text.encode("utf-8", "replace").decode("utf-8").strip() or "x"
    written = scalars.quote(text, quoted=quoted)
    assert yaml.safe_load(f"key: {written}") == {"key": text}
    (entry,) = front_matter.entries(f"---\nkey: {written}\n---")
    assert entry.value == written


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_never_fails(value: str) -> None:
    found = scalars.read(value)
    assert found is None or all(found[0])
