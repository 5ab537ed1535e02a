"""Differences, as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedocs.examples.comparison import Comparison
from edgedocs.examples.difference import describe
from edgedocs.examples.outcome import ExampleError
from tests.examples.conftest import OUTPUT

HEAD = ["--- a.out", "+++ this run"]


def lines(comparison, expected, actual):
    return describe(comparison, expected, actual, "a.out").split("\n")


def test_lines_have_their_numbers_and_far_ones_are_left_out():
    old = "".join(f"line {number}\n" for number in range(1, 31))
    new = old.replace("line 10\n", "line ten\n").replace("line 25\n", "")
    assert lines(Comparison(), old, new) == [
        *HEAD,
        " 7  line 7",
        " 8  line 8",
        " 9  line 9",
        "10 -line 10",
        "10 +line ten",
        "11  line 11",
        "12  line 12",
        "13  line 13",
        "   …",
        "22  line 22",
        "23  line 23",
        "24  line 24",
        "25 -line 25",
        "26  line 26",
        "27  line 27",
        "28  line 28",
    ]


def test_blanks_at_the_end_are_visible():
    assert lines(Comparison(), "a b\nc\n", "a b \nc\t \n") == [*HEAD, "1 -a b", "2 -c", "1 +a b·", "2 +c→·"]


def test_numbers_beyond_the_tolerance_are_named_and_others_are_no_difference():
    comparison = Comparison("approx", 0.01)
    assert lines(comparison, "a 100\nb 2.0, 5\nc 7\n", "a 100.5\nb 2.2, 5\nc 7.01\n") == [
        *HEAD,
        "1  a 100",
        "2 -b 2.0, 5",
        "2 +b 2.2, 5",
        "3  c 7",
        "line 2: 2.2 instead of 2, apart by 0.0909 of the larger, tolerance 0.01",
    ]


def test_text_that_differs_has_no_numbers_named():
    assert lines(Comparison("approx", 0.01), "a 100\n", "b 200\n") == [*HEAD, "1 -a 100", "1 +b 200"]


def test_a_line_more_is_the_only_difference():
    comparison = Comparison("approx", 0.01)
    assert lines(comparison, "a 1.0\nb 2\n", "a 1.0\nx\nb 2\n") == [*HEAD, "1  a 1.0", "2 +x", "2  b 2"]


def test_bounds_that_do_not_hold_are_named():
    assert lines(Comparison("bound"), "a <= 0.3\nb > 1, c < 2\n", "a 0.2\nb 0.5, c 1\n") == [
        *HEAD,
        "1  a <= 0.3",
        "2 -b > 1, c < 2",
        "2 +b 0.5, c 1",
        "line 2: 0.5 is not > 1",
    ]


def test_of_lines_in_any_order_only_those_without_a_partner_are_told():
    assert lines(Comparison("anyorder"), "b\na\nc\na\n", "c\na\nd\nd\n") == [*HEAD, "1 -b", "4 -a", "3 +d", "4 +d"]


def test_a_long_difference_is_cut():
    old = "".join(f"{number}\n" for number in range(1000))
    new = "".join(f"{number}\n" for number in range(1000, 2000))
    found = lines(Comparison("approx", 0.01), old, new)
    assert len(found) == 200 + 1 + 20 + 1
    assert found[200].endswith(" more lines")
    assert found[-1].endswith(" more")


@given(
    st.lists(st.sampled_from(["a", "b 1", "b 2", "c  ", ""])), st.lists(st.sampled_from(["a", "b 1", "b 2", "c  ", ""]))
)
def test_what_differs_is_told_and_what_does_not_is_not(old, new):
    expected, actual = "\n".join(old), "\n".join(new)
    found = lines(Comparison(), expected, actual)[2:]
    assert any(line.lstrip(" 0123456789")[:1] in ("+", "-") for line in found) is not Comparison().admits(
        expected, actual
    )


@pytest.mark.parametrize(("atol", "fine"), [("0.05", True), ("0.5", True), ("0.51", False), ("1e9", False)])
def test_an_absolute_tolerance_cannot_undo_the_relative_one(site, atol, fine):
    site.python("print('a 10.0 b 0.0')\n", f'output="approx" rtol="0.01" atol="{atol}"', OUTPUT)
    site.write("snippets/a/x.out", "a 10.0 b 0.0\n")
    if fine:
        site.update()
        site.check()
        return
    with pytest.raises(ExampleError, match=r"atol=.* is more than 0\.05 of 10, the largest number shown"):
        site.check()


def test_check_is_the_default_and_writes_nothing(site):
    site.python("print('one')\n", "", OUTPUT)
    assert site.pytest("docs", "--update-outputs").returncode == 0
    site.write("snippets/a/x.py", "print('two')\n")
    before = {path: path.read_bytes() for path in site.snippets.rglob("*") if path.is_file()}
    for arguments in (("docs",), ("docs", "--check")):
        result = site.pytest(*arguments)
        assert result.returncode == 1
        assert "1 -one\n1 +two" in result.stdout
        assert {path: path.read_bytes() for path in site.snippets.rglob("*") if path.is_file()} == before
    result = site.pytest("docs", "--check", "--update-outputs")
    assert result.returncode == 4
    assert "--check writes nothing and --update-outputs writes: give one of them" in result.stderr + result.stdout
    assert {path: path.read_bytes() for path in site.snippets.rglob("*") if path.is_file()} == before
