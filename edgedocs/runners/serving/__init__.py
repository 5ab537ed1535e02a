"""Serving: which OpenAI-compatible server serves a model that lies here. Each is one module.

:mod:`edgedocs.runners.serving.base` is what a server must provide; ``UNSERVED`` says of the other formats what to do.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from edgedocs.containers import layouts
from edgedocs.containers.gguf import is_gguf
from edgedocs.core.errors import BadInput
from edgedocs.core.registry import Registry
from edgedocs.runners.serving.base import LocalServer
from edgedocs.runners.sources import Source, converted, is_checkpoint, locate

__all__ = ["UNSERVED", "LocalServer", "format_of", "registry", "server_for", "table"]

registry: Registry[type[LocalServer]] = Registry(
    "server",
    __name__,
    "SERVER",
    helpers=frozenset({"base", "child", "foundry_child", "llama_child", "mlx_child", "ovms_child"}),
)

CHECKPOINT = "checkpoint"
OTHERWISE = "serve the checkpoint that it was converted from, or a GGUF file made of that"
UNSERVED = {
    "onnx": "convert the checkpoint again with --to ort-genai, which Foundry Local serves, or to GGUF",
    "qnn": "serve the checkpoint that it was converted from; `edgedocs run` runs it here",
}
"""Formats that no server of OpenAI's protocol serves, with what to do instead."""


def format_of(path: Path) -> str | None:
    """The format of a model's file or folder, as servers name it; None for anything else."""
    if path.is_dir():
        return CHECKPOINT if is_checkpoint(path) else layouts.format_of(path)
    return "gguf" if is_gguf(path) else None


def server_for(source: Source, resources: ExitStack, **options: Any) -> LocalServer:
    """The server of a model, not started yet.

    Args:
        source: a GGUF file, a checkpoint, the folder of another format, or ``"tiny"``; a checkpoint is converted.
        resources: takes over what is temporary.
        options: what the server can be told; each class says. What is None is left to it.

    Raises:
        BadInput: if there is no such model, nothing serves it, or the server has no such option.
        CannotRun: if the server is not installed.
    """
    path = locate(source)
    kind = format_of(path)
    server = next((one for one in registry if kind in one.formats), None)
    if server is None:
        served = sorted({name for one in registry for name in one.formats})
        raise BadInput(
            "there is no server for this",
            where=path,
            expected=f"a model of one of the formats {', '.join(served)}",
            remedy=UNSERVED.get(kind or "", OTHERWISE),
        )
    given = {name: value for name, value in options.items() if value is not None}
    server.check(given)
    if kind == CHECKPOINT:
        path = resources.enter_context(converted(path, *server.conversion))
    return server(path, **given)


def table() -> list[tuple[str, str, str]]:
    """What serves what: format, server, and what installs it, or what to do where there is none."""
    rows = [(kind, one.title, one.install) for one in registry for kind in one.formats]
    return sorted(rows) + [(kind, "none", remedy) for kind, remedy in sorted(UNSERVED.items())]
