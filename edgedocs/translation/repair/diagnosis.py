"""Diagnosis: which codecs damaged a text, the text before, and what is lost.

The text is looked at by paragraphs, without code. A paragraph is damaged by a codec if there is strong evidence
(:mod:`.evidence`). If there is something in it that the codec cannot have made, a part was spared: then only words with
strong evidence are restored, and an East Asian codec must have much of it. One codec that explains all damaged
paragraphs is the one. If two would restore different texts, it is the one whose letters one language has; if that
decides nothing, it is said, and nothing is restored. What was restored is looked at again: damage may be twofold.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from edgedocs.pages.inline import code_spans
from edgedocs.translation.repair.alphabets import is_of_one_language
from edgedocs.translation.repair.codecs import LOST, Codec, MultiByte, Run, SingleByte, codecs
from edgedocs.translation.repair.evidence import greatest_strength, is_cyrillic, strength
from edgedocs.translation.repair.screening import possible, runs
from edgedocs.translation.repair.torn import candidates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_DEEPEST = 3
"""Codecs one after the other."""

_ENOUGH = 3
"""Characters of strong evidence with which a paragraph that was spared in part, or weak evidence elsewhere, counts."""

_ENOUGH_LETTERS = 8
"""Restored characters from which the letters of a language are told."""

_SUSPICIOUS = re.compile(rf"[^\x00-\x7f]{{2}}|[\u2e80-\u9fff\uff61-\uff9f{LOST}]")
_PARAGRAPH = re.compile(r"[^\n]*\S[^\n]*(?:\n[^\n]*\S[^\n]*)*")
_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f\U000f0000-\U000ffffd]")
"""Without the characters that stand for lost ones while records decide them."""

_CONTROL = re.compile(r"[\x80-\x9f]")
"""What no text has, but what bytes become in some encodings."""

_SPARED_LETTER = re.compile(r"[^\W\d_a-zA-Z]")
_LONGEST_WORD = 80
_NAMED = re.compile(r"U\+?FFFD|replacement character", re.IGNORECASE)


@dataclass(frozen=True)
class Loss:
    """A character that the bytes do not determine.

    Args:
        line: its line in the text, from 1.
        column: its place in the line, from 1.
        damaged: what is left of it.
        candidates: the characters it can have been; empty if it can have been any.
    """

    line: int
    column: int
    damaged: str
    candidates: tuple[str, ...]
    place: int = field(repr=False, default=0)


@dataclass(frozen=True)
class Diagnosis:
    """What happened to a text.

    Args:
        text: the text with every line restored that the bytes determine; the others as they were.
        chains: the codecs in the order in which they did the damage; several if parts have different ones.
        losses: characters that the bytes do not determine.
        ambiguous: codecs that explain the damage as well as each other and would restore different texts.
        lines: lines that are damaged, from 1.
        unproven: codecs that may have spoiled more than what was restored, and nothing in the text tells: they drop
            whole characters, or what was left as it is may be damage too.
    """

    text: str
    chains: tuple[tuple[str, ...], ...] = ()
    losses: tuple[Loss, ...] = ()
    ambiguous: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    unproven: tuple[str, ...] = ()

    @property
    def damaged(self) -> bool:
        """Whether anything is damaged."""
        return bool(self.lines)

    @property
    def repairable(self) -> bool:
        """Whether every character is known."""
        return not self.losses and not self.ambiguous and not self.unproven

    @property
    def codec(self) -> str | None:
        """The chains for people: ``cp1252``, ``cp1252 twice`` as ``cp1252 + cp1252``, parts separated by commas."""
        return ", ".join(" + ".join(chain) for chain in self.chains) or None


@dataclass(frozen=True)
class _Torn:
    start: int
    end: int
    candidates: tuple[str, ...]


@dataclass
class _Block:
    """A paragraph, or a line of a code block."""

    start: int
    text: str
    is_code: bool

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """Its code spans."""
        return code_spans(self.text) if "`" in self.text else []

    @cached_property
    def prose(self) -> str:
        """Its text with a blank for each character of code, so that places stay."""
        pieces, place = [], 0
        for start, end in self.spans:
            pieces += [self.text[place:start], " " * (end - start)]
            place = end
        return "".join([*pieces, self.text[place:]])


@dataclass(frozen=True)
class _Reading:
    """What a codec makes of a block."""

    codec: Codec
    runs: tuple[Run, ...]
    torn: tuple[_Torn, ...]
    strong: int
    impossible: int
    spared: int

    @property
    def uniform(self) -> bool:
        """Whether the codec can have made all of it."""
        return not self.spared and not self.impossible

    @property
    def damaged(self) -> bool:
        """Whether the codec did make it."""
        if self.uniform or _tells_words(self.codec):
            return self.strong > 0
        return self.strong >= _ENOUGH and self.strong >= 2 * (self.spared + self.impossible)

    @property
    def restored(self) -> tuple[tuple[int, str], ...]:
        """What it restores, to compare with another codec's."""
        certain = [(torn.start, torn.candidates[0]) for torn in self.torn if len(torn.candidates) == 1]
        return (*((run.start, run.restored) for run in self.runs), *certain)


