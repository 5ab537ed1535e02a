"""mlx-lm's own server: MLX folders, on Apple silicon's GPU, elsewhere on the processor."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import ClassVar

from edgedocs.core import files
from edgedocs.runners.mlx import REMEDY, check_config, check_weights
from edgedocs.runners.serving import mlx_child
from edgedocs.runners.serving.base import LocalServer


class MLXServer(LocalServer):
    """A server for one MLX folder; MLX decides by itself what it computes with, and its cache grows as it is needed.

    Args:
        path: the folder.
        host: the interface to listen on.
        port: 0 for any free one.
        log: whether the server's log goes to standard error.

    Raises:
        BadInput: if the folder is malformed, or wants to run code of its own.
        CannotRun: if the packages are missing, the port is taken or the server does not start.
    """

    name = "mlx"
    title = "mlx-lm's server"
    formats = ("mlx",)
    conversion = ("mlx", "bf16")
    requires = ("mlx", "mlx_lm")
    extra = "mlx"
    install = "extra `mlx`"
    child: ClassVar[ModuleType] = mlx_child

    def __init__(self, path: Path, host: str = "127.0.0.1", port: int = 0, log: bool = False) -> None:
        check_config(path, files.read_json_object(path / "config.json", REMEDY))
        check_weights(path)
        self.model = path.resolve().name
        super().__init__(path, host, port, log)


SERVER = MLXServer
