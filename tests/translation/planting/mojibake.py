"""Letters that a wrong codec spoiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.translation.planting.kinds import kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edgedocs.translation.segments import Segment
    from tests.translation.planting.corpus import CorpusPage

GROUP = "mojibake"
CODECS = ("cp1250", "cp1252", "cp1254", "latin-1", "gbk", "koi8-r", "shift_jis")


def _through(codec: str) -> Callable[[str], str]:
    """UTF-8 read as another encoding, what that cannot say dropped."""
    return lambda text: text.encode().decode(codec, errors="ignore")


def _lettered(page: CorpusPage) -> Iterator[Segment]:
    """Segments with letters beyond ASCII."""
    for _source, target in page.pairs:
        if sum(letter.isalpha() and not letter.isascii() for letter in target.text) >= 2:
            yield target


def _first_letters(text: str, change: Callable[[str], str], count: int = 2) -> str:
    """The text with its first ``count`` letters beyond ASCII changed."""
    changed = ""
    for letter in text:
        hit = count > 0 and letter.isalpha() and not letter.isascii()
        changed += change(letter) if hit else letter
        count -= hit
    return changed


def _plant(codec: str) -> None:
    @kind(GROUP, f"segment read as {codec}")
    def _(page: CorpusPage) -> Iterator[CorpusPage]:
        for target in _lettered(page):
            text, end = target.text.rstrip("\n"), "\n" * target.text.endswith("\n")
            yield page.with_segment(target, _through(codec)(text) + end)

    @kind(GROUP, f"page read as {codec}")
    def _(page: CorpusPage) -> Iterator[CorpusPage]:
        yield page.with_body(_through(codec)(page.body))


for _codec in CODECS:
    _plant(_codec)


@kind(GROUP, "one word read as cp1250")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in _lettered(page):
        word = next(word for word in target.text.split() if any(c.isalpha() and not c.isascii() for c in word))
        yield page.with_segment(target, target.text.replace(word, _through("cp1250")(word), 1))


@kind(GROUP, "replacement character")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in _lettered(page):
        yield page.with_segment(target, _first_letters(target.text, lambda _: "\ufffd", 1))


@kind(GROUP, "damaged twice")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    twice = lambda text: _through("cp1252")(_through("cp1252")(text))  # noqa: E731
    for target in _lettered(page):
        yield page.with_segment(target, "".join(twice(c) if not c.isascii() else c for c in target.text))


@kind(GROUP, "letters became question marks")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in _lettered(page):
        yield page.with_segment(target, _first_letters(target.text, lambda _: "?"))


@kind(GROUP, "one code page read as another")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    written, read = ("latin-1", "cp1250") if page.language == "et" else ("cp1250", "latin-1")
    for target in _lettered(page):
        letters = "".join(c.encode(written, errors="ignore").decode(read, errors="ignore") or c for c in target.text)
        if sum(map(str.__ne__, letters, target.text)) >= 2:
            yield page.with_segment(target, letters)
