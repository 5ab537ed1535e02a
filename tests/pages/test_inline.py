from hypothesis import given
from hypothesis import strategies as st

from edgedocs.pages.inline import code_spans, without_code_spans


def test_a_run_of_backticks_is_closed_by_one_as_long():
    text = "a `b` ``c ` d`` \\`e `f"
    assert [text[start:end] for start, end in code_spans(text)] == ["`b`", "``c ` d``"]


@given(st.text(alphabet="`\\a \n"))
def test_places_stay(text):
    plain = without_code_spans(text)
    assert len(plain) == len(text)
    assert plain.count("\n") == text.count("\n")
