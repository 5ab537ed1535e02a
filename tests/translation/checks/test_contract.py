"""Every check of the registry against the kit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgedocs.translation.checking import check_page, check_segment
from edgedocs.translation.checks import checks
from edgedocs.translation.segments import split
from tests.contract import checks as kit
from tests.translation.checks.kit import page_pair
from tests.translation.trees import CZECH, SOURCE

NAMES = checks.names()
CHARACTERS = "aá1 \n#*_`[](){}<>|!:$\\-=\"'%,.~+^&@/0\u202e\u200d⟦"
MARKDOWN = st.text(alphabet=CHARACTERS, max_size=200)
UNITS = [*"a1[`<{$(*\\-|", "1,", "](", "[a](b", "<a ", "_ ", '](a "', "@@", "é ", ":a", "<!--", "[[", "://"]
CLASSES = """
    anchors code emphasis facts footnotes language leaks links mojibake numbers plots safety status structure
    terminology truncation untranslated
"""


def test_registry() -> None:
    assert set(NAMES) == set(CLASSES.split())


@pytest.mark.parametrize("name", NAMES)
def test_name(name: str) -> None:
    kit.assert_named_like_its_module(checks.get(name), name)


@pytest.mark.parametrize("name", NAMES)
@given(source=st.one_of(MARKDOWN, st.text(max_size=80)), target=st.one_of(MARKDOWN, st.text(max_size=80)))
@settings(max_examples=60, deadline=None)
def test_any_text(name: str, source: str, target: str) -> None:
    kit.assert_well_formed(check_page(page_pair(source, target), [name.replace("_", "-")]))
    kit.assert_same_text_is_fine(checks.get(name), source)
    for segment in split(source, "").segments[:1]:
        check_segment(page_pair(source, target).context, segment, target, [name.replace("_", "-")])


@pytest.mark.parametrize("name", NAMES)
def test_a_page_as_its_own_translation(name: str) -> None:
    kit.assert_same_text_is_fine(checks.get(name), SOURCE)
    assert [f for f in check_page(page_pair(SOURCE, CZECH), [name.replace("_", "-")]) if f.severity != "info"] == []


@pytest.mark.parametrize("name", NAMES)
def test_time_in_proportion_to_the_text(name: str) -> None:
    check_page(page_pair("a", "b"), [name.replace("_", "-")])
    for unit in UNITS:
        kit.assert_linear(checks.get(name), unit)
