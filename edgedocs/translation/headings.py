"""Headings: the words of a heading, and the anchors that site generators make of them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_MARKS = re.compile(r"^[ \t>]{0,12}#{1,6}[ \t]*|[ \t]#{1,6}[ \t]*$")
_UNDERLINE = re.compile(r"\n[ \t]*(?:=+|-+)[ \t]*$")
_ATTRIBUTES = re.compile(r"\{:?[^{}\n]*\}[ \t#]*$")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_TAG = re.compile(r"<[^<>]*>")
_EMPHASIS = re.compile(r"[*`~]|(?<!\w)_|_(?!\w)")


@lru_cache(maxsize=4096)
def heading_words(text: str) -> str:
    """What readers see of a heading: without marks, attributes, tags and addresses."""
    words = _UNDERLINE.sub("", text.rstrip())
    words = _ATTRIBUTES.sub("", words).rstrip()
    words = _MARKS.sub("", words)
    words = _TAG.sub("", _LINK.sub(r"\1", words))
    return " ".join(_EMPHASIS.sub("", words).split())


@lru_cache(maxsize=4096)
def slugs(words: str) -> frozenset[str]:
    """The anchors that a heading may get: of Python-Markdown, with letters beyond ASCII or without, and of GitHub."""
    decomposed = unicodedata.normalize("NFKD", words)
    ascii_only = _slug(decomposed.encode("ascii", "ignore").decode("ascii"))
    lowered = words.lower()
    github = re.sub(r"[^\w\- ]", "", lowered).replace(" ", "-")
    return frozenset({ascii_only, _slug(words), _slug(decomposed), github, _bare(github)} - {""})


def _slug(words: str) -> str:
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", words).strip().lower())


def _bare(slug: str) -> str:
    """A slug without hyphens at its ends, as some links to headings with emoji have it."""
    return slug.strip("-")
