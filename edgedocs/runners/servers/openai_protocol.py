"""OpenAI's protocol: completions, chat and embeddings, asked with the official client ``openai``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from edgedocs.core.errors import CannotRun
from edgedocs.runners.generation import Sampling
from edgedocs.runners.servers.bounded import client
from edgedocs.runners.servers.faults import BROKEN_OFF, explained, nonsense
from edgedocs.runners.servers.remote import RemoteRunner

MOST_STOPS = 4
"""Stop texts that the protocol allows; what is beyond is found here, while the text comes."""


class OpenAIRunner(RemoteRunner):
    """A model behind a server that speaks OpenAI's protocol; its options are those of a remote runner.

    A subclass says how its server samples from the whole distribution and where it tokenizes.
    """

    requires = ("openai",)
    extra = "openai"
    distribution = "openai"
    conversion = ("url", "")
    plain_sampling: ClassVar[Mapping[str, Any]]
    """What switches off the server's own narrowing of the choice, beyond the protocol's ``top_p``."""

    def __init__(self, path: Path | str, **options: Any) -> None:
        super().__init__(path, **options)
        import httpx2
        import openai

        where = str(self.address)
        self._client: Any = openai.OpenAI(
            base_url=where,
            # The transport puts the key in; without this the client takes one from OPENAI_API_KEY.
            api_key="none",
            max_retries=0,
            http_client=client(httpx2, openai.DefaultHttpxClient, self.limits, where),
        )
        try:
            with self._explained():
                listed = list(self._client.models.list().data)
            names = [one.id for one in listed if isinstance(getattr(one, "id", None), str)]
            if len(names) != len(listed):
                raise nonsense(where, "models without names")
            self.model = self._one_of(names)
        except BaseException:
            self._release()
            raise
        self._about = next(one for one in listed if one.id == self.model)

    def _explained(self) -> Any:
        return explained(str(self.address), self.limits, self.start)

    def _stream(self, prompt: str | Sequence[Mapping[str, str]], sampling: Sampling) -> Iterator[str]:
        finished = False
        with self._explained(), self._ask(prompt, sampling) as answer:
            for chunk in answer:
                if not chunk.choices:
                    continue  # some end with one that counts the tokens
                choice = chunk.choices[0]
                piece = choice.text if isinstance(prompt, str) else choice.delta.content
                finished = finished or choice.finish_reason is not None
                if piece:
                    yield _text(piece, str(self.address))
        if not finished:
            raise CannotRun("the answer broke off before its end", where=str(self.address), remedy=BROKEN_OFF)

    def _ask(self, prompt: str | Sequence[Mapping[str, str]], sampling: Sampling) -> Any:
        options: dict[str, Any] = {
            "model": self.model,
            "max_tokens": sampling.max_tokens,
            "temperature": sampling.temperature,
            "top_p": 1.0,
            "seed": sampling.seed,
            "stream": True,
            "extra_body": dict(self.plain_sampling),
        }
        if sampling.stop:
            options["stop"] = list(sampling.stop[:MOST_STOPS])
        if isinstance(prompt, str):
            return self._client.completions.create(prompt=prompt, **options)
        return self._client.chat.completions.create(messages=prompt, **options)

    def _embedding(self, text: str) -> Any:
        with self._explained():
            answer = self._client.embeddings.create(model=self.model, input=text, encoding_format="float")
            return answer.data[0].embedding

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """What a request beside the protocol answers; ``path`` begins at the server's root."""
        with self._explained():
            answer = self._client.post(self.address.root + path, cast_to=object, body=dict(body))
        if not isinstance(answer, dict):
            raise nonsense(str(self.address), "no JSON object")
        return answer

    def _release(self) -> None:
        self._client.close()


def _text(piece: object, where: str) -> str:
    if not isinstance(piece, str):
        raise nonsense(where, "a piece of text that is none")
    return piece
