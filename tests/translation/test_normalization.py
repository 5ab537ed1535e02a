import hashlib

import pytest

from edgedocs.translation.normalization import digest, normalize, normalize_code


@pytest.mark.parametrize(
    ("written", "normalized"),
    [
        ("one\r\ntwo\r\n", "one\ntwo"),
        ("one\rtwo", "one\ntwo"),
        ("\ufeffone\n", "one"),
        ("one \t\ntwo", "one\ntwo"),
        ("one    \ntwo", "one  \ntwo"),
        ("one  \ntwo", "one  \ntwo"),
        ("one\n   \ntwo", "one\n\ntwo"),
        ("  one\n", "  one"),
        ("one  \n", "one"),
        ("\n\none\n\n\n", "one"),
        ("e\u0301", "\u00e9"),
        ("\ufb01", "\ufb01"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_normalized_text(written: str, normalized: str) -> None:
    assert normalize(written) == normalized


def test_code_keeps_its_characters() -> None:
    assert normalize_code("e\u0301 \r\n") == "e\u0301"


def test_digest_is_the_start_of_the_sha256_of_the_normalized_text() -> None:
    # printf 'Hello' | sha256sum
    assert digest("Hello  \r\n") == "185f8db32271"
    assert digest("žluťoučký") == hashlib.sha256("žluťoučký".encode()).hexdigest()[:12]


def test_long_runs_of_blanks_take_linear_time() -> None:
    assert len(normalize("a" + " " * 1_000_000 + "b" + " " * 1_000_000)) == 1_000_002
