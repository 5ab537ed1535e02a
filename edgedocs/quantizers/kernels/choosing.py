"""The choice between NumPy and kernels: a kernel is used once loading or compiling it is worth the wait.

NumPy encodes a small tensor before the linker of machine code is even loaded, and a small model before a kernel is
compiled. So the time that NumPy took so far, and that it would take for what is known to come, is weighed against that
of the alternative.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from edgedocs.quantizers import kernels
from edgedocs.quantizers.kernels import machine_code

if TYPE_CHECKING:
    from edgedocs.quantizers.kernels import Kernels

WORTH_LOADING = 0.15
"""Seconds of NumPy's work that loading the linker and machine code is worth."""

WORTH_COMPILING = 5.0
"""Seconds of NumPy's work that compiling is worth."""

WEIGHTS_PER_SECOND = 1e7
"""What NumPy about encodes."""


class Choice:
    """The choice for one task of a format.

    Args:
        name: the format, in lower case.
        task: ``"encode"``, ``"encode_with"`` or ``"decode"``.
    """

    def __init__(self, name: str, task: str) -> None:
        self.name, self.task = name, task
        self._seconds = 0.0
        self._expected = 0
        self._price: float | None = None

    def expect(self, weights: int) -> None:
        """Say that so many weights are to come, in this call of a quantizer or in others."""
        self._expected += weights

    def spent(self, seconds: float) -> None:
        """Say that NumPy worked for so long."""
        self._seconds += seconds

    def kernels(self, weights: int) -> Kernels | None:
        """What to encode or decode ``weights`` weights with now; None for NumPy."""
        if self.name not in kernels.available() or kernels.engine() == "numpy":
            return None
        if not kernels.is_forced():
            if self._price is None:
                self._price = WORTH_LOADING if machine_code.has(self.name, self.task) else WORTH_COMPILING
            if self._seconds + max(weights, self._expected) / WEIGHTS_PER_SECOND < self._price:
                return None
            self._price = 0.0
        return kernels.load(self.name)


@cache
def choice(name: str, task: str) -> Choice:
    """The choice for a task of a format in this process."""
    return Choice(name.lower(), task)
