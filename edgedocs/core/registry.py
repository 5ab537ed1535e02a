"""Registries: one module a plug-in, found by listing a package, imported when it is asked for."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterator
from functools import cached_property
from typing import Generic, TypeVar

from edgedocs.core.errors import BadInput

Plugin = TypeVar("Plugin")


class Registry(Generic[Plugin]):
    """The plug-ins of one kind, by name.

    A plug-in is a module of ``package`` that defines ``attribute``; the module's name is the plug-in's name.
    Modules named in ``helpers`` (the base class, say) are not plug-ins. Others can be added with :meth:`add`.

    Args:
        noun: what one plug-in is called in messages, for example ``"quantizer"``.
        package: the package whose modules are the plug-ins.
        attribute: the module-level name that holds the plug-in.
        helpers: modules of the package that are no plug-ins.
    """

    def __init__(self, noun: str, package: str, attribute: str, helpers: frozenset[str] = frozenset()) -> None:
        self.noun = noun
        self.package = package
        self.attribute = attribute
        self.helpers = helpers
        self._added: dict[str, Plugin] = {}

    def add(self, name: str, plugin: Plugin) -> None:
        """Add a plug-in from elsewhere; a name that is taken is an error."""
        if name in self:
            raise BadInput(f"{self.noun} {name!r} is registered already", expected="a new name")
        self._added[name] = plugin

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._modules | self._added.keys())

    def get(self, name: str) -> Plugin:
        """The plug-in called ``name``.

        Raises:
            BadInput: if there is none; the message lists those that there are.
        """
        if name in self._added:
            return self._added[name]
        if name not in self._modules:
            raise BadInput(
                f"unknown {self.noun} {name!r}", expected=f"one of {', '.join(self.names())}", remedy=self._hint(name)
            )
        plugin: Plugin = getattr(importlib.import_module(f"{self.package}.{name}"), self.attribute)
        return plugin

    def __contains__(self, name: object) -> bool:
        return name in self._added or name in self._modules

    def __iter__(self) -> Iterator[Plugin]:
        return (self.get(name) for name in self.names())

    @cached_property
    def _modules(self) -> set[str]:
        """The modules that are plug-ins; the folder is listed once, since plug-ins are asked for at every tensor."""
        folder = importlib.import_module(self.package).__path__
        return {
            module.name
            for module in pkgutil.iter_modules(folder)
            if module.name not in self.helpers and not module.ispkg and not module.name.startswith("_")
        }

    def _hint(self, name: str) -> str | None:
        close = difflib.get_close_matches(name, self.names(), n=1)
        return f"did you mean {close[0]!r}?" if close else None
