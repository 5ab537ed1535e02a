"""Laws of the endpoint: no answer, however odd, is more than one clear fault."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edgedocs.core.errors import BadInput
from edgedocs.translation.endpoint import Address, Completion
from edgedocs.translation.endpoint.faults import LARGEST_EXCERPT, Fault, excerpt, of_status
from edgedocs.translation.endpoint.prompt import answer
from edgedocs.translation.endpoint.tokens import estimate, upper
from edgedocs.translation.translators import NotTranslated
from tests.translation.test_openai import ask

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
KEYS = st.sampled_from(
    ["choices", "message", "content", "finish_reason", "usage", "prompt_tokens", "completion_tokens", "refusal",
     "error", "type", "text", "reasoning_content", "detail", "param", "loc"]
)  # fmt: skip
DOCUMENTS: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=15
)
MESSAGES = st.dictionaries(KEYS, DOCUMENTS, max_size=4)
CHOICES = st.builds(
    lambda message, finish, usage: {"choices": [{"message": message, "finish_reason": finish}], "usage": usage},
    MESSAGES,
    LEAVES | st.just("stop"),
    DOCUMENTS,
)


@given(DOCUMENTS | CHOICES)
def test_any_document_is_a_completion_or_a_fault(document: Any) -> None:
    check(json.dumps(document).encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_a_completion_or_a_fault(body: bytes) -> None:
    check(body)


def check(body: bytes) -> None:
    fault, error, text = None, None, ""
    try:
        text = answer(ask("Yes."), Completion.parse(body))
    except Fault as found:
        fault = found
    except NotTranslated as found:
        error = found
    assert fault is None or (fault.what and fault.charged)
    assert error is None or error.remedy
    assert fault or error or text.strip().encode("utf-8")


@given(st.integers(300, 599), st.binary(max_size=100) | DOCUMENTS.map(lambda d: json.dumps(d).encode()), st.text())
def test_any_error_is_a_fault_with_a_remedy(status: int, body: bytes, header: str) -> None:
    fault = of_status(status, {"retry-after": header, "location": header}, body, None)
    assert fault.remedy
    assert str(status) in fault.what
    assert fault.what.isprintable() or " " in fault.what
    assert fault.wait is None or fault.wait >= 0


@given(st.text(max_size=1000))
def test_an_excerpt_is_one_short_line_without_controls(text: str) -> None:
    shown = excerpt(text)
    assert len(shown) <= LARGEST_EXCERPT
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u2028\u2066\u200b\ufeff" for c in shown)
    assert excerpt(shown) == shown


@given(st.text(max_size=300), st.text(max_size=300))
def test_estimates(first: str, second: str) -> None:
    assert 0 <= estimate(first) <= upper([first])
    assert upper([first + second]) >= upper([first])
    assert upper([first, second]) >= len(first.encode("utf-8", "surrogatepass"))


@given(st.text(max_size=60) | st.text(alphabet="htps:/[]@?#.1v localhost", max_size=40))
def test_any_text_is_an_address_or_bad_input(text: str) -> None:
    try:
        address = Address.parse(text)
    except BadInput:
        return
    assert address.scheme == "https" or address.is_loopback
    assert Address.parse(str(address)) == address
