"""Ollama over HTTP: a model that an Ollama server has."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from edgedocs.core.errors import CannotRun
from edgedocs.runners.generation import Sampling
from edgedocs.runners.servers.bounded import client
from edgedocs.runners.servers.faults import explained, nonsense
from edgedocs.runners.servers.remote import RemoteRunner

HOST, PORT = "OLLAMA_HOST", 11434
EVERYWHERE = ("0.0.0.0", "[::]")
"""What the variable holds for a server that listens on all interfaces, and no address to ask."""


class Ollama(RemoteRunner):
    """A model that an Ollama server has; see :class:`~edgedocs.runners.servers.remote.RemoteRunner` for the options.

    The usual address is that of ``OLLAMA_HOST``, or port 11434 of this machine. A text is continued as it is, without
    the model's template. Ollama has no request that gives tokens.
    """

    name = "ollama"
    requires = ("ollama",)
    extra = "ollama"
    distribution = "ollama"
    conversion = ("url", "")
    default_address = f"http://127.0.0.1:{PORT}"
    start = "ollama serve"

    def __init__(self, path: Path | str, **options: Any) -> None:
        super().__init__(path, **options)
        import httpx
        import ollama

        where = self.address.root
        # The class makes its own HTTP client of what it is given.
        self._client: Any = client(httpx, _make(ollama.Client, where), self.limits, where)
        try:
            with self._explained():
                names = [one.model for one in self._client.list().models]
            if not all(isinstance(one, str) for one in names):
                raise nonsense(where, "models without names")
            if self.model and ":" not in self.model:
                self.model += ":latest"  # which is what Ollama takes a name without a tag for
            self.model = self._one_of(names)
        except BaseException:
            self._release()
            raise

    @classmethod
    def _usual_address(cls) -> str:
        host = os.environ.get(HOST, "").strip()
        if not host:
            return cls.default_address
        if "://" in host:
            return host
        name, separator, port = host.rpartition(":")
        if not separator or not port.isdigit():
            name, port = host, str(PORT)
        return f"http://{'127.0.0.1' if name in (*EVERYWHERE, '') else name}:{port}"

    def _explained(self) -> Any:
        return explained(self.address.root, self.limits, self.start)

    def _stream(self, prompt: str | Sequence[Mapping[str, str]], sampling: Sampling) -> Iterator[str]:
        options = {
            "num_predict": sampling.max_tokens,
            "temperature": sampling.temperature,
            "seed": sampling.seed,
            "stop": list(sampling.stop),
            # Draw from the whole distribution, without what Ollama would take away by itself.
            "top_k": 0,
            "top_p": 1.0,
            "min_p": 0.0,
            "repeat_penalty": 1.0,
        }
        finished = False
        with self._explained():
            if isinstance(prompt, str):
                answer = self._client.generate(self.model, prompt, raw=True, stream=True, options=options)
            else:
                answer = self._client.chat(self.model, prompt, stream=True, options=options)
            try:
                for part in answer:
                    piece = part.response if isinstance(prompt, str) else part.message.content
                    finished = finished or bool(part.done)
                    if piece:
                        yield piece
            finally:
                answer.close()
        if not finished:
            raise CannotRun("the answer broke off before its end", where=self.address.root, remedy="try again")

    def _embedding(self, text: str) -> Any:
        with self._explained():
            return list(self._client.embed(self.model, text).embeddings[0])

    def _release(self) -> None:
        self._client.close()


def _make(kind: Any, where: str) -> Any:
    return lambda **options: kind(host=where, **options)


RUNNER = Ollama
