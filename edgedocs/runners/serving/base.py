"""LocalServer: a server for one model, in a process of its own that ends with ours. This docstring is the contract.

A server is a module of this package that defines ``SERVER``, a subclass of :class:`LocalServer`. Its constructor takes
the model's path, ``host``, ``port``, ``log`` and keyword options of its own, refuses a model that cannot be right, and
hands this class what its child needs. The child is a module beside it, run by ``child.py`` in a
process that never imports EdgeDocs; it has a function ``serve(settings, process)``.

Whatever is started listens on this machine unless told otherwise, loads nothing from the network, reports nothing home,
gives web pages in browsers no access, demands the key in ``EDGEDOCS_API_KEY`` where there is one or refuses to start,
and is gone when this process is, however that ended.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from abc import ABC
from collections.abc import Iterable, Mapping
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, Self

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.core.extras import install_remedy, missing
from edgedocs.runners.serving import child

KEY = child.KEY
STARTING = 600.0
"""Seconds that loading a model may take."""
ENDING = 5.0
"""Seconds that the process has to end by itself."""


class LocalServer(ABC):
    """A server for one model; use it in a ``with`` block.

    Attributes:
        name: the server's name in the registry.
        title: what people call it.
        formats: the formats that it serves; ``checkpoint`` where one is converted on the way.
        conversion: the format and type that a checkpoint is converted to.
        requires: the Python packages beyond the base install that it needs.
        extra: the extra of EdgeDocs that installs them.
        install: how to get it, in a few words.
        completes: whether it continues a text; if not, it only answers messages.
        base: what stands before the names of OpenAI's requests.
        child: the module that the process runs.
        address: the base address for clients, once the block is entered.
        model: the name that the server gives the model.
        path: the model's file or folder.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    formats: ClassVar[tuple[str, ...]]
    conversion: ClassVar[tuple[str, str]]
    requires: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[str | None] = None
    install: ClassVar[str]
    completes: ClassVar[bool] = True
    base: ClassVar[str] = "/v1"
    child: ClassVar[ModuleType]

    address: str
    model: str
    path: Path

    def __init__(self, path: Path, host: str, port: int, log: bool, **settings: Any) -> None:
        self.path = path
        self._log = log
        self._settings: dict[str, Any] = {"host": host, "port": port, "model": str(path.resolve()), **settings}
        self._settings |= {"server": self.child.__file__, "alias": self.model}
        self._process: subprocess.Popen[str] | None = None

    @classmethod
    def check(cls, options: Mapping[str, Any]) -> None:
        """Raise unless the server has these options and its packages are installed.

        Raises:
            BadInput: for an option that it does not have.
            CannotRun: if it is not installed.
        """
        known = [name for name in signature(cls).parameters if name != "path"]
        for name in options:
            if name not in known:
                raise BadInput(f"{cls.title} has no option {name!r}", expected=f"one of {', '.join(known)}")
        cls.require(cls.requires)

    @classmethod
    def require(cls, packages: Iterable[str]) -> None:
        """Raise unless these Python packages are installed.

        Raises:
            CannotRun: saying how to install them.
        """
        if missing(packages):
            raise CannotRun(f"{cls.title} is not installed", remedy=install_remedy(cls.extra))

    def __enter__(self) -> Self:
        # In a session of its own, a Ctrl-C in the terminal reaches us alone, and we end it.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", child.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if self._log else subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        try:
            self.address = self._start(self._process)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def wait(self) -> int:
        """Wait until the process ends by itself; gives its exit code."""
        assert self._process is not None
        return self._process.wait()

    def close(self) -> None:
        """End the process; closing twice is fine."""
        process, self._process = self._process, None
        if process is None:
            return
        _end(process)
        if process.stdout is not None:
            process.stdout.close()

    def _start(self, process: subprocess.Popen[str]) -> str:
        assert process.stdin is not None
        assert process.stdout is not None
        # Its end of this pipe tells the child when we are gone, however we went.
        try:
            process.stdin.write(json.dumps(self._settings) + "\n")
            process.stdin.flush()
        except OSError:
            pass  # it ended already; what it printed says why
        limit = threading.Timer(STARTING, _end, (process,))
        limit.start()
        try:
            line = process.stdout.readline()
        finally:
            limit.cancel()
        try:
            said = json.loads(line)
        except ValueError:
            said = {}
        if "port" in said:
            host = self._settings["host"]
            return f"http://{f'[{host}]' if ':' in host else host}:{said['port']}{self.base}"
        raise CannotRun(
            f"the server does not start: {said.get('error', 'its process ended')}",
            where=self.path,
            remedy=said.get("remedy") or "try the model with `edgedocs run`, which says more",
        )


def _end(process: subprocess.Popen[str]) -> None:
    """End the process: it does so by itself when its standard input ends, and removes what it made; or by force."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):  # what was not written yet has no reader any more
            process.stdin.close()
    for end in (None, process.terminate, process.kill):
        if end is not None:
            end()
        try:
            process.wait(ENDING)
            return
        except subprocess.TimeoutExpired:
            continue
