import math

import numpy as np
import pytest

from edgedocs.core.errors import BadInput
from edgedocs.examples import facts
from edgedocs.examples.facts import Fact, Record, as_scalar
from edgedocs.examples.reference_check import reference_problems


def test_recorded_facts_are_found_by_page_and_example(tmp_path):
    path = facts.record_path(tmp_path, "guide/04-gguf", "quantize")
    path.parent.mkdir(parents=True)
    record = Record({"saving": Fact(0.71875), "speed": Fact(12.5, "bounded", factor=2.0)}, {"date": "2026-11-21"})
    record.write(path)
    loaded = facts.load(tmp_path)
    assert loaded.records["guide/04-gguf"]["quantize"] == record
    assert loaded.resolve("guide/04-gguf", "quantize.saving") == Fact(0.71875)


def test_an_unknown_fact_is_told_with_those_there_are(tmp_path):
    Record({"saving": Fact(1.0)}).write(tmp_path / "x.facts.json")
    loaded = facts.Facts({"a": {"x": Record.read(tmp_path / "x.facts.json")}})
    with pytest.raises(
        BadInput, match=r"docs/b\.md:3: unknown fact a#x\.savings; expected one of x\.saving\nremedy: did you"
    ):
        loaded.resolve("a", "x.savings", "docs/b.md:3")
    with pytest.raises(BadInput, match=r"unknown fact b#x\.saving; expected an example of b"):
        loaded.resolve("b", "x.saving")


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        '{"a": 1}',
        '{"a": {"value": [1], "kind": "exact"}}',
        '{"a": {"value": 1, "kind": "surely"}}',
        '{"a": {"value": 1, "kind": "exact", "more": 1}}',
        '{"a": {"value": 1, "kind": "exact", "tolerance": "x"}}',
        '{"a": {"value": NaN, "kind": "exact"}}',
        '{"provenance": 1}',
        "{",
    ],
)
def test_a_damaged_record_is_told(tmp_path, text):
    path = tmp_path / "x.facts.json"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"x\.facts\.json"):
        Record.read(path)


@pytest.mark.parametrize(
    ("fact", "value", "admitted"),
    [
        (Fact(0.5), 0.5, True),
        (Fact(0.5), 0.5000001, False),
        (Fact(1), 1.0, False),
        (Fact(True), 1, False),
        (Fact("a"), "a", True),
        (Fact(100.0, tolerance=0.01), 100.9, True),
        (Fact(100.0, tolerance=0.01), 102.0, False),
        (Fact(0.0001, tolerance=0.01), 0.0002, False),
        (Fact(0.0001, tolerance=0.01, absolute=0.001), 0.0002, True),
        (Fact(10.0, "bounded", factor=2.0), 19.0, True),
        (Fact(10.0, "bounded", factor=2.0), 4.9, False),
        (Fact(10.0, "bounded", factor=2.0), -10.0, False),
        (Fact(0.0, "bounded", factor=2.0), 0.0, True),
        (Fact(10.0, "environment"), 99.0, True),
    ],
)
def test_what_a_new_run_may_give(fact, value, admitted):
    assert fact.admits(value) is admitted


@pytest.mark.parametrize(
    ("value", "scalar"),
    [
        (np.float32(0.5), 0.5),
        (np.float64(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.array(2), 2),
        (True, True),
        ("a", "a"),
        (math.nan, None),
        (np.float32("inf"), None),
        ([1], None),
        (np.array([1]), None),
        (None, None),
        (1j, None),
    ],
)
def test_scalars(value, scalar):
    found = as_scalar(value)
    assert found == scalar
    assert type(found) is type(scalar)


@pytest.mark.parametrize(
    ("value", "specification", "message"),
    [
        (0.71875, ".1%", None),
        (7, "", None),
        ("a", ".1%", "'.1%' is for numbers, but the value is the text 'a'"),
        (0.71875, "08.1f", "unknown format '08.1f'; expected one of d"),
        (True, "d", "the value is True"),
    ],
)
def test_the_formats_of_the_site(site, value, specification, message):
    """What the build of the site refuses is refused when the examples run."""
    Record({"n": Fact(value)}).write(site.write("snippets/a/x.facts.json", ""))
    site.page(f"text\n\n[[x.n|{specification}]]\n")
    problems = reference_problems(site.project, site.project.page(site.docs / "a.md"))
    if message is None:
        assert problems == []
    else:
        (problem,) = problems
        assert str(problem).startswith("docs/a.md:3: fact a#x.n: ")
        assert message in str(problem)
