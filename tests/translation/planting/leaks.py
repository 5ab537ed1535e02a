"""What belongs to the making of a translation and not into it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.translation.planting.corpus import wordings
from tests.translation.planting.kinds import kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.translation.segments import Segment
    from tests.translation.planting.corpus import CorpusPage

GROUP = "leaks"


def _paragraphs(page: CorpusPage) -> Iterator[Segment]:
    return (target for target in page.outline.segments if target.kind == "paragraph" and not target.place)


def _in_place_of_code(page: CorpusPage, placeholder: str) -> Iterator[CorpusPage]:
    for target in page.outline.segments:
        if target.kind in ("paragraph", "list-item") and (code := re.search(r"`[^`\n]+`", target.text)):
            yield page.with_segment(target, target.text[: code.start()] + placeholder + target.text[code.end() :])


def _before(page: CorpusPage, text: str, end: str = " ") -> Iterator[CorpusPage]:
    for target in _paragraphs(page):
        yield page.with_segment(target, f"{text}{end}{target.text}")


def _after(page: CorpusPage, text: str) -> Iterator[CorpusPage]:
    for target in _paragraphs(page):
        yield page.with_segment(target, f"{target.text.rstrip()}\n\n{text}\n")


@kind(GROUP, "placeholder @@CODE_1@@")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _in_place_of_code(page, "@@CODE_1@@")


@kind(GROUP, "placeholder ⟦1⟧")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _in_place_of_code(page, "⟦1⟧")


@kind(GROUP, "placeholder __INLINE_CODE_0__")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _in_place_of_code(page, "__INLINE_CODE_0__")


@kind(GROUP, "placeholder beside the text")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in _paragraphs(page):
        for placeholder in ("⟦2⟧", "{{LINK_3}}"):
            if " " in target.text:
                yield page.with_segment(target, target.text.replace(" ", f" {placeholder} ", 1))


@kind(GROUP, "prompt before the text")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    names = {"cs": "Czech", "et": "Estonian", "pl": "Polish", "sl": "Slovenian"}
    prompt = f"Translate the following text into {names[page.language]}. Keep the Markdown as it is."
    yield from _before(page, prompt, "\n\n")


@kind(GROUP, "prompt after the text")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _after(page, "Please return only the translated Markdown, without explanations.")


@kind(GROUP, "English preamble")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _before(page, "Here is the translation:", "\n\n")
    yield from _before(page, "Sure! Here's the translated text:", " ")


@kind(GROUP, "preamble in the language")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _before(page, wordings()["preamble"][page.language], " ")
    yield from _before(page, wordings()["preamble"][page.language], "\n\n")


@kind(GROUP, "note of the translator")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _after(page, "Note: I kept the code unchanged, as you asked.")
    yield from _after(page, "Let me know if you would like me to adjust the translation!")


@kind(GROUP, "English disclaimer in the middle")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _after(page, wordings()["disclaimer"]["en"])


@kind(GROUP, "disclaimer of the language in the middle")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _after(page, wordings()["disclaimer"][page.language])


@kind(GROUP, "refusal in place of the text")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in _paragraphs(page):
        yield page.with_segment(target, "I'm sorry, but I can't help with that request.\n")


@kind(GROUP, "thoughts of a model")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    yield from _before(page, "<think>The user wants a translation. I keep the code.</think>", "\n\n")


@kind(GROUP, "text in a fence of its own")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in _paragraphs(page):
        yield page.with_segment(target, f"```markdown\n{target.text.rstrip()}\n```\n")


@kind(GROUP, "text twice")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in _paragraphs(page):
        yield page.with_segment(target, f"{target.text}\n{target.text}")


@kind(GROUP, "model repeats itself")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in _paragraphs(page):
        sentence = target.text.rstrip().split(". ")[-1]
        if len(sentence.split()) > 4:
            yield page.with_segment(target, f"{target.text.rstrip()} {' '.join([sentence] * 6)}\n")


@kind(GROUP, "mark of a chat template")
def _(page: CorpusPage) -> Iterator[CorpusPage]:
    for target in _paragraphs(page):
        yield page.with_segment(target, f"{target.text.rstrip()}<|im_end|>\n")
