"""Runners: engines that run a model. Each is one module; :mod:`edgedocs.runners.base` is what it must provide."""

from __future__ import annotations

from typing import Any

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.core.registry import Registry
from edgedocs.runners.base import Availability, Logits, Runner
from edgedocs.runners.servers.address import is_address
from edgedocs.runners.sources import Source, is_checkpoint, locate

__all__ = ["DEFAULT", "Availability", "Logits", "Runner", "Source", "load", "registry"]

DEFAULT = "onnxruntime"
"""The runner that loads a checkpoint where none is named; the base install has it."""

registry: Registry[type[Runner]] = Registry(
    "runner", __name__, "RUNNER", helpers=frozenset({"base", "chat", "folder", "generation", "gguf_guard", "sources"})
)


def load(source: Source, backend: str | None = None, **options: Any) -> Runner:
    """Load a model with the runner named, or with the first that can.

    Args:
        source: an artifact, a checkpoint, the path of one, or ``"tiny"``; or the address of a server.
        backend: a runner's name; None takes the first, by name, that loads the artifact and is installed; for a
            checkpoint ONNX Runtime; for a server that which its own answer names.
        options: what the runner can be told, such as ``threads``.

    Raises:
        BadInput: if there is no such model or runner, or no runner loads it.
        CannotRun: if the runner is not installed or fails.

    Example:
        >>> from edgedocs import runners
        >>> with runners.load("tiny") as runner:
        ...     print(runner.name, runner.vocabulary)
        onnxruntime 4096
    """
    if backend is not None:
        return registry.get(backend).load(source, **options)
    if is_address(source):
        from edgedocs.runners.servers.kinds import kind_of

        return registry.get(kind_of(str(source), options)).load(source, **options)
    path = locate(source)
    if is_checkpoint(path):
        return registry.get(DEFAULT).load(path, **options)
    accepting = [runner for runner in registry if runner.accepts(path) and not runner.only_by_name]
    if not accepting:
        known = sorted({name for runner in registry for name in runner.formats})
        raise BadInput("no runner loads this", where=path, expected=f"a model of one of the formats {', '.join(known)}")
    for runner in accepting:
        if runner.available().ok:
            return runner.load(path, **options)
    state = accepting[0].available()
    raise CannotRun(f"runner {accepting[0].name} cannot run: {state.reason}", where=path, remedy=state.remedy)
