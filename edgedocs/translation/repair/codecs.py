"""Codecs: encodings in which UTF-8 is read by mistake, and what that makes of it.

Reading never merges two byte strings into one text here: each character of these codecs stands for one sequence of
bytes only (tests/translation/repair/test_codecs.py looks at all of them). So where no byte was dropped, the text before
the damage is unique.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LOST = "\ufffd"
"""What a reader puts where it could not read a byte."""


@dataclass(frozen=True)
class Run:
    """A part of a text that is UTF-8 read in another encoding, as long as it goes.

    Args:
        start: where it starts in the damaged text.
        end: where it ends.
        damaged: the damaged text between.
        restored: the text before the damage.
    """

    start: int
    end: int
    damaged: str
    restored: str


class Codec(ABC):
    """An encoding in which UTF-8 is read by mistake."""

    name: str

    @property
    @abstractmethod
    def is_silent(self) -> bool:
        """Whether a reader that drops what it cannot read may drop whole characters, so that nothing shows it."""

    @abstractmethod
    def can_have_made(self, text: str) -> bool:
        """Whether the text can be UTF-8 that was read in this encoding, with or without loss.

        With two bytes a character, half of the bytes must be whole UTF-8: in East Asian text of its own few are.
        """

    @abstractmethod
    def runs(self, text: str) -> Iterator[Run]:
        """The parts of a text that are whole UTF-8 sequences in this encoding, from left to right."""

    @abstractmethod
    def damage(self, text: str) -> str:
        """What the text becomes when its UTF-8 is read in this encoding.

        Raises:
            UnicodeDecodeError: if a byte means nothing in it.
        """


class SingleByte(Codec):
    """An encoding with one byte a character.

    Args:
        name: as people call it.
        python: Python's codec.
        controls: whether bytes without a meaning are read as control characters, as browsers do.
    """

    def __init__(self, name: str, python: str, *, controls: bool = False) -> None:
        self.name = name
        self._meanings: dict[int, str] = {}
        self._bytes: dict[int, int] = {}
        for byte in range(0x80, 0x100):
            meaning = bytes([byte]).decode(python, "ignore") or (chr(byte) if controls else "")
            if meaning:
                self._meanings[byte] = meaning
                self._bytes[ord(meaning)] = byte

    @cached_property
    def dropped(self) -> tuple[int, ...]:
        """Bytes of UTF-8 without a meaning: a reader drops or replaces them.

        Empty where such a byte may start a character: then whole characters are dropped without a trace.
        """
        missing = [byte for byte in range(0x80, 0xF5) if byte not in self._meanings and byte not in (0xC0, 0xC1)]
        return tuple(missing) if all(byte < 0xC0 for byte in missing) else ()

    @cached_property
    def is_silent(self) -> bool:
        """See :attr:`Codec.is_silent`."""
        return any(byte not in self._meanings for byte in range(0xC2, 0xF5))

    def can_have_made(self, text: str) -> bool:
        """See :meth:`Codec.can_have_made`."""
        rest = self._sequences.sub("", text)
        if self.dropped:
            rest = self.torn.sub("", rest)
        return rest.replace(LOST, "").isascii()

    def meaning(self, byte: int) -> str:
        """The character of a byte beyond ASCII; empty if it has none."""
        return self._meanings.get(byte, "")

    def byte(self, character: str) -> int | None:
        """The byte that a character beyond ASCII stands for; None if it stands for none."""
        return self._bytes.get(ord(character))

    @cached_property
    def _sequences(self) -> re.Pattern[str]:
        tail = self._class(0x80, 0xBF)
        sequences = [
            self._class(0xC2, 0xDF) + tail,
            self._class(0xE0, 0xE0) + self._class(0xA0, 0xBF) + tail,
            self._class(0xE1, 0xEC) + tail + tail,
            self._class(0xED, 0xED) + self._class(0x80, 0x9F) + tail,
            self._class(0xEE, 0xEF) + tail + tail,
            self._class(0xF0, 0xF0) + self._class(0x90, 0xBF) + tail + tail,
            self._class(0xF1, 0xF3) + tail + tail + tail,
            self._class(0xF4, 0xF4) + self._class(0x80, 0x8F) + tail + tail,
        ]
        return re.compile(f"(?:{'|'.join(sequences)})+")

    @cached_property
    def torn(self) -> re.Pattern[str]:
        """The start of a sequence with bytes that may belong to it, whole or not; bytes may be replaced."""
        tail = self._class(0x80, 0xBF)[:-1] + LOST + "]"
        two, three, four = self._class(0xC2, 0xDF), self._class(0xE0, 0xEF), self._class(0xF0, 0xF4)
        return re.compile(f"{two}{tail}?|{three}{tail}{{0,2}}|{four}{tail}{{0,3}}")

    @cached_property
    def sequence(self) -> re.Pattern[str]:
        """A sequence by its lengths alone: quicker to look for than what is one in every respect."""
        tail = self._class(0x80, 0xBF)
        two, three, four = self._class(0xC2, 0xDF), self._class(0xE0, 0xEF), self._class(0xF0, 0xF4)
        return re.compile(f"{two}{tail}|{three}{tail}{{2}}|{four}{tail}{{3}}")

    def _class(self, first: int, last: int) -> str:
        known = [self._meanings[byte] for byte in range(first, last + 1) if byte in self._meanings]
        return f"[{''.join(map(re.escape, known))}]" if known else r"[^\s\S]"

    def runs(self, text: str) -> Iterator[Run]:
        """See :meth:`Codec.runs`."""
        for match in self._sequences.finditer(text):
            damaged = match.group()
            restored = bytes(self._bytes[ord(character)] for character in damaged).decode("utf-8")
            yield Run(match.start(), match.end(), damaged, restored)

    def damage(self, text: str) -> str:
        """See :meth:`Codec.damage`."""
        data = text.encode("utf-8")
        for place, byte in enumerate(data):
            if byte >= 0x80 and byte not in self._meanings:
                raise UnicodeDecodeError(self.name, data, place, place + 1, "no meaning")
        return "".join(chr(byte) if byte < 0x80 else self._meanings[byte] for byte in data)


_TOKENS = re.compile(rf"[^\x00-\x3f{LOST}]+")
_BEYOND = rb"(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})"
_WHOLE_TOKEN = re.compile(
    rb"(?<![\x40-\xff])[\x40-\x7f]*+" + _BEYOND + rb"(?:[\x40-\x7f]++|" + _BEYOND + rb")*+(?![\x40-\xff])"
)
"""Bytes without a blank, a digit or a line end that are UTF-8, not all of them ASCII."""


class MultiByte(Codec):
    """An encoding with one or two bytes a character, in which the second byte is at least 40₁₆.

    So damage never crosses a blank, a digit or a line end, and each part between those is looked at alone.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    @cached_property
    def is_silent(self) -> bool:
        """See :attr:`Codec.is_silent`."""
        pairs = (bytes([lead, tail]) for lead in range(0xC2, 0xF5) for tail in range(0x80, 0xC0))
        return any(len(pair.decode(self.name, "ignore")) != 1 for pair in pairs)

    def can_have_made(self, text: str) -> bool:
        """See :meth:`Codec.can_have_made`."""
        try:
            data = text.replace(LOST, "").encode(self.name)
        except UnicodeEncodeError:
            return False
        beyond = sum(byte >= 0x80 for byte in data)
        whole = data.decode("utf-8", "ignore").encode("utf-8")
        return 2 * sum(byte >= 0x80 for byte in whole) >= beyond

    def runs(self, text: str) -> Iterator[Run]:
        """See :meth:`Codec.runs`."""
        for match in _TOKENS.finditer(text):
            token = match.group()
            if token.isascii():
                continue
            try:
                restored = token.encode(self.name).decode("utf-8")
                if self.damage(restored) != token:
                    continue
            except UnicodeError:
                continue
            yield Run(match.start(), match.end(), token, restored)

    def may_have_runs(self, text: str) -> bool:
        """Whether :meth:`runs` may find something in the text, or in a part of it between backticks.

        No second byte is below 40₁₆, so the parts can be told in the bytes of the whole text; what the encoding does
        not have becomes a question mark, which divides.
        """
        data = text.replace("`", " ").encode(self.name, "replace")
        return _WHOLE_TOKEN.search(data) is not None

    def damage(self, text: str) -> str:
        """See :meth:`Codec.damage`."""
        return text.encode("utf-8").decode(self.name)

    def torn_tokens(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the parts are that this encoding has, but that are not whole UTF-8 in it."""
        for match in _TOKENS.finditer(text):
            token = match.group()
            if token.isascii():
                continue
            try:
                token.encode(self.name).decode("utf-8")
            except UnicodeEncodeError:
                continue
            except UnicodeDecodeError:
                yield match.span()


@cache
def codecs() -> tuple[Codec, ...]:
    """All codecs; of two that explain a text alike, the first is named."""
    return (
        SingleByte("cp1252", "cp1252"),
        SingleByte("latin-1", "latin-1"),
        SingleByte("cp1250", "cp1250"),
        SingleByte("iso-8859-2", "iso8859-2"),
        SingleByte("cp1254", "cp1254"),
        SingleByte("cp1251", "cp1251"),
        SingleByte("cp1257", "cp1257"),
        SingleByte("koi8-r", "koi8-r"),
        SingleByte("cp437", "cp437"),
        SingleByte("cp852", "cp852"),
        SingleByte("windows-1252", "cp1252", controls=True),
        SingleByte("windows-1250", "cp1250", controls=True),
        SingleByte("windows-1254", "cp1254", controls=True),
        MultiByte("gb2312"),
        MultiByte("gbk"),
        MultiByte("shift_jis"),
    )


@cache
def codec(name: str) -> Codec:
    """The codec of this name."""
    return next(known for known in codecs() if known.name == name)
