"""The translator ``openai``: any server that speaks OpenAI's chat completions.

llama.cpp's server, llama-cpp-python's, Ollama, vLLM, Foundry Local, or a hosted service. Nothing is sent anywhere but
to the endpoint that was given. Whether an answer is a translation is judged by the checks, not here.
"""

from __future__ import annotations

import math

from edgedocs.core.errors import BadInput
from edgedocs.translation.endpoint import Address, Budget, ChatClient, Patience, Price, RateLimiter
from edgedocs.translation.endpoint.prompt import LARGEST_TEXT, answer, messages
from edgedocs.translation.endpoint.tokens import MESSAGE, RECEIVED_PER_SENT, estimate, least_answer, longest_answer
from edgedocs.translation.translators.base import Answer, NotTranslated, Request, Settings, Translator, Usage


class OpenAITranslator(Translator):
    """Asks a model behind an OpenAI-compatible endpoint.

    Args:
        settings: ``endpoint`` is required; ``model`` where the server has several.
        patience: how often and after what time a request is tried again.

    Raises:
        BadInput: if the endpoint is missing or may not be used, or a number cannot be right.
        CannotRun: if the package httpcore is missing.
    """

    name = "openai"

    def __init__(self, settings: Settings, patience: Patience | None = None) -> None:
        if not settings.endpoint:
            raise BadInput(
                "no endpoint was given: this translator sends text to a server, so you say to which",
                where="translator openai",
                expected="--endpoint with the base address of a server, such as http://127.0.0.1:8080/v1",
            )
        _require_positive("--timeout", settings.timeout, zero=False)
        _require_positive("--requests-per-minute", settings.requests_per_minute, zero=True)
        price = None if settings.price is None else Price(*settings.price)
        self._budget = Budget(settings.budget, price)
        self._client = ChatClient(
            Address.parse(settings.endpoint, insecure=settings.insecure),
            model=settings.model,
            key=settings.key,
            timeout=settings.timeout,
            limiter=RateLimiter(settings.requests_per_minute),
            budget=self._budget,
            patience=patience,
        )

    @property
    def spent(self) -> Usage:
        """What was spent so far, failed requests included."""
        return self._budget.spent

    def translate(self, request: Request) -> Answer:
        """The translation of a segment by the model."""
        if len(request.text) > LARGEST_TEXT:
            raise NotTranslated(
                f"{len(request.text)} characters in one segment",
                where=f"{request.language.code} {request.page}",
                expected=f"at most {LARGEST_TEXT}",
                remedy="split the segment",
            )
        longest, least = longest_answer(request.text), least_answer(request.text)
        completion, usage = self._client.complete(messages(request), longest, least)
        return Answer(answer(request, completion), usage)

    def estimate(self, request: Request) -> Usage:
        """About what the request takes, without asking the server."""
        sent = sum(MESSAGE + estimate(message["content"]) for message in messages(request))
        return self._budget.priced(sent, math.ceil(estimate(request.text) * RECEIVED_PER_SENT))

    def close(self) -> None:
        """End what is under way and close the connections."""
        self._client.close()


def _require_positive(option: str, value: float, *, zero: bool) -> None:
    if not math.isfinite(value) or value < 0 or (value == 0 and not zero):
        raise BadInput(f"{option} is {value}", where=option, expected="a number above 0" + (", or 0" if zero else ""))


TRANSLATOR = OpenAITranslator
