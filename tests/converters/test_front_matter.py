"""Front matter: PyYAML, told to take every scalar for a text, is the oracle."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from edgedocs.converters import front_matter
from edgedocs.core.errors import BadInput
from tests import pace

NAMES = ("license", "language", "tags", "base_model", "version")
PATH = Path("README.md")


def read(front: str, page: str = "\n# A model\n") -> dict[str, Any]:
    return front_matter.read(f"---\n{front}\n---\n{page}", NAMES, PATH)


@pytest.mark.parametrize(
    "front",
    [
        "license: mit",
        "license: 'it''s'\nlanguage: \"a\\tb \\u010d\"",
        "license: mit # free\nlanguage: [en, no, 'c, d', \"e\"]\n",
        'language:\n- en\n- no\n- "on"\ntags:\n  - a b\n  - 1.0\nversion: 1.10',
        "tags: [a,\n  b,\n  c]\nlicense: other",
        "base_model: org/name-1.5B\nmodel-index:\n- name: x\n  results:\n  - task: {type: a}\n    m: [1]\nlicense: a",
        "license: mit\n\n# a comment\ntags: []\nversion:\nlanguage: ~",
        "extra_gated_prompt: |\n  ### LICENSE\n\n  license: no\n  tags:\n  - x\nlicense: gemma",
        "license: >\n  folded\n  text",
        "license: a plain text\n  that goes on\ntags: [x]",
        "license: https://example.org/a#b",
    ],
)
def test_what_model_cards_say_is_read_as_yaml_reads_it(front: str) -> None:
    expected = yaml.load(front, Loader=yaml.BaseLoader)
    wanted = {name: expected[name] for name in NAMES if expected.get(name) not in (None, "", "~", [])}
    found = {name: value.strip() if isinstance(value, str) else value for name, value in wanted.items()}
    assert read(front) == found


texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=20)
values = texts | st.lists(texts, min_size=1, max_size=5)


@given(st.dictionaries(st.sampled_from(NAMES), values, min_size=1), st.booleans())
def test_what_pyyaml_writes_is_read_back(values: dict[str, Any], flow: bool) -> None:
    front = yaml.safe_dump(values, allow_unicode=True, default_flow_style=flow, width=10**6)
    if flow:
        front = "\n".join(
            f"{name}: {yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10**6).splitlines()[0]}"
            for name, value in values.items()
        )
    expected = yaml.load(front, Loader=yaml.BaseLoader)
    assert read(front) == {name: value for name, value in expected.items() if value}


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("\n -:[]{}'\"#|>&*,ab"), max_size=200))
def test_any_front_matter_is_read_or_bad_input(front: str) -> None:
    try:
        found = read(f"license: {front}")
    except BadInput:
        return
    assert all(isinstance(value, str | list) for value in found.values())


@pytest.mark.parametrize(
    ("front", "message"),
    [
        ("license: {a: b}", "README.md:2: license cannot be read: '{a: b}' is no plain text"),
        ("tags:\n- a\n- b: c", "README.md:2: tags cannot be read"),
        ("x: 1\ntags: [a, [b]]", "README.md:3: tags cannot be read: a list of other things than texts"),
        ("tags: [a, b", "a list without its end"),
        ("license: mit\nlicense: gpl", "README.md:3: license stands twice; expected each name once"),
        ("license: *alias", "is no plain text"),
        ("license: 'open", "is no text in quotes"),
        ('license: "\\ud800"', "is no text in quotes"),
        ("license: " + "x" * 20_000, "20000 characters, more than 10000"),
        ("tags: [" + "a," * 2000 + "b]", "2001 items, more than 1000"),
    ],
)
def test_what_is_no_text_is_refused(front: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(front)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "page", ["", "# no front matter", "----\nlicense: x\n---\n", "---\nlicense: mit\n", "text\n---"]
)
def test_a_page_without_front_matter_says_nothing(page: str) -> None:
    assert front_matter.read(page, NAMES, PATH) == {}


@pytest.mark.parametrize(
    "front",
    [
        "license: " + "[" * 10**6,
        "tags: [" + " " * 90_000 + "[",
        "tags: [" + "'" * 90_001,
        "a: &a [x, x]\n" + "b: [*a, *a, *a]\n" * 50_000,
        "license: a\n" * 90_000,
        "tags:\n" + "- a\n" * 250_000,
        "\n".join("x" * 70 for _ in range(10_000)),
        "license:" + " " * 900_000 + "\x00",
    ],
)
def test_hostile_front_matter_takes_no_time(front: str) -> None:
    with pace.at_most(1), contextlib.suppress(BadInput):
        read(front)
