"""The kept input, replayed: every parser reads it or says what is wrong, soon."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests import pace
from tests.fuzz.__main__ import FOLDER, PARSERS

KEPT = sorted(path for path in (FOLDER / "corpus").glob("*/*") if path.is_file())


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_kept_input_is_read_or_refused_within_a_second(path: Path) -> None:
    target = importlib.import_module(f"tests.fuzz.{path.parent.name}")
    with pace.at_most(1):
        target.fuzz_one(path.read_bytes())


def test_every_parser_has_a_corpus() -> None:
    assert {path.parent.name for path in KEPT} == set(PARSERS)
