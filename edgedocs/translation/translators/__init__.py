"""Translators: one module each.

A module defines ``TRANSLATOR``, a function from :class:`~edgedocs.translation.translators.base.Settings` to an
instance of :class:`.base.Translator`, whose docstring is the contract.
"""

from __future__ import annotations

from collections.abc import Callable

from edgedocs.core.registry import Registry
from edgedocs.translation.translators.base import Answer, NotTranslated, Request, Settings, Translator, Usage

__all__ = ["Answer", "NotTranslated", "Request", "Settings", "Translator", "Usage", "translators"]

translators: Registry[Callable[[Settings], Translator]] = Registry(
    "translator", __name__, "TRANSLATOR", frozenset({"base"})
)
