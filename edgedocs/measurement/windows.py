"""Windows: the pieces of a text that a model reads at a time, and the tokens of each that count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from edgedocs.core.errors import BadInput
from edgedocs.runners.base import Runner

CONTEXT = 512
"""Tokens a window, where the model can hold as many."""

Method = Literal["overlapping", "llama.cpp"]
METHODS: tuple[Method, ...] = ("overlapping", "llama.cpp")


@dataclass(frozen=True)
class Window:
    """A piece of a text.

    Attributes:
        tokens: its tokens; the last is only predicted.
        first: the place of the first token that counts, at least 1; those before it are only read.
    """

    tokens: tuple[int, ...]
    first: int

    @property
    def inputs(self) -> tuple[int, ...]:
        """What the model reads."""
        return self.tokens[:-1]

    @property
    def targets(self) -> tuple[int, ...]:
        """The tokens that count: logits ``[first - 1:]`` of the inputs predict them."""
        return self.tokens[self.first :]


@dataclass(frozen=True)
class Windows:
    """A rule that cuts texts into windows.

    Attributes:
        context: tokens a window.
        stride: from the start of a window to the start of the next.
        method: ``overlapping``: each token but the text's first counts once, in the first window that holds it, and the
            last window may be shorter. ``llama.cpp``: as llama-perplexity does: windows stand side by side, the start
            token replaces the first token of each if the tokenizer adds one, the second half of each counts, and what
            is left at the end does not.
    """

    context: int
    stride: int
    method: Method = "overlapping"

    @classmethod
    def of(
        cls, runner: Runner, context: int | None = None, stride: int | None = None, method: Method = "overlapping"
    ) -> Windows:
        """The rule for a model.

        Args:
            runner: the model.
            context: tokens a window, at least 2; None is 512, or what the model can hold if that is less.
            stride: tokens from window to window; None leaves an overlap of one token.
            method: one of METHODS.

        Raises:
            BadInput: if an option cannot be right.
        """
        if method not in METHODS:
            raise BadInput(f"method is {method!r}", expected=f"one of {', '.join(METHODS)}")
        if context is None:
            context = min(CONTEXT, runner.context_length)
        if not 2 <= context <= runner.context_length:
            raise BadInput(
                f"context is {context}", expected=f"2 to {runner.context_length}, the tokens that the model can hold"
            )
        if method == "llama.cpp":
            if stride not in (None, context):
                raise BadInput(f"stride is {stride}", expected=f"{context}: llama.cpp's windows stand side by side")
            if context < 4:
                raise BadInput(f"context is {context}", expected="4 or more: only the second half counts")
            return cls(context, context, method)
        if stride is not None and not 1 <= stride < context:
            raise BadInput(
                f"stride is {stride}", expected=f"1 to {context - 1}, so that no token is left out between windows"
            )
        return cls(context, stride or context - 1, method)

    def cut(self, runner: Runner, text: str) -> list[Window]:
        """The windows of a text.

        Raises:
            BadInput: if the text is too short to have one.
        """
        tokens = runner.tokenize(text)
        if self.method == "overlapping":
            if len(tokens) < 2:
                raise BadInput(
                    f"the text {'' if text else 'is empty: it '}has fewer than two tokens",
                    expected="a text long enough to predict a token from another",
                )
            return self.overlapping(tokens)
        if len(tokens) < 2 * self.context:
            raise BadInput(
                f"the text has {len(tokens)} tokens",
                expected=f"at least {2 * self.context}, two windows, as llama-perplexity does",
                remedy="take a longer text, or a smaller context",
            )
        beginning = runner.tokenize("")[:1]
        start = runner.start_token if beginning == [runner.start_token] else None
        return self.side_by_side(tokens, start)

    def overlapping(self, tokens: list[int]) -> list[Window]:
        """Windows in which every token but the first counts once."""
        windows = []
        begin = end = 0
        while end < len(tokens):
            first = max(end - begin, 1)
            end = min(begin + self.context, len(tokens))
            windows.append(Window(tuple(tokens[begin:end]), first))
            begin += self.stride
        return windows

    def side_by_side(self, tokens: list[int], start: int | None) -> list[Window]:
        """Windows of which the second half counts (``perplexity`` in llama.cpp's ``tools/perplexity``)."""
        windows = []
        for begin in range(0, len(tokens) - self.context + 1, self.context):
            piece = tokens[begin : begin + self.context]
            if start is not None:
                piece[0] = start
            windows.append(Window(tuple(piece), self.context // 2 + 1))
        return windows
