"""llama.cpp over HTTP: llama.cpp's own ``llama-server``, or llama-cpp-python's, which can be started from here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, ClassVar, Self

from edgedocs.containers.gguf import is_gguf
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners import chat as chat_templates
from edgedocs.runners.base import Availability
from edgedocs.runners.generation import Sampling
from edgedocs.runners.servers.address import is_address
from edgedocs.runners.servers.chat_frames import special_texts
from edgedocs.runners.servers.faults import nonsense
from edgedocs.runners.servers.local_server import PACKAGES, LocalServer
from edgedocs.runners.servers.openai_protocol import OpenAIRunner
from edgedocs.runners.servers.remote import installed
from edgedocs.runners.sources import Source, converted, is_checkpoint, locate


class LlamaServer(OpenAIRunner):
    """A model that a llama.cpp server has, or a GGUF file, for which a server is started until :meth:`close`.

    Options are those of :class:`~edgedocs.runners.servers.remote.RemoteRunner`. Requests beside OpenAI's protocol:
    ``/tokenize`` and ``/detokenize`` of llama.cpp's own server, ``/extras/tokenize`` and ``/extras/detokenize`` of
    llama-cpp-python's, which leaves special tokens out of the text.
    """

    name = "llama_server"
    formats = ("url", "gguf", "checkpoint")
    conversion = ("gguf", "f32")
    extra = "server"
    default_address = "http://127.0.0.1:8080/v1"
    default_path = "/v1"
    start = "edgedocs serve MODEL"
    plain_sampling: ClassVar[Mapping[str, Any]] = {"top_k": 0, "min_p": 0.0, "repeat_penalty": 1.0}

    _extras: bool | None = None

    @classmethod
    def available(cls) -> Availability:
        """Whether the client is installed, and a server listens or can be started."""
        state = super().available()
        return Availability(True) if installed("openai", *PACKAGES) else state

    @classmethod
    def _connect(cls, source: Source, resources: ExitStack, options: dict[str, Any]) -> Self:
        if is_address(source):
            return super()._connect(source, resources, options)
        if options.get("address") is not None:
            raise BadInput("a model's file and an address", expected="one of them")
        path = locate(source)
        if is_checkpoint(path):
            path = resources.enter_context(converted(path, *cls.conversion))
        elif not is_gguf(path):
            raise BadInput(
                f"runner {cls.name} does not load this", where=path, expected=f"one of: {', '.join(cls.formats)}"
            )
        server = resources.enter_context(LocalServer(path))
        runner = super()._connect(server.address, resources, options)
        runner.path = path
        runner._read_metadata(server)
        return runner

    def _read_metadata(self, server: LocalServer) -> None:
        """What the server does not tell, and the file does."""
        self.context_length = server.context
        self.special_texts, _ = special_texts(server.file)
        self.chat_template = server.file.metadata.get("tokenizer.chat_template")
        tokens = server.file.metadata.get("tokenizer.ggml.tokens")
        self.vocabulary = len(tokens) if isinstance(tokens, list) else 0

    def _continued(self, prompt: str, sampling: Sampling) -> Iterator[str]:
        # llama-cpp-python's server breaks off without a word where these are wrong.
        prompt = prompt or self.special_texts.get("bos_token", "")
        if not prompt:
            raise BadInput("an empty prompt", where=str(self.address), expected="a text that the server can continue")
        if self.context_length:
            self._check_room(self._encoded(prompt, with_start=True), sampling)
        return super()._continued(prompt, sampling)

    def _answered(self, messages: Sequence[Mapping[str, str]], sampling: Sampling) -> Iterator[str]:
        if self.context_length:
            prompt = chat_templates.render(self.chat_template, messages, self.special_texts, where=self.path)
            self._check_room(self._encoded(prompt, with_start=False), sampling)
        return super()._answered(messages, sampling)

    def _encode(self, text: str, with_start: bool) -> list[int]:
        body = {"content": text, "add_special": with_start, "parse_special": True, "input": text, "model": self.model}
        return self._whole_numbers(self._beside("tokenize", body).get("tokens"))

    def _decode(self, tokens: Sequence[int]) -> str:
        answer = self._beside("detokenize", {"tokens": list(tokens), "model": self.model})
        text = answer.get("content", answer.get("text"))
        if not isinstance(text, str):
            raise nonsense(str(self.address), "tokens without a text")
        return text

    def _beside(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Ask llama.cpp's own server; if there is no such request, it is llama-cpp-python's."""
        if self._extras is None:
            try:
                answer = self._post(f"/{name}", body)
            except CannotRun as error:
                if getattr(error.__cause__, "status_code", None) != 404:
                    raise
                self._extras = True
            else:
                self._extras = False
                return answer
        return self._post(f"/extras/{name}" if self._extras else f"/{name}", body)


RUNNER = LlamaServer
