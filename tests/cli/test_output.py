"""What --json prints: the same document, whatever its size and the stream."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest

from edgedocs.cli.output import emit_json


def printed(document: Any, encoding: str, monkeypatch: pytest.MonkeyPatch) -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    monkeypatch.setattr(sys, "stdout", stream)
    emit_json(document)
    stream.flush()
    return stream.buffer.getvalue().decode(encoding)


ENTRY = {"page": "č\n", "parts": [1, None, 0.5], "none": {}}


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1250"])
@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1500])
def test_a_document_is_the_same_however_long_its_lists_are(
    count: int, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = {"pages": [ENTRY] * count, "ž": {"deep": [{"a": "x\ny"}]}, "empty": []}
    text = printed(document, encoding, monkeypatch)
    assert json.loads(text) == document
    assert text.isascii() == (encoding != "utf-8")
    if count < 1000:
        assert text == json.dumps(document, indent=2, ensure_ascii=encoding != "utf-8") + "\n"
    else:
        assert text.startswith('{\n  "pages": [\n    {"page": ')
        assert text.count("\n") == count + len(json.dumps({"ž": document["ž"], "empty": []}, indent=2).split("\n")) + 2


@pytest.mark.parametrize("document", [[], [ENTRY] * 2000, {}, "ž", None])
def test_what_is_no_object_with_a_long_list_is_indented(document: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert printed(document, "utf-8", monkeypatch) == json.dumps(document, indent=2, ensure_ascii=False) + "\n"
