"""Planning: what must be done so that a page is in step, as the one classifier says."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgedocs.core import files
from edgedocs.core.errors import BadInput, EdgeDocsError
from edgedocs.pages.scanner import scan
from edgedocs.translation import glossary
from edgedocs.translation.interop import footers, notebooks
from edgedocs.translation.language import bare
from edgedocs.translation.masking import mask
from edgedocs.translation.overview import overview
from edgedocs.translation.pairs import PageContext, pair_by_place
from edgedocs.translation.segments import Segment
from edgedocs.translation.status import PageStatus, SourcePage, status_of
from edgedocs.translation.sync.journal import Key, key
from edgedocs.translation.sync.placing import Places
from edgedocs.translation.sync.wording import Wording, wording
from edgedocs.translation.translated_page import TranslatedPage
from edgedocs.translation.translators.base import Request, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edgedocs.translation.classification import SegmentStatus
    from edgedocs.translation.translators.base import Translator
    from edgedocs.translation.tree import Tree

TRANSLATED = frozenset({"stale", "missing", "failed"})
"""States of segments that are translated."""

_PLACEHOLDER = re.compile(r"⟦[0-9]+⟧")
_NAME = re.compile(r"[ \t]*\[(?P<name>[^\]^][^\]]*)\]:")
_CONTEXT_LENGTH = 1000


@dataclass(frozen=True)
class Task:
    """A segment to translate.

    Args:
        segment: of the source.
        wording: what of it is translated.
        request: what a translator is asked.
    """

    segment: Segment
    wording: Wording
    request: Request


@dataclass(frozen=True)
class Work:
    """A page in one language, as it is now.

    Args:
        context: language, page and glossary.
        source: the page; None if it is gone.
        text: what the file of its translation says; None if there is none.
        translation: the translated page; None if there is none.
        status: what the classifier says.
        path: file of the translation.
    """

    context: PageContext
    source: SourcePage | None
    text: str | None = field(repr=False)
    translation: TranslatedPage | None = field(repr=False)
    status: PageStatus = field(repr=False)
    path: Path

    @classmethod
    def load(cls, tree: Tree, context: PageContext, folder: str) -> Work:
        """Read both files and compare them.

        Raises:
            BadInput: if one of them cannot be read.
        """
        source_path, path = tree.source_path(context.page), tree.translation_path(folder, context.page)
        source = SourcePage.load(source_path) if source_path.is_file() else None
        if not path.is_file():
            segments = source.outline.segments if source else ()
            return cls(context, source, None, None, _missing(segments), path)
        text = files.read_text(path)
        translation = TranslatedPage.parse(notebooks.page_text(text, path), path.as_posix())
        return cls(context, source, text, translation, status_of(source, translation, path.as_posix()), path)

    @cached_property
    def source_text(self) -> str:
        """The source as a page; a notebook as the page that it is."""
        return notebooks.page_text(self.source.text, self.source.path) if self.source else ""

    @cached_property
    def body(self) -> tuple[str, str]:
        """What readers see of the translation, and the footer on how it was made."""
        return footers.split(self.translation.body) if self.translation else ("", "")

    @cached_property
    def previous(self) -> dict[int, Segment]:
        """The translations that earlier versions of segments had, by the lines of the segments."""
        found = {s.source.line: s.target for s in self.status.segments if s.source and s.target}
        if self.source and self.translation and not self.status.recorded:
            pairs = pair_by_place(self.source.outline, self.translation.outline(self.path.as_posix()))
            found |= {source.line: target for source, target in pairs}
        return found

    @property
    def is_settled(self) -> bool:
        """Whether a machine has nothing to do here: all is in step, or what is not waits for a person."""
        if self.needs_import:
            return True
        states = {segment.state for segment in self.status.segments}
        by_machine = states & {*TRANSLATED, "moved", "orphan"}
        return (
            not by_machine
            and all(difference.check != "fixed" for difference in self.status.differences)
            and self.text is not None
        )

    @property
    def needs_import(self) -> bool:
        """Whether there is a translation without records: what of it a person wrote is not known."""
        return self.translation is not None and self.translation.records is None

    @property
    def waiting(self) -> list[SegmentStatus]:
        """The segments to translate."""
        return [s for s in self.status.segments if s.source is not None and s.state in TRANSLATED]

    def tasks(self) -> dict[Key, Task]:
        """What to ask a translator; segments that can have one translation are asked about once."""
        if self.source is None or self.is_settled:
            return {}
        segments = self.source.outline.segments
        numbers = {segment.line: number for number, segment in enumerate(segments)}
        found: dict[Key, Task] = {}
        for status in self.waiting:
            segment = status.source
            if segment is None or key(segment) in found:
                continue
            words = wording(segment, self.names)
            number = numbers[segment.line]
            request = Request(
                self.context.language,
                self.context.page,
                segment.kind,
                words.masked.text,
                before=_shown(segments[number - 1]) if number else "",
                after=_shown(segments[number + 1]) if number + 1 < len(segments) else "",
                previous=self._previous(segment, words) if words.has_words else "",
                terms=tuple(glossary_terms(words.masked.text, self.context)),
            )
            found[key(segment)] = Task(segment, words, request)
        return found

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of the addresses that the source defines."""
        blocks = scan(self.source_text) if "]:" in self.source_text else []
        found = (_NAME.match(block.text) for block in blocks if block.kind == "reference")
        return frozenset(match["name"] for match in found if match)

    @cached_property
    def places(self) -> Places:
        """The places of the source's segments."""
        return Places(self.source_text)

    def _previous(self, segment: Segment, words: Wording) -> str:
        """An earlier translation, its code and addresses shown as the placeholders that the request has for them."""
        target = self.previous.get(segment.line)
        if target is None or target.kind == "front-matter":
            return ""
        masked = mask(target.text, self.names)
        numbers = {token: number for number, token in enumerate(words.masked.tokens, start=1)}
        shown = [f"⟦{numbers[token]}⟧" if token in numbers else "…" for token in masked.tokens]
        return _PLACEHOLDER.sub(lambda match: shown[int(match[0][1:-1]) - 1], masked.text)


