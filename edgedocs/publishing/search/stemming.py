"""Stemming: the Snowball stemmer of a language."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import CannotRun

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def algorithm(language: str) -> str | None:
    """The name of the stemmer that Snowball has for a language, or None: ``"czech"`` for ``cs``.

    Raises:
        CannotRun: if Babel or the stemmers are not installed.
    """
    try:
        import snowballstemmer
        from babel import Locale
    except ImportError as error:
        raise CannotRun(f"{error.name} is not installed", remedy="python -m pip install 'edgedocs[site]'") from error
    name = Locale.parse("nb" if language == "no" else language.replace("-", "_")).get_language_name("en")
    names = {"norwegian bokmål": "norwegian", "norwegian nynorsk": "norwegian"}
    lower = str(name).lower()
    wanted = names.get(lower, lower)
    return wanted if wanted in snowballstemmer.algorithms() else None


def stemmer(language: str) -> Callable[[str], str]:
    """What gives the stem of a word in small letters; the word itself if Snowball does not know the language."""
    name = algorithm(language)
    return _of_algorithm(name) if name else str


@cache
def _of_algorithm(name: str) -> Callable[[str], str]:
    found: dict[str, str] = {}
    instance = implementation(name)()

    def stem(word: str) -> str:
        if word not in found:
            found[word] = instance.stemWord(word)
        return found[word]

    return stem


def implementation(name: str) -> Any:
    """The class of a stemmer in Python: not the one in C, which the package prefers where there is one."""
    import importlib

    module = importlib.import_module(f"snowballstemmer.{name}_stemmer")
    return next(value for key, value in vars(module).items() if key.lower() == f"{name.replace('_', '')}stemmer")
