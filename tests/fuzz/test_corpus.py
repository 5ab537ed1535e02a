"""The kept input, replayed: every parser reads it or says what is wrong, soon."""

from __future__ import annotations

import importlib
import time
from pathlib import Path

import pytest

from tests.fuzz.__main__ import FOLDER, PARSERS

KEPT = sorted(path for path in (FOLDER / "corpus").glob("*/*") if path.is_file())


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_kept_input_is_read_or_refused_within_a_second(path: Path) -> None:
    target = importlib.import_module(f"tests.fuzz.{path.parent.name}")
    start = time.process_time()
    target.fuzz_one(path.read_bytes())
    assert time.process_time() - start < 1


def test_every_parser_has_a_corpus() -> None:
    assert {path.parent.name for path in KEPT} == set(PARSERS)