def _tells_words(codec: Codec) -> bool:
    """Whether one damaged word is told from others: not where each letter of ordinary text may start a sequence."""
    return isinstance(codec, SingleByte) and not is_cyrillic(codec.meaning(0xC4))


def is_suspicious(text: str) -> bool:
    """Whether a text can be damaged at all; quick, and true of many texts that are not."""
    return not text.isascii() and _SUSPICIOUS.search(text) is not None


@lru_cache(maxsize=8)
def may_be_damaged(text: str) -> bool:
    """Whether there is evidence of damage, or a character is lost; quick, and true of some texts that are sound.

    Without a run that is strong evidence no paragraph is damaged. Runs are the same in the whole text as in the prose
    of a paragraph: what divides them is ASCII.
    """
    if not is_suspicious(text):
        return False
    if LOST in text or any(greatest_strength(text, run) == "strong" for run in runs(text)):
        return True
    return any(codec.may_have_runs(text) for codec in possible(text) if isinstance(codec, MultiByte))


def diagnose(text: str) -> Diagnosis:
    """What happened to a text. Takes time in proportion to its length."""
    found = _diagnose(text, ())
    if found.chains and not found.ambiguous:
        further = _further(found.text)
        return replace(found, unproven=tuple(dict.fromkeys((*found.unproven, *further))))
    return found


def _further(restored: str) -> tuple[str, ...]:
    """The codecs that can have made all of a restored text: it may have been damaged before, without evidence."""
    if _CONTROL.search(restored):
        return ("latin-1",)
    return tuple(codec.name for codec in codecs() if _shows(restored, codec) and codec.can_have_made(restored))


def _shows(text: str, codec: Codec) -> bool:
    """Whether there is a sequence of the codec in a text, or the start of one with a part of the rest."""
    if isinstance(codec, SingleByte):
        return any(len(match.group()) > 1 for match in codec.torn.finditer(text))
    return codec in possible(text)


def _diagnose(text: str, before: tuple[str, ...]) -> Diagnosis:
    if not may_be_damaged(text):
        return Diagnosis(text)
    blocks = [block for block in _blocks(text) if not block.text.isascii()]
    readings = _readings(blocks)
    chosen, ambiguous = _choose(readings, blocks)
    lines = _Lines(text)
    if ambiguous:
        places = [blocks[index].start + reading.runs[0].start for index, reading in chosen.items()]
        return Diagnosis(text, ambiguous=ambiguous, lines=tuple(sorted({lines.number(place) for place in places})))
    pieces = _Pieces(text)
    losses: list[Loss] = []
    damaged: set[int] = set()
    for index, block in enumerate(blocks):
        reading = chosen.get(index)
        for start, end, options in _losses(block, reading):
            place = block.start + start
            line, column = lines.position(place)
            losses.append(Loss(line, column, text[place : block.start + end], options, place))
            damaged.add(line)
    unsettled = {loss.line for loss in losses}
    for index, reading in chosen.items():
        block = blocks[index]
        certain = [(torn.start, torn.end, torn.candidates[0]) for torn in reading.torn if len(torn.candidates) == 1]
        for start, end, restored in [*((run.start, run.end, run.restored) for run in reading.runs), *certain]:
            line = lines.number(block.start + start)
            damaged.add(line)
            if line not in unsettled:
                pieces.replace(block.start + start, block.start + end, restored)
    names = list(Counter(reading.codec.name for reading in chosen.values()))
    chains = tuple((name,) for name in names)
    unproven = _unproven(text, blocks, chosen) or _undecided(readings, chosen)
    found = Diagnosis(pieces.text(), chains, tuple(losses), lines=tuple(sorted(damaged)), unproven=unproven)
    deeper = found.damaged and not losses and len(names) == 1 and len(before) + 1 < _DEEPEST
    return _with_inner(found, _diagnose(found.text, (*before, names[0]))) if deeper else found


