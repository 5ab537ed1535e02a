"""Normalization: what two texts may differ in and still be the same text, and the hash of what remains."""

from __future__ import annotations

import hashlib
import re
import unicodedata

DIGEST_LENGTH = 12
"""Hexadecimal digits of SHA-256 that name a segment."""

BYTE_ORDER_MARK = "\ufeff"
_TRAILING_BLANKS = re.compile(r"(?<![ \t])[ \t]+$", re.MULTILINE)


def unify_line_ends(text: str) -> str:
    """The text without byte order mark, every line end a line feed."""
    text = text.removeprefix(BYTE_ORDER_MARK)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def normalize(text: str) -> str:
    """The text of a segment as it is hashed.

    Line ends become line feeds, the byte order mark goes, characters are composed (NFC), blanks at line ends go
    except a hard break, which becomes exactly two blanks. Blank lines around the segment go.
    """
    return unicodedata.normalize("NFC", normalize_code(text))


def normalize_code(text: str) -> str:
    """As :func:`normalize`, with the characters left as they are: two spellings of a letter differ in code."""
    text = unify_line_ends(text)
    if " \n" in text or "\t\n" in text or text.endswith((" ", "\t")):
        text = _TRAILING_BLANKS.sub(_hard_break, text)
    return text.strip("\n").removesuffix("  ")


def _hard_break(match: re.Match[str]) -> str:
    starts_line = match.start() == 0 or match.string[match.start() - 1] == "\n"
    return "  " if match.group().endswith("  ") and not starts_line else ""


def digest(text: str) -> str:
    """The first twelve hexadecimal digits of the SHA-256 of the normalized text."""
    return hashlib.sha256(normalize(text).encode("utf-8")).hexdigest()[:DIGEST_LENGTH]