def _missing(segments: Sequence[Segment]) -> PageStatus:
    from edgedocs.translation.classification import SegmentStatus

    return PageStatus("missing", tuple(SegmentStatus("missing", segment, None) for segment in segments))


def _shown(segment: Segment) -> str:
    """A neighbour, for context: what is masked in it is left out."""
    return _PLACEHOLDER.sub("…", mask(segment.text[:_CONTEXT_LENGTH]).text)


def glossary_terms(text: str, context: PageContext) -> Iterator[glossary.Term]:
    """The terms of the glossary that occur in a text."""
    plain = text.casefold()
    for term in context.glossary:
        wanted = term.term.casefold()
        if wanted in plain and re.search(rf"(?<!\w){re.escape(wanted)}", plain):
            yield term


@dataclass
class Plan:
    """What sync would do for one language.

    Args:
        language: its code.
        pages: how many pages have something to do.
        segments: how many segments are in each state, over these pages.
        translate: how many segments a translator is asked about.
        usage: what that takes, about.
        errors: why pages cannot be read.
    """

    language: str
    pages: int = 0
    segments: Counter[str] = field(default_factory=Counter)
    translate: int = 0
    usage: Usage = field(default_factory=Usage)
    errors: list[EdgeDocsError] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The plan as JSON-ready data."""
        return {
            "language": self.language,
            "pages": self.pages,
            "segments": dict(sorted(self.segments.items())),
            "translate": self.translate,
            "tokens": {"sent": self.usage.sent, "received": self.usage.received},
            "cost": self.usage.cost,
        }


@dataclass(frozen=True)
class Due:
    """A page that is not in step, or cannot be read.

    Args:
        language: folder of the language.
        page: name of the page.
        status: what the classifier says.
    """

    language: str
    page: str
    status: PageStatus


def due(tree: Tree, languages: Sequence[str], pages: Sequence[str]) -> list[Due]:
    """The pages that are not in step, by the one classifier.

    Args:
        tree: source and translations.
        languages: codes; all of the tree's if empty.
        pages: names; all if empty.

    Raises:
        BadInput: if there is no such language.
    """
    found = overview(tree, languages)
    wanted = set(pages)
    return [
        Due(entry.language, entry.page, entry.status)
        for entry in found.entries
        if entry.status.state != "fresh" and (not wanted or entry.page in wanted)
    ]


def contexts(tree: Tree, languages: Sequence[str]) -> dict[str, PageContext]:
    """What is known of each language; the page is set later.

    Raises:
        BadInput: if a file about a language is malformed.
    """
    known = set(tree.languages())
    spoken = {code: tree.language(code) if code in known else bare(code) for code in languages}
    return {code: PageContext(spoken[code], "", glossary.load(tree.translations / code)) for code in languages}


def plans(tree: Tree, found: Sequence[Due], translator: Translator) -> list[Plan]:
    """What sync would do, and what it would take, by language. Nothing is written and no translator asked."""
    known = contexts(tree, sorted({entry.language for entry in found}))
    made = {code: Plan(code) for code in known}
    for entry in found:
        plan = made[entry.language]
        base = known[entry.language]
        try:
            work = Work.load(tree, PageContext(base.language, entry.page, base.glossary), entry.language)
        except EdgeDocsError as error:
            plan.segments["unreadable"] += 1
            plan.errors.append(error)
            continue
        tasks = [task for task in work.tasks().values() if task.wording.has_words]
        if work.needs_import:
            plan.segments["not imported"] += len(work.status.segments)
            continue
        plan.pages += not work.is_settled
        plan.segments.update({s: n for s, n in work.status.counts.items() if s not in ("fresh", "edited")})
        plan.translate += len(tasks)
        for task in tasks:
            plan.usage = plan.usage + translator.estimate(task.request)
    return list(made.values())


def require_languages(tree: Tree, languages: Sequence[str]) -> list[str]:
    """The folders of the languages; all of the tree's if none is named.

    Raises:
        BadInput: if the tree lacks one; the message says how to add it.
    """
    known = tree.languages()
    if not languages and not known:
        raise BadInput(
            "no translations here",
            where=tree.translations,
            expected="a folder for each language",
            remedy="add a language: edgedocs translate add-language CODE",
        )
    codes = []
    for code in languages:
        try:
            codes.append(tree.require_language(code))
        except BadInput as error:
            remedy = f"add it: edgedocs translate add-language {code}"
            raise BadInput(error.what, where=error.where, expected=error.expected, remedy=remedy) from error
    return codes or known
