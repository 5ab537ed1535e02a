"""Kept input with a few bytes changed, cut off or doubled: every parser reads it or says what is wrong."""

import importlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.__main__ import FOLDER, PARSERS


@st.composite
def damaged(draw: st.DrawFn, kept: list[bytes]) -> bytes:
    content = bytearray(draw(st.sampled_from(kept)))
    for _ in range(draw(st.integers(0, 4))):
        if content:
            content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    if draw(st.booleans()):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, len(content)))
        content[start:end] = draw(st.sampled_from([b"", bytes(content[start:end]) * 2]))
    return bytes(content)


@pytest.mark.parametrize("parser", PARSERS)
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_damaged_input_is_read_or_refused(parser: str, data: st.DataObject) -> None:
    target = importlib.import_module(f"tests.fuzz.{parser}")
    kept = [path.read_bytes() for path in sorted((FOLDER / "corpus" / parser).iterdir())]
    target.fuzz_one(data.draw(damaged(kept)))
