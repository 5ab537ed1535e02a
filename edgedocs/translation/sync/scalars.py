"""Scalars: the texts in a value of YAML front matter, and the value that holds other texts in their place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from edgedocs.translation import front_matter

Writer = Callable[[Sequence[str]], str]
"""Gives the value that holds as many texts as were found."""

_SAFE = re.compile(r"[^\W\d_](?:[\w .;()/%’'+*-]|,(?= )|:(?=\S))*(?<! )")
_RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
_BLOCK = re.compile(r"[|>][+-]?[1-9]?[+-]?[ \t]*(?:#[^\n]*)?\n")
_ITEM = re.compile(r"[ \t]*-[ \t]+(?P<text>\S[^\n]*)")
_ESCAPE = re.compile(r'\\(?:[0abtnvfre"/\\ N_LP\n]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})')
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    '"': '"', "/": "/", "\\": "\\", " ": " ", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029", "\n": "",
}  # fmt: skip


def read(value: str) -> tuple[list[str], Writer] | None:
    """The texts in a value, and what writes it with others; None if the value is more than a text or a list of texts.

    Args:
        value: what follows the key, line ends unified.
    """
    if not value or value[0] in "&*!%@`{?#":
        return None
    if value[0] == "[" or _ITEM.match(value):
        return _list(value)
    text = _text(value)
    if text is None or not text.strip() or "\x00" in text:
        return None
    quoted = value[0] in "\"'"
    return [text], lambda texts: quote(texts[0], quoted=quoted)


def quote(text: str, *, quoted: bool = False, in_list: bool = False) -> str:
    """A scalar that YAML reads as this text; plain if that is safe and ``quoted`` does not forbid it."""
    plain = _SAFE.fullmatch(text) and text.casefold() not in _RESERVED and not (in_list and "," in text)
    if plain and not quoted and len(front_matter.entries(f"---\na: {text}\n---")) == 1:
        return text
    # A string of JSON is a scalar of YAML; characters that YAML does not print are escaped.
    escaped = re.sub(
        r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]",
        lambda m: f"\\u{ord(m[0]):04x}",
        json.dumps(text, ensure_ascii=False),
    )
    return escaped.encode("utf-8", "replace").decode("utf-8")


def _list(value: str) -> tuple[list[str], Writer] | None:
    if value[0] == "[":
        if not value.endswith("]") or any(mark in value[1:-1] for mark in "[]{}\"'#&*!|>\n"):
            return None
        items = [item.strip() for item in value[1:-1].split(",")]
    else:
        found = [_ITEM.fullmatch(line) for line in value.split("\n")]
        items = [match["text"].strip() for match in found if match]
        if len(items) != len(found):
            return None
        texts = [_text(item) for item in items]
        items = [text for text in texts if text is not None]
        if len(items) != len(texts):
            return None
    if not all(items) or any("\n" in item or item[0] in "&*!{[|>%@`" for item in items):
        return None
    return items, lambda texts: "[" + ", ".join(quote(text, in_list=True) for text in texts) + "]"


def _text(value: str) -> str | None:
    if value[0] == '"':
        return _double(value)
    if value[0] == "'":
        inner = value[1:-1]
        closed = len(value) > 1 and value[-1] == "'" and not re.search(r"(?<!')'(?:'')*(?!')", inner)
        return _folded(inner.replace("''", "'").split("\n")) if closed else None
    if value[0] in "|>":
        header = _BLOCK.match(value)
        lines = value[header.end() :].split("\n") if header else []
        return "\n".join(line.strip() for line in lines).strip() if value[0] == "|" and header else _folded(lines)
    if ": " in value or value.endswith(":") or value[0] in "-,[]":
        return None
    return _folded([re.split(r"(?:^|[ \t])#", line)[0] for line in value.split("\n")])


def _double(value: str) -> str | None:
    if len(value) < 2 or value[-1] != '"':
        return None
    inner = value[1:-1]
    bare = _ESCAPE.sub("", inner)
    if '"' in bare or "\\" in bare:
        return None
    joined = _folded(inner.split("\n")) if not re.search(r"\\\n", inner) else None
    return joined and _ESCAPE.sub(_unescaped, joined)


def _unescaped(match: re.Match[str]) -> str:
    code = match[0][1:]
    return _ESCAPES[code] if code in _ESCAPES else chr(min(int(code[1:], 16), 0x10FFFF))


def _folded(lines: Sequence[str]) -> str:
    return " ".join(line.strip() for line in lines if line.strip())
