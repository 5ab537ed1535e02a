"""The kit that every check must pass."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING

from edgedocs.translation.checking import check_page
from edgedocs.translation.checks import SEVERITIES
from edgedocs.translation.inline_parts import forget
from tests.translation.checks.kit import page_pair

if TYPE_CHECKING:
    from edgedocs.translation.checks import Check, Finding
    from edgedocs.translation.pairs import PagePair

OF_LANGUAGE = {"language", "untranslated", "terminology"}
"""Checks that a source passed off as its translation must not please."""

SMALL = 10_000
GENEROUS = 8.0
"""How much longer four times the text may take than four times as long."""


def assert_named_like_its_module(check: Check, module: str) -> None:
    assert check.name == module.replace("_", "-")
    assert check.severity in SEVERITIES
    assert type(check).__doc__


def assert_well_formed(found: list[Finding]) -> None:
    """Findings say where, what is wrong and what to do."""
    for finding in found:
        assert finding.line is not None or finding.source_line is not None
        assert finding.severity in SEVERITIES
        assert finding.message
        assert not finding.message.endswith(".")
        assert finding.remedy
        assert (finding.language, finding.page) == ("cs", "page.md")


def assert_same_text_is_fine(check: Check, text: str) -> None:
    if check.name not in OF_LANGUAGE:
        assert [f for f in check_page(page_pair(text, text), [check.name]) if f.severity == "error"] == []


def assert_linear(check: Check, unit: str) -> None:
    """Four times the text takes about four times as long, on one line."""

    def seconds(size: int) -> float:
        pair = _on_one_line(unit, size)
        forget()
        start = time.process_time()
        check_page(pair, [check.name])
        return time.process_time() - start

    small = max(seconds(SMALL), 0.05)
    assert seconds(4 * SMALL) < 4 * GENEROUS * small


@lru_cache(maxsize=256)
def _on_one_line(unit: str, size: int) -> PagePair:
    text = unit * (size // len(unit))
    return page_pair(f"A b {text}\n", f"Á b {text} ž\n")