def _with_inner(outer: Diagnosis, inner: Diagnosis) -> Diagnosis:
    """The diagnosis of a text that was damaged twice. Lines stay: no codec here makes or takes one."""
    if not inner.damaged:
        return outer
    chains = tuple((*chain, *outer.chains[0]) for chain in inner.chains) or outer.chains
    unproven = tuple(dict.fromkeys((*inner.unproven, *outer.unproven)))
    return replace(inner, chains=chains, lines=tuple(sorted({*outer.lines, *inner.lines})), unproven=unproven)


def _undecided(readings: Sequence[dict[str, _Reading]], chosen: dict[int, _Reading]) -> tuple[str, ...]:
    """Codecs that agree where the evidence is strong, and would restore something else where it is weak."""
    strong = [index for index, reading in chosen.items() if reading.damaged]
    weak = [index for index, reading in chosen.items() if not reading.damaged]
    found = [
        name
        for name in {name for index in weak for name in readings[index]}
        if all(name in readings[i] and readings[i][name].restored == chosen[i].restored for i in strong)
        and any(name in readings[i] and readings[i][name].restored != chosen[i].restored for i in weak)
    ]
    return tuple(sorted(found))


def _unproven(text: str, blocks: Sequence[_Block], chosen: dict[int, _Reading]) -> tuple[str, ...]:
    """The codecs that may have spoiled more than is restored.

    What a reading leaves is no damage if the codec cannot have made it; then the damage did not go through all of the
    paragraph, or of the file. Where the codec can have made all, what is left may be damage as well; and so it may
    where another codec can have made all.
    """
    names = {reading.codec.name: reading.codec for reading in chosen.values()}
    found = {name for name, codec in names.items() if codec.is_silent}
    left_elsewhere = False
    for index, block in enumerate(blocks):
        reading = chosen.get(index)
        if reading is None:
            left_elsewhere = left_elsewhere or _BEYOND_ASCII.search(block.text) is not None
            continue
        left = _BEYOND_ASCII.search(_without(block.text, (*reading.runs, *reading.torn)).replace(LOST, ""))
        if left and reading.codec.can_have_made(block.text):
            found.add(reading.codec.name)
        if not reading.uniform and any(codec.can_have_made(block.text) for codec in possible(block.text)):
            found.add(reading.codec.name)
    if left_elsewhere:
        found |= {name for name, codec in names.items() if codec.can_have_made(text)}
    return tuple(name for name in names if name in found)


def _readings(blocks: Sequence[_Block]) -> list[dict[str, _Reading]]:
    """For each block, what each codec makes of its prose, if anything."""
    found = []
    for block in blocks:
        looked_at = () if block.is_code or not is_suspicious(block.prose) else possible(block.prose)
        readings = [_read(block.prose, codec) for codec in looked_at]
        found.append({reading.codec.name: reading for reading in readings if reading.runs})
    return found


def _choose(
    readings: Sequence[dict[str, _Reading]], blocks: Sequence[_Block]
) -> tuple[dict[int, _Reading], tuple[str, ...]]:
    """The reading of each damaged block; or that of some with the codecs between which nothing decides."""
    damaged = [index for index, found in enumerate(readings) if any(reading.damaged for reading in found.values())]
    if not damaged:
        return {}, ()
    uniform = [codec.name for codec in codecs() if all(_is_uniform(readings[index], codec.name) for index in damaged)]
    fewest = min((_torn(readings, damaged, name) for name in uniform), default=0)
    uniform = [name for name in uniform if _torn(readings, damaged, name) == fewest]
    texts = {tuple(readings[index][name].restored for index in damaged): name for name in reversed(uniform)}
    likely = [restored for restored in texts if _is_likely(restored)]
    if len(texts) > 1 and len(likely) == 1:
        texts = {likely[0]: texts[likely[0]]}
    if len(texts) > 1:
        return {index: readings[index][uniform[0]] for index in damaged}, tuple(reversed(texts.values()))
    if texts:
        winner = next(iter(texts.values()))
        chosen = {index: readings[index][winner] for index in damaged}
    else:
        chosen, ambiguous = _choose_each(readings, damaged)
        if ambiguous:
            return chosen, ambiguous
    if len({reading.codec.name for reading in chosen.values()}) == 1:
        chosen = _with_others(chosen, blocks)
    return chosen, ()


