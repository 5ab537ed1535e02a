"""Similarity: how much of what a model's embeddings tell is left, on the lines of texts, one text a language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edgedocs.core.errors import BadInput
from edgedocs.core.progress import Progress
from edgedocs.measurement.embeddings import EmbeddingSimilarity, cosine
from edgedocs.measurement.texts import Texts
from edgedocs.runners import Runner
from edgedocs.runners.sources import Source


def similarity(
    runner: Runner, reference: Runner, texts: Texts, lines: int | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """Compare the embeddings that two models give to the same lines.

    Args:
        runner: the model.
        reference: the one that is taken to be right.
        texts: each line that is not blank counts; one that is longer than a context is cut at blanks.
        lines: only so many from the start of each text.
        progress: called with the lines done and the lines in all.

    Returns:
        ``cosine`` with ``cosine_low`` and ``cosine_high``, and ``texts``, how many lines; ``text_sha256`` of one text,
        or ``languages`` with the same for each of several.

    Raises:
        BadInput: if the reference gives no embeddings or longer ones, a text has no lines, or a word is longer than a
            context.
        CannotRun: if an engine fails, or an embedding is zero or has values that are no numbers.
    """
    if not reference.encodes:
        raise BadInput("the reference predicts tokens", where=reference.path, expected="a model that gives embeddings")
    most = min(runner.context_length, reference.context_length)

    def fits(piece: str) -> bool:
        return max(len(model.tokenize(piece)) for model in (runner, reference)) <= most

    pieces = {name: _cut(name, text, fits, lines) for name, text in texts.by_name.items()}
    total, found = sum(map(len, pieces.values())), {name: np.zeros(len(several)) for name, several in pieces.items()}
    done = 0
    for name, several in pieces.items():
        for number, piece in enumerate(several):
            found[name][number] = cosine(runner.embed(piece), reference.embed(piece))
            done += 1
            if progress is not None:
                progress(done, total)
    hashes = texts.hashes()
    whole = EmbeddingSimilarity.of(np.concatenate(list(found.values()))).as_dict()
    if len(hashes) == 1:
        return whole | {"text_sha256": next(iter(hashes.values()))}
    each = {name: EmbeddingSimilarity.of(one).as_dict() | {"text_sha256": hashes[name]} for name, one in found.items()}
    return whole | {"languages": each}


def needed(reference: Source | None, path: Path) -> Source:
    """The reference.

    Raises:
        BadInput: if there is none.
    """
    if reference is None:
        raise BadInput(
            "the model gives embeddings, which have no perplexity",
            where=path,
            expected="a reference, with whose embeddings they are compared",
            remedy="name the model that it was converted from: --reference MODEL",
        )
    return reference


def check_alone(options: Mapping[str, Any]) -> None:
    """Refuse options that say how text is cut for predicting tokens.

    Raises:
        BadInput: for the first that is given.
    """
    for name, value in options.items():
        if value is not None:
            raise BadInput(f"{name} is {value} for a model that gives embeddings", expected="none: lines are embedded")


def _cut(name: str, text: str, fits: Callable[[str], bool], lines: int | None) -> list[str]:
    pieces = [piece for line in text.splitlines() if line.strip() for piece in _halved(name, line.strip(), fits)]
    if not pieces:
        raise BadInput("the text has no lines", where=name, expected="at least one that is not blank")
    return pieces[:lines]


def _halved(name: str, piece: str, fits: Callable[[str], bool]) -> Iterator[str]:
    words: Sequence[str] = piece.split()
    if fits(piece):
        yield piece
    elif len(words) == 1:
        raise BadInput("a word is longer than the model's context", where=name, expected="words with blanks between")
    else:
        for half in (words[: len(words) // 2], words[len(words) // 2 :]):
            yield from _halved(name, " ".join(half), fits)
