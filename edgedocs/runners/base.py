"""Runner: a model that answers, whatever engine computes it. This docstring is the contract.

A runner is a module of this package that defines ``RUNNER``, a subclass of :class:`Runner`. It writes what only the
engine can do: its constructor loads an artifact, :meth:`Runner._encode` and :meth:`Runner._decode` turn text into
tokens and back, :meth:`Runner._forward` appends tokens to the key-value cache and gives their logits,
:meth:`Runner._forget` empties the cache, :meth:`Runner._release` frees the engine. Checks, chunking, sampling, stop
texts, streaming, chat templates and temporary conversions are done here, alike for all.

Its constructor takes the artifact's path and keyword options, sets the attributes listed in :class:`Runner`, and
raises BadInput for a file or an option that cannot be right. ``tests/contract/runners.py`` is the kit that every
runner must pass.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any, ClassVar, Literal, Self, overload

import numpy as np

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.core.extras import install_remedy as install_remedy  # part of this module's contract
from edgedocs.core.extras import missing
from edgedocs.core.processors import processors
from edgedocs.runners import chat as chat_templates
from edgedocs.runners.generation import Sampling, Text
from edgedocs.runners.sources import Source, converted, is_checkpoint, locate

Logits = np.ndarray[Any, np.dtype[np.float32]]

CHUNK = 512
"""Tokens that one forward pass takes at most; it bounds the memory of a long prompt."""


@dataclass(frozen=True)
class Availability:
    """Whether a runner works on this machine; if not, why, and what would help."""

    ok: bool
    reason: str | None = None
    remedy: str | None = None


class Runner(ABC):
    """A loaded model; use it in a ``with`` block, or call :meth:`close`.

    One text is computed at a time: :meth:`logits` or a new generation ends a stream that was begun before.

    Attributes:
        name: the runner's name in the registry.
        formats: the artifact formats that it loads; ``checkpoint`` where one is converted on the way.
        requires: the Python packages beyond the base install that it needs.
        extra: the extra of EdgeDocs that installs them.
        distribution: the engine's name in the package index; its version belongs to every result.
        conversion: the format and type that a checkpoint is converted to before it is loaded.
        only_by_name: whether it is never chosen, but used where it is named.
        encodes: whether the model makes vectors of texts, and predicts no tokens.
        path: what was loaded.
        vocabulary: how many tokens there are.
        context_length: how many tokens the cache can hold.
        end_tokens: the tokens that end a text.
        start_token: the token that an empty prompt stands for; None if the model has none.
        chat_template: the Jinja template that turns messages into a prompt; None if the model has none.
        special_texts: the texts of the special tokens that a chat template may ask for, such as ``bos_token``.
        precision: what the engine rounds to: ``compute``, the types that activations have in matrix products, and
            ``key_value_cache``; as NumPy names types.
    """

    name: ClassVar[str]
    formats: ClassVar[tuple[str, ...]]
    requires: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[str | None] = None
    distribution: ClassVar[str]
    conversion: ClassVar[tuple[str, str]]
    only_by_name: ClassVar[bool] = False
    encodes: bool = False

    path: Path
    vocabulary: int
    context_length: int
    end_tokens: frozenset[int]
    start_token: int | None
    chat_template: str | None
    special_texts: Mapping[str, str]
    precision: Mapping[str, str]

    _resources: ExitStack | None = None
    _turn = 0

    @classmethod
    def available(cls) -> Availability:
        """Whether the packages that the runner needs are installed; nothing is imported."""
        if package := missing(cls.requires):
            return Availability(False, f"the Python package {package} is not installed", install_remedy(cls.extra))
        return Availability(True)

    @classmethod
    @abstractmethod
    def accepts(cls, path: Path) -> bool:
        """Whether ``path`` looks like an artifact that this runner loads as it is."""

    @classmethod
    def load(cls, source: Source, **options: Any) -> Self:
        """Load a model.

        Args:
            source: an artifact or its path; a checkpoint, its folder or ``"tiny"``, which is converted into a
                temporary folder that :meth:`close` removes.
            options: what the engine can be told; each runner's class says.

        Raises:
            BadInput: if there is no such model, or it is none that this runner loads.
            CannotRun: if the engine is missing or fails.
        """
        state = cls.available()
        if not state.ok:
            raise CannotRun(f"runner {cls.name} cannot run: {state.reason}", remedy=state.remedy)
        cls._check_options(options)
        path = locate(source)
        with ExitStack() as resources:
            if is_checkpoint(path):
                path = resources.enter_context(converted(path, *cls.conversion))
            elif not cls.accepts(path):
                raise BadInput(
                    f"runner {cls.name} does not load this", where=path, expected=f"one of: {', '.join(cls.formats)}"
                )
            runner = cls(path, **options)
            runner._resources = resources.pop_all()
        return runner

    @classmethod
    def _known_options(cls) -> list[str]:
        return [name for name in signature(cls).parameters if name != "path"]

    @classmethod
    def _check_options(cls, options: Mapping[str, Any]) -> None:
        known = cls._known_options()
        for name in options:
            if name not in known:
                raise BadInput(f"runner {cls.name} has no option {name!r}", expected=f"one of {', '.join(known)}")

    @abstractmethod
    def __init__(self, path: Path, **options: Any) -> None: ...

    @abstractmethod
    def _encode(self, text: str, with_start: bool) -> list[int]:
        """The tokens of ``text``, special tokens in it recognized, after the start token if the tokenizer adds one."""

    @abstractmethod
    def _decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens of the vocabulary, special ones included; bytes that are no UTF-8 become U+FFFD."""

    @abstractmethod
    def _forward(self, tokens: Sequence[int], every: bool) -> Logits:
        """Append at most CHUNK tokens to the cache.

        Returns:
            Logits, float32: of every token, [len(tokens), vocabulary], or only of the last, [1, vocabulary].
        """

    @abstractmethod
    def _forget(self) -> None:
        """Empty the cache."""

    @abstractmethod
    def _release(self) -> None:
        """Free the engine's memory and files."""

    def tokenize(self, text: str) -> list[int]:
        """The tokens of ``text``, as the model was trained to see them.

        Special tokens written in the text are recognized. The start token comes first if the tokenizer's own settings
        say so.
        """
        return self._encoded(text, with_start=True)

    def detokenize(self, tokens: Sequence[int]) -> str:
        """The text of tokens, special ones included; bytes that are no UTF-8 become U+FFFD.

        Raises:
            BadInput: if there is a token that the vocabulary does not have.
        """
        return self._decode(self._known(tokens))

    def logits(self, tokens: Sequence[int]) -> Logits:
        """What the model predicts after each token.

        Args:
            tokens: 1 to ``context_length`` token ids.

        Returns:
            float32 [len(tokens), vocabulary]; row i are the logits of the token after ``tokens[i]``.

        Raises:
            BadInput: if there are too few or too many tokens, or one that the vocabulary does not have.
        """
        tokens = self._checked(tokens)
        self._begin()
        return np.concatenate([self._forward(chunk, every=True) for chunk in _chunks(tokens)])

    @overload
    def generate(
        self,
        prompt: str,
        max_tokens: int = 128,
        temperature: float = 0.0,
        stop: str | Sequence[str] = (),
        seed: int = 0,
        stream: Literal[False] = False,
    ) -> str: ...

    @overload
    def generate(
        self,
        prompt: str,
        max_tokens: int = 128,
        temperature: float = 0.0,
        stop: str | Sequence[str] = (),
        seed: int = 0,
        *,
        stream: Literal[True],
    ) -> Iterator[str]: ...

    def generate(
        self,
        prompt: str,
        max_tokens: int = 128,
        temperature: float = 0.0,
        stop: str | Sequence[str] = (),
        seed: int = 0,
        stream: bool = False,
    ) -> str | Iterator[str]:
        """Continue a text.

        Args:
            prompt: the text to continue; the continuation alone is returned.
            max_tokens: how many tokens to add at most; the model ends earlier with one of its end tokens.
            temperature: 0 takes the likeliest token each time; above 0, tokens are drawn from the softmax of the
                logits divided by it.
            stop: a text, or several; the continuation ends before the one that is complete first.
            seed: fixes what is drawn.
            stream: give the continuation piece by piece, as an iterator; a piece never ends within a character.

        Raises:
            BadInput: if an option cannot be right, or prompt and ``max_tokens`` exceed ``context_length``.
        """
        sampling = Sampling.checked(max_tokens, temperature, stop, seed)
        pieces = self._continued(prompt, sampling)
        return pieces if stream else "".join(pieces)

    def chat(
        self,
        messages: Sequence[Mapping[str, str]],
        max_tokens: int = 128,
        temperature: float = 0.0,
        stop: str | Sequence[str] = (),
        seed: int = 0,
        stream: bool = False,
    ) -> str | Iterator[str]:
        """Answer the last of ``messages``, each with ``role`` and ``content``; otherwise as :meth:`generate`.

        Raises:
            BadInput: if the model has no chat template, or the template refuses the messages.
            CannotRun: if the package jinja2 is not installed.
        """
        sampling = Sampling.checked(max_tokens, temperature, stop, seed)
        pieces = self._answered(messages, sampling)
        return pieces if stream else "".join(pieces)

    def embed(self, text: str, normalize: bool = True) -> Logits:
        """The vector that the model gives for a text, float32 [width].

        Args:
            text: the text.
            normalize: whether it is given the length 1.

        Raises:
            CannotRun: if the runner gives none.
        """
        raise CannotRun(
            f"runner {self.name} gives no embeddings", where=self.path, remedy="use a model and a runner that do"
        )

    def memory(self) -> dict[str, int]:
        """Bytes that the model takes, by what takes them, as the engine tells: ``weights``, ``key_value_cache``.

        Raises:
            CannotRun: if the runner cannot tell.
        """
        raise CannotRun(f"runner {self.name} cannot tell what memory it takes", where=self.path)

    def close(self) -> None:
        """Free the engine and remove a temporary conversion; closing twice is fine."""
        if self._resources is not None:
            self._release()
            self._resources.close()
            self._resources = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _encoded(self, text: str, with_start: bool) -> list[int]:
        self._check_text(text)
        return self._encode(text, with_start)

    def _encoded_whole(self, text: str) -> list[int]:
        """The tokens of a text of which an encoder makes a vector.

        Raises:
            BadInput: if the model is no encoder, or the text is longer than its context.
        """
        tokens = self._checked(self._encoded(text, with_start=True))
        if not self.encodes:
            raise BadInput("the model predicts tokens and gives no embeddings", where=self.path, expected="an encoder")
        return tokens

    def _check_text(self, text: str) -> None:
        self._check_open()
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise BadInput(
                f"character {error.start} of the text is a lone surrogate, U+{ord(text[error.start]):04X}",
                expected="text that can be written as UTF-8",
            ) from error

    def _continued(self, prompt: str, sampling: Sampling) -> Iterator[str]:
        """The pieces of :meth:`generate`."""
        return self._pieces(self._encoded(prompt, with_start=True), sampling)

    def _answered(self, messages: Sequence[Mapping[str, str]], sampling: Sampling) -> Iterator[str]:
        """The pieces of :meth:`chat`."""
        prompt = chat_templates.render(self.chat_template, messages, self.special_texts, where=self.path)
        return self._pieces(self._encoded(prompt, with_start=False), sampling)

    def _pieces(self, prompt: list[int], sampling: Sampling) -> Iterator[str]:
        """Check the prompt now, so that a stream's errors come from the call; generate when asked."""
        if not prompt and self.start_token is not None:
            prompt = [self.start_token]
        self._check_room(prompt, sampling)
        return self._continuation(self._checked(prompt), sampling, self._begin())

    def _check_room(self, prompt: Sequence[int], sampling: Sampling) -> None:
        room = self.context_length - len(prompt)
        if sampling.max_tokens > room:
            raise BadInput(
                f"{len(prompt)} prompt tokens and max_tokens {sampling.max_tokens} exceed the context",
                expected=f"at most {self.context_length} tokens together",
                remedy=f"ask for at most {room} tokens, or shorten the prompt" if room > 0 else "shorten the prompt",
            )

    def _continuation(self, prompt: list[int], sampling: Sampling, turn: int) -> Iterator[str]:
        text = Text(self._decode, prompt[-1], sampling.stop)
        draw = sampling.generator()
        pending = prompt
        for _ in range(sampling.max_tokens):
            self._check_turn(turn)
            *earlier, last = _chunks(pending)
            for chunk in earlier:
                self._forward(chunk, every=False)
            token = sampling.pick(self._forward(last, every=False)[-1], draw)
            if token in self.end_tokens:
                break
            yield from text.push(token)
            if text.stopped:
                return
            pending = [token]
        yield from text.finish()

    def _begin(self) -> int:
        """Empty the cache for a new text; what was being generated on it before cannot go on.

        Raises:
            BadInput: if the model is an encoder.
        """
        if self.encodes:
            raise BadInput("the model gives embeddings: there is no next token", where=self.path, expected="a decoder")
        self._forget()
        self._turn += 1
        return self._turn

    def _check_turn(self, turn: int) -> None:
        self._check_open()
        if turn != self._turn:
            raise CannotRun(
                "this stream ended when the runner was asked for another text",
                expected="one text at a time",
                remedy="read the stream to its end first, or load a second runner",
            )

    def _check_open(self) -> None:
        if self._resources is None:
            raise CannotRun("the runner is closed", where=self.path, remedy="load the model again")

    def _checked(self, tokens: Sequence[int]) -> list[int]:
        """The tokens, if the context can hold them; otherwise BadInput."""
        known = self._known(tokens)
        if not 1 <= len(known) <= self.context_length:
            raise BadInput(
                f"{len(known)} tokens", where=self.path, expected=f"1 to {self.context_length}, the context length"
            )
        return known

    def _known(self, tokens: Sequence[int]) -> list[int]:
        """The tokens, if the vocabulary has them all; otherwise BadInput."""
        self._check_open()
        known = [int(token) for token in tokens]
        for place, token in enumerate(known):
            if not 0 <= token < self.vocabulary:
                raise BadInput(
                    f"token {token} at place {place} is not in the vocabulary",
                    where=self.path,
                    expected=f"0 to {self.vocabulary - 1}",
                )
        return known


def with_length_one(vector: Logits) -> Logits:
    """The vector that points the same way and has the length 1; a vector of zeros stays."""
    return vector / np.float32(max(float(np.linalg.norm(vector)), 1e-12))


def chosen_threads(threads: int | None) -> int:
    """The number of threads that is asked for; None is :func:`default_threads`.

    Raises:
        BadInput: if it is less than one.
    """
    if threads is not None and threads < 1:
        raise BadInput(f"threads is {threads}", expected="1 or more")
    return threads or default_threads()


def default_threads() -> int:
    """Half of the processors that this process may use, at least one; on most machines that is one a core.

    Engines' threads wait by spinning: beside other work, one too many costs far more than one too few.
    """
    return max(1, processors() // 2)


def _chunks(tokens: list[int]) -> list[list[int]]:
    return [tokens[start : start + CHUNK] for start in range(0, len(tokens), CHUNK)]