def _with_others(chosen: dict[int, _Reading], blocks: Sequence[_Block]) -> dict[int, _Reading]:
    """The readings with those of paragraphs that show it only because the codec is known, and of code."""
    codec = next(iter(chosen.values())).codec
    found = dict(chosen)
    if sum(reading.strong for reading in chosen.values()) >= _ENOUGH:
        for index, block in enumerate(blocks):
            if index not in chosen and not block.is_code:
                reading = _read(block.prose, codec, known=True)
                if reading.uniform and (reading.runs or reading.torn):
                    found[index] = reading
    spared = any(
        _BEYOND_ASCII.search(block.prose)
        for index, block in enumerate(blocks)
        if index not in found and not block.is_code
    )
    return _with_code(found, blocks, codec, everywhere=not spared)


def _is_likely(restored: Sequence[Sequence[tuple[int, str]]]) -> bool:
    """Whether what two codecs would restore differently has this time the letters of one language, and enough."""
    text = "".join(piece for block in restored for _, piece in block)
    return len(text) >= _ENOUGH_LETTERS and is_of_one_language(text)


def _choose_each(
    readings: Sequence[dict[str, _Reading]], damaged: Iterable[int]
) -> tuple[dict[int, _Reading], tuple[str, ...]]:
    """As :func:`_choose`, where no codec explains all: each block by itself."""
    best: dict[int, list[_Reading]] = {}
    for index in damaged:
        found = [reading for reading in readings[index].values() if reading.damaged]
        rank = min(map(_rank, found))
        best[index] = [reading for reading in found if _rank(reading) == rank]
    votes = Counter(r.codec.name for found in best.values() if len({r.restored for r in found}) == 1 for r in found)
    chosen: dict[int, _Reading] = {}
    for index, found in best.items():
        most = max(votes[reading.codec.name] for reading in found)
        likely = [reading for reading in found if votes[reading.codec.name] == most]
        if len({reading.restored for reading in likely}) > 1:
            return {index: likely[0]}, tuple(reading.codec.name for reading in likely)
        chosen[index] = likely[0]
    return chosen, ()


def _rank(reading: _Reading) -> tuple[int, int, int]:
    return reading.spared + reading.impossible, len(reading.torn), -reading.strong


def _is_uniform(found: dict[str, _Reading], name: str) -> bool:
    return name in found and found[name].uniform


def _torn(readings: Sequence[dict[str, _Reading]], blocks: Iterable[int], name: str) -> int:
    return sum(len(readings[index][name].torn) for index in blocks)


def _with_code(
    chosen: dict[int, _Reading], blocks: Sequence[_Block], codec: Codec, *, everywhere: bool
) -> dict[int, _Reading]:
    """The readings with the code in and between damaged paragraphs, where the damage went through all of it."""
    found = dict(chosen)
    for index, block in enumerate(blocks):
        if (everywhere and index not in chosen) or (index in chosen and block.spans and chosen[index].uniform):
            reading = _read(block.text, codec, known=True)
            if reading.uniform and reading.runs:
                found[index] = reading
    return found


def _read(text: str, codec: Codec, *, known: bool = False) -> _Reading:
    """What a codec makes of a text.

    Args:
        text: the text.
        codec: the codec.
        known: whether it is known to have damaged the text around; then torn characters need no evidence beside them.
    """
    runs, certain, strong, impossible = [], [], 0, 0
    for run in codec.runs(text):
        found = strength(text, run)
        beyond = len(_BEYOND_ASCII.findall(run.restored))
        if found == "none" or (found == "strong" and _has_counterpart(text, run)):
            impossible += beyond
            continue
        if found == "strong":
            strong += beyond
            certain.append(run)
        runs.append(run)
    if not runs and not known:
        return _Reading(codec, (), (), 0, impossible, 0)
    left = _without(text, runs)
    torn = tuple(_find_torn(left, codec)) if strong or known else ()
    spared = len(_BEYOND_ASCII.findall(left)) - impossible - _explained(left, torn)
    if (spared or impossible) and _tells_words(codec):
        spoilt = {_word(text, Run(m.start(), m.end(), "", "")) for m in _SPARED_LETTER.finditer(left)}
        spoilt -= {_word(text, Run(t.start, t.end, "", "")) for t in torn}
        certain = [run for run in certain if _word(text, run) not in spoilt]
        strong = sum(len(_BEYOND_ASCII.findall(run.restored)) for run in certain)
        words = {_word(text, run) for run in certain}
        runs = [run for run in runs if _word(text, run) in words]
        torn = tuple(t for t in torn if _word(text, Run(t.start, t.end, "", "")) in words)
        spared = len(_BEYOND_ASCII.findall(left)) - impossible - _explained(left, torn)
    return _Reading(codec, tuple(runs), torn, strong, impossible, spared)


