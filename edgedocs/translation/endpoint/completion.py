"""Completion: what a server's answer says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from edgedocs.translation.endpoint.faults import Fault, excerpt, words_of

FINISHED = frozenset({"stop", "eos", "eos_token", "end_turn", "stop_sequence"})
"""Reasons to finish that mean that the answer is whole."""


@dataclass(frozen=True)
class Completion:
    """An answer as the server gave it.

    Args:
        text: its text.
        finish_reason: why it ends, as the server says; empty if it does not say.
        refusal: why the model refused, empty if it did not.
        reasoned: whether the model reasoned before it answered.
        sent: tokens of the request, None if the server does not say.
        received: tokens of the answer, likewise.
    """

    text: str
    finish_reason: str = ""
    refusal: str = ""
    reasoned: bool = False
    sent: int | None = None
    received: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the model came to an end by itself. Servers that give no reason are believed."""
        return not self.finish_reason or self.finish_reason in FINISHED

    @classmethod
    def parse(cls, body: bytes) -> Completion:
        """Read the body of an answer.

        Raises:
            Fault: if it is no JSON in UTF-8, or has no choice with a message.
        """
        try:
            document = json.loads(body.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise _malformed("its body is no JSON in UTF-8") from error
        if isinstance(document, dict) and "choices" not in document and "error" in document:
            raise _malformed(f"it reports an error, {words_of(body) or 'without words'}")
        choice = _first(document, "choices")
        message = choice.get("message") if isinstance(choice, dict) else None
        if not isinstance(message, dict):
            raise _malformed("it has no choices with a message")
        usage = document["usage"] if isinstance(document.get("usage"), dict) else {}
        sent, received = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
        reasoned = any(message.get(key) for key in ("reasoning_content", "reasoning"))
        refusal = message.get("refusal")
        finish = choice.get("finish_reason")
        return cls(
            _text(message.get("content")),
            finish if isinstance(finish, str) else "",
            excerpt(refusal) if isinstance(refusal, str) else "",
            reasoned,
            # A server that does not count says 0 of both, for an answer takes a request.
            sent or None,
            received if sent else None,
        )


def _first(document: Any, key: str) -> Any:
    found = document.get(key) if isinstance(document, dict) else None
    return found[0] if isinstance(found, list) and found else None


def _text(content: Any) -> str:
    """The text of a message: a string, or a list of parts of which those of type text count."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict) and part.get("type") == "text"]
    return "".join(text for text in texts if isinstance(text, str))


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None


def _malformed(why: str) -> Fault:
    return Fault(
        f"the server's answer cannot be used: {why}",
        "check that the address is that of an OpenAI-compatible API",
        attempts=2,
        charged=True,
    )
