"""Dialect: which optional parameters a server takes; learned from its refusals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

SEED = 0


@dataclass(frozen=True)
class Dialect:
    """What a request to a server may hold.

    Args:
        limit: name of the parameter that limits the answer's tokens; models that reason know only the newer name.
        temperature: whether it takes a temperature; such models take none.
        seed: whether it takes a seed.
        system: whether it takes a message of the system; the templates of some models have no place for it.
    """

    limit: str = "max_tokens"
    temperature: bool = True
    seed: bool = True
    system: bool = True

    def body(self, model: str | None, messages: Sequence[dict[str, str]], max_tokens: int) -> dict[str, Any]:
        """The document of a request: the most likely answer, the same each time where the server can do that."""
        document: dict[str, Any] = {} if model is None else {"model": model}
        document["messages"] = [*messages] if self.system else _without_system(messages)
        document[self.limit] = max_tokens
        if self.temperature:
            document["temperature"] = 0
        if self.seed:
            document["seed"] = SEED
        return {**document, "stream": False}

    def after_refusal(self, said: str) -> Dialect:
        """The dialect to speak after a server refused a request (400, 422) with these words; itself if they do not
        concern it.
        """
        if self.limit == "max_tokens" and "max_completion_tokens" in said:
            return replace(self, limit="max_completion_tokens")
        if self.temperature and re.search(r"\btemperature\b", said):
            return replace(self, temperature=False)
        if self.seed and re.search(r"\bseed\b", said):
            return replace(self, seed=False)
        if self.system and re.search(r"\bsystem\b.{0,40}\brole\b|\brole\b.{0,40}\bsystem\b", said, re.IGNORECASE):
            return replace(self, system=False)
        return self


def _without_system(messages: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """The messages with those of the system put before the first of the user."""
    system = [m["content"] for m in messages if m["role"] == "system"]
    others = [m for m in messages if m["role"] != "system"]
    return [{**others[0], "content": "\n\n".join([*system, others[0]["content"]])}, *others[1:]]
