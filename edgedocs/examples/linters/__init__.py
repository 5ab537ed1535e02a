"""Linters: one module a language whose code blocks are parsed although they are not run.

A module defines ``LINTER``, an instance of :class:`.base.Linter`, whose docstring is the contract.
"""

from __future__ import annotations

from functools import cache

from edgedocs.core.registry import Registry
from edgedocs.examples.linters.base import Finding, Linter

__all__ = ["Finding", "Linter", "linter_for", "linters"]

linters: Registry[Linter] = Registry("linter", __name__, "LINTER", frozenset({"base"}))


@cache
def _by_language() -> dict[str, str]:
    return {language: name for name in linters.names() for language in linters.get(name).languages}


def linter_for(language: str) -> Linter | None:
    """The linter of a code block's language (``"yml"``), or None if there is none."""
    name = _by_language().get(language.lower())
    return None if name is None else linters.get(name)
