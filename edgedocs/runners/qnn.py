"""QNN: Qualcomm's neural processor (HTP) through ONNX Runtime's plug-in provider; on x86-64 its simulator.

The simulator computes what the processor would, on the CPU and slowly: how long it takes says nothing, and no time of
it is ever to be reported.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from edgedocs.containers.layouts import QNN
from edgedocs.core import telemetry
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.core.extras import install_remedy
from edgedocs.runners.base import Availability, Logits
from edgedocs.runners.folder import FolderRunner

PROVIDER = "QNNExecutionProvider"
SIMULATED = {"soc_model": "60", "htp_arch": "75"}
"""The processor that is simulated, a Snapdragon with the seventy-fifth generation of HTP."""
X86 = ("x86_64", "AMD64")
REMEDY = "convert the checkpoint again, for example with `edgedocs convert CHECKPOINT TARGET --to qnn`"


class QNNRunner(FolderRunner):
    """A folder with ``model.qdq.onnx``, ``config.json`` and ``tokenizer.json``.

    The model has a fixed length and no cache, so each new token computes the whole text again. Nothing is left to the
    CPU: a model that the processor cannot compute whole is refused.

    Args:
        path: the folder.
        threads: only None: QNN decides by itself.
    """

    name = "qnn"
    formats = ("qnn", "checkpoint")
    requires = ("onnxruntime_qnn",)
    extra = "qnn"
    distribution = "onnxruntime-qnn"
    conversion = ("qnn", "a16w8")
    simulated = platform.machine() in X86

    _tokens: list[int]

    @classmethod
    def available(cls) -> Availability:
        """Whether the provider is installed, on a system that it is made for."""
        state = super().available()
        if state.ok and platform.system() not in ("Linux", "Windows"):
            return Availability(False, f"QNN does not run on {platform.system()}", "use Linux or Windows")
        return state

    @classmethod
    def accepts(cls, path: Path) -> bool:
        """Whether ``path`` is a folder that holds ``model.qdq.onnx``."""
        return (path / QNN).is_file()

    def __init__(self, path: Path, threads: int | None = None) -> None:
        if threads is not None:
            raise BadInput(f"threads is {threads}", expected="none: QNN decides by itself")
        self._read_folder(path, REMEDY)
        self._session = _session(path / QNN)
        self.context_length = self._length()
        self.precision = {"compute": "uint16", "key_value_cache": "none"}
        self._forget()

    def _length(self) -> int:
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        shape = inputs[0].shape
        fixed = len(shape) == 2 and shape[0] == 1 and isinstance(shape[1], int)
        if [one.name for one in inputs] != ["input_ids"] or not fixed:
            raise BadInput(
                f"the model's inputs are {', '.join(one.name for one in inputs)}",
                where=self.path / QNN,
                expected="input_ids alone, of a fixed shape",
                remedy=REMEDY,
            )
        self._check_logits(outputs[0].shape, shape[1], self.path / QNN, REMEDY)
        return int(shape[1])

    def _forward(self, tokens: Sequence[int], every: bool) -> Logits:
        start = len(self._tokens)
        self._tokens += tokens
        # What follows a token changes nothing before it, so the end may hold anything.
        filled = self._tokens + [0] * (self.context_length - len(self._tokens))
        try:
            (logits,) = self._session.run(["logits"], {"input_ids": np.array([filled], np.int64)})
        except Exception as error:  # the binding raises classes of its own
            raise CannotRun(f"QNN fails: {error}", where=self.path / QNN, remedy=REMEDY) from error
        rows: Logits = np.array(logits[0, start : len(self._tokens)], np.float32)
        return rows if every else rows[-1:]

    def _forget(self) -> None:
        self._tokens = []

    def _release(self) -> None:
        del self._session


def _session(path: Path) -> Any:
    telemetry.off()
    try:
        import onnxruntime
        import onnxruntime_qnn
    except (ImportError, OSError) as error:
        raise CannotRun(f"QNN does not start: {error}", remedy=install_remedy("qnn")) from error
    devices = _devices(onnxruntime, onnxruntime_qnn)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    settings = {"backend_path": onnxruntime_qnn.get_qnn_htp_path(), **(SIMULATED if QNNRunner.simulated else {})}
    options.add_provider_for_devices(devices[:1], settings)
    try:
        with _without_output():
            return onnxruntime.InferenceSession(str(path), options)
    except Exception as error:  # as above
        raise BadInput(
            f"QNN refuses the model: {error}",
            where=path,
            expected="a model of fixed shapes whose every operator the processor has",
            remedy=REMEDY,
        ) from error


@contextmanager
def _without_output() -> Iterator[None]:
    """Nothing on standard output: QNN's library writes a remark there when it is loaded."""
    if platform.system() != "Linux":
        yield
        return
    library = ctypes.CDLL(None)
    sys.stdout.flush()
    library.fflush(None)
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        library.fflush(None)
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _devices(onnxruntime: Any, onnxruntime_qnn: Any) -> list[Any]:
    """What the provider offers; its library is registered once a process."""
    for _ in range(2):
        if found := [one for one in onnxruntime.get_ep_devices() if one.ep_name == PROVIDER]:
            return found
        try:
            onnxruntime.register_execution_provider_library(PROVIDER, onnxruntime_qnn.get_library_path())
        except Exception as error:  # as above
            raise CannotRun(f"QNN does not start: {error}", remedy=install_remedy("qnn")) from error
    raise CannotRun("QNN finds no device here", remedy="use x86-64 with its simulator, or a Snapdragon")


RUNNER = QNNRunner
