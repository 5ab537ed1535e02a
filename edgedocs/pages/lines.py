"""Lines: cutting a text at its line ends, and the columns before a line's text."""

from __future__ import annotations

import re

TAB = 4
"""Columns; Python-Markdown expands tabs to multiples of four."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def split_lines(text: str) -> list[str]:
    r"""The lines of ``text`` with their ends, which are ``\n``, ``\r\n`` or ``\r`` and nothing else."""
    if "\r" in text:
        return _LINE.findall(text)
    *lines, last = text.split("\n")
    found = [f"{line}\n" for line in lines]
    return [*found, last] if last else found


def without_end(line: str) -> str:
    """The line without its line end."""
    return line.rstrip("\r\n")


def is_blank(line: str) -> bool:
    """Whether the line holds blanks only."""
    return not line.strip(" \t\r\n\ufeff")


def indentation(line: str) -> int:
    """Columns before the line's first character that is no blank."""
    text = line.lstrip(" ")
    columns = len(line) - len(text)
    if not text.startswith(("\t", "\ufeff")):
        return columns
    for character in text:
        if character == " ":
            columns += 1
        elif character == "\t":
            columns += TAB - columns % TAB
        elif character != "\ufeff":
            break
    return columns


def dedent(line: str, columns: int) -> str:
    """The line without up to ``columns`` leading columns of blanks; of a tab that reaches beyond, spaces stay."""
    taken = 0
    for position, character in enumerate(line):
        if taken >= columns or character not in " \t":
            return " " * (taken - columns) + line[position:]
        taken += 1 if character == " " else TAB - taken % TAB
    return ""
