import pytest

from edgedocs.examples.comparison import Comparison

PICTURE = (
    '<svg viewBox="0 0 400 300"><!-- made {note} --><metadata><date>{note}</date></metadata>'
    '<path id="m1a2b" d="M 10 {y}"/></svg>'
)


@pytest.mark.parametrize(
    ("comparison", "expected", "actual", "admitted"),
    [
        (Comparison(), "a\nb\n", "a\nb\n", True),
        (Comparison(), "a\r\nb\r\n", "a\nb\n", True),
        (Comparison(), "a", "a\n", True),
        (Comparison(), "a\n", "a \n", False),
        (Comparison(), "1.0\n", "1.00\n", False),
        (Comparison("approx", 0.01), "loss 2.000 MB", "loss 2.019 MB", True),
        (Comparison("approx", 0.01), "loss 2.000 MB", "loss 2.021 MB", False),
        (Comparison("approx", 0.01), "loss  9.99", "loss 10.01", True),
        (Comparison("approx", 0.01), "loss 2.0", "gain 2.0", False),
        (Comparison("approx", 0.01), "1 2", "1", False),
        (Comparison("approx", 0.01), "Q4_0 is 5", "Q5_0 is 5", False),
        (Comparison("approx", 0.01), "-1.5e-3", "-1.505e-3", True),
        (Comparison("approx", 0.01), "1", "-1", False),
        (Comparison("approx", 0.01), "0.0", "0.0005", False),
        (Comparison("approx", 0.01, 0.001), "0.0", "0.0005", True),
        (Comparison("approx", 0.01), "nan", "1.0", False),
        (Comparison("anyorder"), "a\nb\n", "b\na\n", True),
        (Comparison("anyorder"), "a\na\nb\n", "b\na\n", False),
        (Comparison("bound"), "error <= 0.3 at most\n", "error 0.25 at most\n", True),
        (Comparison("bound"), "error <= 0.3 at most\n", "error 0.31 at most\n", False),
        (Comparison("bound"), "error <= 0.3\n", "error small\n", False),
        (Comparison("bound"), "a > 1, b < 2\n", "a 1.5, b 1.5\n", True),
        (Comparison("bound"), "a > 1, b < 2\n", "a 0.5, b 1.5\n", False),
        (Comparison("environment"), "1 s", "2 s", True),
    ],
)
def test_texts(comparison, expected, actual, admitted):
    assert comparison.admits(expected, actual) is admitted


@pytest.mark.parametrize(
    ("comparison", "y", "note", "admitted"),
    [
        (Comparison(), 20, "later", True),
        (Comparison(), 21, "now", False),
        (Comparison("approx", 0.01), 23.9, "later", True),
        (Comparison("approx", 0.01), 24.1, "now", False),
    ],
)
def test_a_picture_is_compared_by_what_is_seen(comparison, y, note, admitted):
    recorded, new = PICTURE.format(y=20, note="now"), PICTURE.format(y=y, note=note)
    assert comparison.admits_file("a.svg", recorded.encode(), new.encode()) is admitted


def test_other_files_are_compared_to_the_byte():
    assert not Comparison("approx", 0.05).admits_file("a.png", b"\xff\x00", b"\xff\x01")
    assert Comparison("approx", 0.05).admits_file("a.png", b"\xff\x00", b"\xff\x00")
    assert not Comparison().admits_file("a.csv", b"1,2\n", b"1,3\n")
    assert Comparison().admits_file("a.csv", b"1,2\r\n", b"1,2\n")
