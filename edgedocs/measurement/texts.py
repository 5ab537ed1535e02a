"""Texts: what models are measured on, one or several, each with the name of its language."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgedocs.core import files
from edgedocs.core.errors import BadInput
from edgedocs.core.progress import Progress
from edgedocs.measurement.divergence import check_same_tokens
from edgedocs.measurement.perplexity import limited
from edgedocs.measurement.scores import Reference, Scores, score
from edgedocs.measurement.windows import Window, Windows
from edgedocs.runners.base import Runner

ONE = "text"
"""The name of a text that was given without one."""


@dataclass(frozen=True)
class Texts:
    """Texts by the names of their languages, in the order in which they are measured."""

    by_name: Mapping[str, str]

    @classmethod
    def of(cls, given: str | Path | Mapping[str, str | Path]) -> Texts:
        """One text or the path of its file, or several by name.

        Raises:
            BadInput: if a file is missing or no UTF-8, or there is no text at all.
        """
        if not isinstance(given, Mapping):
            given = {ONE: given}
        if not given:
            raise BadInput("no text to measure on", expected="at least one")
        return cls({name: files.read_text(one) if isinstance(one, Path) else one for name, one in given.items()})

    @classmethod
    def named(cls, arguments: Iterable[str]) -> Texts:
        """As the command line has them: ``FILE``, or ``NAME=FILE``; the name of a file is its language otherwise.

        Raises:
            BadInput: as :meth:`of`, and if two have the same name.
        """
        found: dict[str, str | Path] = {}
        for argument in arguments:
            name, separator, path = argument.partition("=")
            if not separator or Path(argument).is_file():
                name, path = Path(argument).stem, argument
            if name in found:
                raise BadInput(
                    f"two texts are called {name!r}", where=path, expected="NAME=FILE, with a name for each text"
                )
            found[name] = Path(path)
        return cls.of(found)

    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each text as UTF-8."""
        return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in self.by_name.items()}

    def cut(self, runner: Runner, rule: Windows, windows: int | None) -> dict[str, list[Window]]:
        """The windows of each text.

        Raises:
            BadInput: if a text is too short; the message names it.
        """
        pieces = {}
        for name, text in self.by_name.items():
            try:
                pieces[name] = limited(rule.cut(runner, text), windows)
            except BadInput as error:
                if len(self.by_name) == 1 or error.where is not None:
                    raise
                raise BadInput(error.what, where=name, expected=error.expected, remedy=error.remedy) from error
        return pieces

    def check_tokens(self, runner: Runner, reference: Runner) -> None:
        """Raise unless both models read the texts as the same tokens."""
        for text in self.by_name.values():
            check_same_tokens(reference, text, runner)

    def score(
        self,
        runner: Runner,
        pieces: Mapping[str, list[Window]],
        reference: Reference | None = None,
        progress: Progress | None = None,
    ) -> dict[str, Any]:
        """What a model predicts of all windows, as JSON-ready data: all texts together, then each.

        Returns:
            The fields of :meth:`~edgedocs.measurement.scores.Scores.as_dict`; ``text_sha256`` of one text; of several
            ``languages``, with the same fields for each.
        """
        windows = [window for several in pieces.values() for window in several]
        scores = score(runner, windows, reference, progress)
        found = scores.as_dict()
        hashes = self.hashes()
        if len(hashes) == 1:
            return found | {"text_sha256": next(iter(hashes.values()))}
        start, languages = 0, {}
        for name, several in pieces.items():
            part = _part(scores, slice(start, start + len(several)))
            languages[name] = part.as_dict() | {"text_sha256": hashes[name]}
            start += len(several)
        return found | {"languages": languages}


def _part(scores: Scores, some: slice) -> Scores:
    divergences, agreements = scores.divergences, scores.agreements
    return Scores(
        scores.losses[some],
        scores.counts[some],
        None if divergences is None else divergences[some],
        None if agreements is None else agreements[some],
    )
