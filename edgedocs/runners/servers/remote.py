"""Remote runner: a model behind a server, asked with an official client."""

from __future__ import annotations

import socket
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import Any, ClassVar, NoReturn, Self

import numpy as np

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.runners.base import Availability, Logits, Runner
from edgedocs.runners.generation import Sampling, Stopping
from edgedocs.runners.servers.address import Address, is_address
from edgedocs.runners.servers.bounded import Limits
from edgedocs.runners.servers.faults import nonsense
from edgedocs.runners.sources import Source

KNOCK = 0.5
"""Seconds that finding out whether a server listens on this machine may take."""


class RemoteRunner(Runner):
    """A model behind a server; what the server does not tell is 0 or ``unknown``.

    A subclass gives :meth:`_stream` and, where the server has them, :meth:`_encode`, :meth:`_decode` and
    :meth:`_embedding`; its constructor calls this one and then finds the model.

    Args:
        path: the server's address, or the model's name on the server.
        model: the model's name on the server, where it has several.
        address: the server's address, where ``path`` is a model's name.
        timeout: seconds that the server may be silent.
        deadline: seconds that a whole answer may take.
        insecure: whether plain http to another machine is fine.
    """

    formats: ClassVar[tuple[str, ...]] = ("url",)
    default_address: ClassVar[str]
    default_path: ClassVar[str] = ""
    start: ClassVar[str]

    def __init__(
        self,
        path: Path | str,
        model: str | None = None,
        address: str | None = None,
        timeout: float = 60.0,
        deadline: float = 600.0,
        insecure: bool = False,
    ) -> None:
        self.limits = Limits(timeout, deadline)
        if is_address(path):
            if address is not None:
                raise BadInput("two addresses", where=str(path), expected="one: leave the option address out")
            address = str(path)
        else:
            model = model or str(path)
        self.path = Path(path)
        self.address = Address.parse(address or self._usual_address(), path=self.default_path, insecure=insecure)
        self.model = model or ""
        self.vocabulary = self.context_length = 0
        self.end_tokens = frozenset()
        self.start_token = self.chat_template = None
        self.special_texts = {}
        self.precision = {"compute": "unknown", "key_value_cache": "unknown"}

    @classmethod
    def available(cls) -> Availability:
        """Whether the client is installed and a server listens at the usual address on this machine."""
        state = super().available()
        if not state.ok:
            return state
        try:
            address = Address.parse(cls._usual_address(), path=cls.default_path, insecure=True)
        except BadInput as error:
            return Availability(False, f"the usual address is wrong: {error.what}", f"give {error.expected}")
        if address.is_loopback and not _listens(address):
            remedy = f"start one: {cls.start}; or give the address of another"
            return Availability(False, f"no server answers at {address}", remedy)
        return state

    @classmethod
    def accepts(cls, path: Path) -> bool:
        """Never: a server has its models already."""
        return False

    @classmethod
    def load(cls, source: Source, **options: Any) -> Self:
        """Connect to a server.

        Args:
            source: the server's address, or the name of a model on the server at the usual address.
            options: see the runner's class.

        Raises:
            BadInput: if the address or an option cannot be right, or the server has no such model.
            CannotRun: if the client is not installed or no server answers.
        """
        state = super().available()
        if not state.ok:
            raise CannotRun(f"runner {cls.name} cannot run: {state.reason}", remedy=state.remedy)
        cls._check_options(options)
        with ExitStack() as resources:
            runner = cls._connect(source, resources, options)
            runner._resources = resources.pop_all()
        return runner

    @classmethod
    def _connect(cls, source: Source, resources: ExitStack, options: dict[str, Any]) -> Self:
        """A runner for what :meth:`load` was given; whatever it needs is left to ``resources``."""
        if not isinstance(source, str):
            raise BadInput(
                f"runner {cls.name} loads no files",
                where=source if isinstance(source, Path) else source.path,
                expected="the address of a server, or the name of a model on it",
                remedy=f"start a server with the model: {cls.start}",
            )
        runner = cls(source, **options)
        resources.callback(runner._release)
        return runner

    @classmethod
    def _known_options(cls) -> list[str]:
        """Those named here: a subclass passes on what it is given."""
        return [name for name in signature(RemoteRunner).parameters if name != "path"]

    @classmethod
    def _usual_address(cls) -> str:
        return cls.default_address

    @abstractmethod
    def _stream(self, prompt: str | Sequence[Mapping[str, str]], sampling: Sampling) -> Iterator[str]:
        """The pieces of the continuation of a text, or of the answer to messages.

        Errors of the client are explained; a stream that ends before its end mark is one.
        """

    @abstractmethod
    def _embedding(self, text: str) -> Any:
        """What the server gives as the embedding of a text."""

    def logits(self, tokens: Sequence[int]) -> Logits:
        """Not possible: servers give probabilities of a few tokens at most."""
        self._check_open()
        self._cannot("gives no logits", "load the model's file with a runner that computes in this process")

    def embed(self, text: str) -> Logits:
        """The vector that the server gives for a text, float32 [width]."""
        self._check_text(text)
        vector = self._embedding(text)
        if not isinstance(vector, list) or not vector or not all(isinstance(one, int | float) for one in vector):
            raise nonsense(str(self.address), "an embedding that is no list of numbers")
        return np.array(vector, dtype=np.float32)

    def memory(self) -> dict[str, int]:
        """Not possible: the server does not tell."""
        self._check_open()
        self._cannot("does not tell what memory it takes", None)

    def detokenize(self, tokens: Sequence[int]) -> str:
        """The text of tokens, as the server writes it; some leave special tokens out.

        Raises:
            BadInput: if there is a token that the vocabulary does not have, where its size is known.
        """
        self._check_open()
        return self._decode(self._known(tokens) if self.vocabulary else [int(token) for token in tokens])

    def _continued(self, prompt: str, sampling: Sampling) -> Iterator[str]:
        self._check_text(prompt)
        return self._limited(prompt, sampling, self._begin())

    def _answered(self, messages: Sequence[Mapping[str, str]], sampling: Sampling) -> Iterator[str]:
        for number, message in enumerate(messages):
            if not isinstance(message.get("role"), str) or not isinstance(message.get("content"), str):
                raise BadInput(f"message {number} is incomplete", expected='{"role": …, "content": …}, both texts')
            self._check_text(message["content"])
        return self._limited([dict(one) for one in messages], sampling, self._begin())

    def _limited(self, prompt: str | Sequence[Mapping[str, str]], sampling: Sampling, turn: int) -> Iterator[str]:
        if sampling.max_tokens == 0:
            return
        stopping = Stopping(sampling.stop)
        with closing(self._stream(prompt, sampling)) as pieces:  # type: ignore[type-var]
            for piece in pieces:
                self._check_turn(turn)
                yield from stopping.push(piece)
                if stopping.stopped:
                    return
                self._check_turn(turn)
        yield from stopping.finish()

    def _encode(self, text: str, with_start: bool) -> list[int]:
        self._cannot("has no request that gives tokens", None)

    def _decode(self, tokens: Sequence[int]) -> str:
        self._cannot("has no request that gives the text of tokens", None)

    def _forward(self, tokens: Sequence[int], every: bool) -> Logits:
        self._cannot("gives no logits", None)

    def _forget(self) -> None:
        """Nothing: the server's cache is its own."""

    def _cannot(self, what: str, remedy: str | None) -> NoReturn:
        raise CannotRun(f"the server of runner {self.name} {what}", where=str(self.address), remedy=remedy)

    def _whole_numbers(self, found: Any) -> list[int]:
        """The tokens in an answer."""
        if not isinstance(found, list) or not all(type(one) is int and one >= 0 for one in found):
            raise nonsense(str(self.address), "tokens that are no list of whole numbers")
        return found

    def _one_of(self, names: list[str]) -> str:
        """The model to ask for: the one named, which the server must have, or its only one."""
        if self.model and self.model in names:
            return self.model
        if not self.model and len(names) == 1:
            return names[0]
        what = f"the server has no model {self.model!r}" if self.model else f"the server has {len(names)} models"
        expected = f"one of {', '.join(names[:20])}" if names else "a server with a model"
        remedy = (
            "name it: the option model, or on the command line NAME --address ADDRESS"
            if names
            else f"start a server with one: {self.start}"
        )
        raise BadInput(what, where=str(self.address), expected=expected, remedy=remedy)


def _listens(address: Address) -> bool:
    try:
        with socket.create_connection((address.host, address.port), timeout=KNOCK):
            return True
    except OSError:
        return False


def installed(*packages: str) -> bool:
    """Whether all of these packages can be imported."""
    return all(find_spec(package) is not None for package in packages)