def _explained(left: str, torn: Iterable[_Torn]) -> int:
    """Characters beyond ASCII that are torn or lost."""
    covered = sum(len(_BEYOND_ASCII.findall(left[t.start : t.end])) for t in torn)
    return covered + left.count(LOST) - sum(left.count(LOST, t.start, t.end) for t in torn)


def _word(text: str, run: Run) -> int:
    """Where the word of a run starts."""
    start = run.start
    while start and run.start - start < _LONGEST_WORD and text[start - 1] not in " \n\t/([{":
        start -= 1
    return start


def _without(text: str, runs: Iterable[Run | _Torn]) -> str:
    rest = _Pieces(text)
    for run in runs:
        rest.replace(run.start, run.end, " " * (run.end - run.start))
    return rest.text()


def _has_counterpart(text: str, run: Run) -> bool:
    """Whether the restored word stands in the paragraph too: the text shows what damage looks like."""
    first = max(run.start - 40, 0)
    start = max(text.rfind(" ", first, run.start), text.rfind("\n", first, run.start), first - 1) + 1
    word = text[start : run.start] + run.restored
    return len(word) > 2 and not word.isascii() and len(text) < 10_000 and word in text


def _find_torn(text: str, codec: Codec) -> Iterator[_Torn]:
    if isinstance(codec, MultiByte):
        yield from (_Torn(start, end, ()) for start, end in codec.torn_tokens(text))
    elif isinstance(codec, SingleByte) and codec.dropped:
        known: dict[str, tuple[str, ...]] = {}
        for match in codec.torn.finditer(text):
            piece = match.group()
            if piece not in known:
                known[piece] = candidates(codec, piece)
            if known[piece]:
                yield _Torn(match.start(), match.end(), known[piece])


def _losses(block: _Block, reading: _Reading | None) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    torn = reading.torn if reading else ()
    yield from ((t.start, t.end, t.candidates) for t in torn if len(t.candidates) != 1)
    if LOST not in block.text or block.is_code or _NAMED.search(block.prose):
        return
    covered = {place for t in torn for place in range(t.start, t.end)}
    for match in re.finditer(LOST, block.prose):
        if match.start() not in covered and not _is_shown(block.prose, match.start()):
            yield match.start(), match.end(), ()


def _is_shown(text: str, place: int) -> bool:
    """Whether a sign stands alone in quotation marks or brackets."""
    return text[place - 1 : place] in tuple("\"'“”„‚‘«»(‹›") and text[place + 1 : place + 2] in tuple("\"'“”‘’«»)‹›")


def _blocks(text: str) -> Iterator[_Block]:
    fence = ""
    for match in _PARAGRAPH.finditer(text):
        content, start = match.group(), match.start()
        if not fence and "```" not in content and "~~~" not in content:
            yield _Block(start, content, is_code=False)
            continue
        prose_start = start
        place = start
        for line in content.split("\n"):
            mark = _FENCE.match(line)
            inside = bool(fence)
            if mark and not fence:
                if place > prose_start:
                    yield _Block(prose_start, text[prose_start : place - 1], is_code=False)
                fence = mark[1]
                yield _Block(place, line, is_code=True)
            elif mark and mark[1][0] == fence[0] and len(mark[1]) >= len(fence) and not line[mark.end() :].strip():
                fence = ""
                yield _Block(place, line, is_code=True)
                prose_start = place + len(line) + 1
            elif inside:
                yield _Block(place, line, is_code=True)
            place += len(line) + 1
        if not fence and place > prose_start:
            yield _Block(prose_start, text[prose_start : place - 1], is_code=False)


class _Lines:
    """Which line a place is on."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def number(self, place: int) -> int:
        return bisect.bisect_right(self._starts, place)

    def position(self, place: int) -> tuple[int, int]:
        line = self.number(place)
        return line, place - self._starts[line - 1] + 1


class _Pieces:
    """A text with replacements, put together once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._replacements: list[tuple[int, int, str]] = []

    def replace(self, start: int, end: int, text: str) -> None:
        self._replacements.append((start, end, text))

    def text(self) -> str:
        pieces, place = [], 0
        for start, end, replacement in sorted(self._replacements):
            pieces += [self._text[place:start], replacement]
            place = end
        return "".join([*pieces, self._text[place:]])
