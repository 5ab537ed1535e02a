"""The kit that every translator must pass, whoever wrote it.

A test module derives from the class and gives the fixtures ``translator``, one that is ready, and ``request_for``, a
function that makes a request whose text the translator can translate.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from edgedocs.translation.masking import mask
from edgedocs.translation.translators import Answer, NotTranslated, Request, Translator, Usage, translators

RequestFor = Callable[[str], Request]


class TranslatorContract:
    def test_is_registered_by_its_name(self, translator: Translator) -> None:
        assert translator.name in translators.names()
        assert callable(translators.get(translator.name))

    def test_retries_are_counted(self, translator: Translator) -> None:
        assert 0 <= translator.retries <= 10

    def test_keeps_the_placeholders(self, translator: Translator, request_for: RequestFor) -> None:
        masked = mask("See `a` and [the text](b.md), not <br> `c`.\n")
        answer = translator.translate(request_for(masked.text))
        assert masked.problems(answer.text) == ()

    def test_answers_from_several_threads(self, translator: Translator, request_for: RequestFor) -> None:
        requests = [request_for(f"Sentence number {number} of many.") for number in range(16)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(translator.translate, requests))
        assert all(isinstance(answer, Answer) and answer.text.strip() for answer in answers)
        assert all(str(number) in answer.text for number, answer in enumerate(answers))

    def test_estimates_without_translating(self, translator: Translator, request_for: RequestFor) -> None:
        usage = translator.estimate(request_for("A sentence."))
        assert isinstance(usage, Usage)
        assert usage.sent >= 0
        assert usage.received >= 0

    def test_any_text_is_answered_or_refused(self, translator: Translator, request_for: RequestFor) -> None:
        for text in ("", " ", "⟦1⟧", "|", "«»", "\x00", "a" * 5_000, "مرحبا", "# -"):
            with suppress(NotTranslated):
                assert isinstance(translator.translate(request_for(text)), Answer)

    def test_can_be_closed_twice(self, translator: Translator) -> None:
        translator.close()
        translator.close()
