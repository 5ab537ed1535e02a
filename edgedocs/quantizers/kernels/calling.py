"""How compiled kernels are called from Python: by pointers and lengths, once what they point to is checked.

Meanwhile other threads go on: no kernel touches a Python object.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, NamedTuple


class Argument(NamedTuple):
    """An argument of a kernel: an array without gaps, or an integer.

    Attributes:
        dtype: of the array's elements; None for an integer.
        dimensions: of the array.
        is_written: whether the kernel writes to it.
    """

    dtype: str | None
    dimensions: int = 1
    is_written: bool = False

    @property
    def ctypes(self) -> list[Any]:
        """What C sees of it: a pointer and the lengths of the dimensions, or the integer."""
        return [ctypes.c_ssize_t] if self.dtype is None else [ctypes.c_void_p, *[ctypes.c_ssize_t] * self.dimensions]

    def passed(self, value: Any) -> list[int]:
        """A value as C sees it.

        Raises:
            TypeError: if it is another kind of array.
        """
        if self.dtype is None:
            return [value]
        is_right = value.dtype == self.dtype and value.ndim == self.dimensions and value.flags.c_contiguous
        if not is_right or (self.is_written and not value.flags.writeable):
            raise TypeError(f"a kernel needs an array of {self}, not {value.dtype.name} of shape {value.shape}")
        return [value.ctypes.data, *value.shape]


_WEIGHTS, _WEIGHTS_WRITTEN = Argument("float32"), Argument("float32", is_written=True)
_ROWS = Argument("float32", 2)
_HALVES = Argument("uint16")
_BLOCKS, _BLOCKS_WRITTEN = Argument("uint8"), Argument("uint8", is_written=True)


@dataclass(frozen=True)
class Kind:
    """A kind of kernel.

    Attributes:
        arguments: what it is called with.
        answers: whether False is an answer, and no failure.
    """

    arguments: tuple[Argument, ...]
    answers: bool = False


KINDS = {
    "encode": Kind((_WEIGHTS, _BLOCKS_WRITTEN), answers=True),
    "encode_with": Kind((_WEIGHTS, _BLOCKS_WRITTEN, _ROWS, Argument(None), _WEIGHTS), answers=True),
    "decode": Kind((_BLOCKS, _WEIGHTS_WRITTEN)),
    "all_finite": Kind((_WEIGHTS,), answers=True),
    "mean_squares": Kind((_ROWS, _WEIGHTS_WRITTEN)),
    "widen_float16": Kind((_HALVES, _WEIGHTS_WRITTEN)),
    "widen_bfloat16": Kind((_HALVES, _WEIGHTS_WRITTEN)),
}
"""By the names of the functions; what they do is told in :mod:`.compiling`."""


class Function:
    """A compiled kernel.

    Args:
        kind: the name of its kind.
        address: where its machine code is.
    """

    def __init__(self, kind: str, address: int) -> None:
        self._kind = KINDS[kind]
        parameters = [one for argument in self._kind.arguments for one in argument.ctypes]
        self._call = ctypes.CFUNCTYPE(ctypes.c_bool, *parameters)(address)

    def __call__(self, *values: Any) -> bool:
        """Call it; False if it did not do what it is asked for.

        Raises:
            TypeError: if a value is no array of the right kind.
            MemoryError: if there was no memory for it.
        """
        arguments = zip(self._kind.arguments, values, strict=True)
        done = bool(self._call(*[one for argument, value in arguments for one in argument.passed(value)]))
        if not (done or self._kind.answers):
            raise MemoryError("no memory for a kernel")
        return done
