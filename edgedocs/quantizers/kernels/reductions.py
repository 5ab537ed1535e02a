"""All lanes at once: whether any answer is true, the greatest, a sum; see :mod:`.vectors`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from edgedocs.quantizers.kernels.lanes import LANES, Lanes, element, width_of
from edgedocs.quantizers.kernels.vectors import constants, declared, inlined, where

if TYPE_CHECKING:
    from collections.abc import Callable


@intrinsic
def answers_of(typing: Any, mask: Any) -> Any:
    """The way back from :func:`mask_of`: 16 answers from an uint16, 32 from an uint32."""
    if not isinstance(mask, types.Integer):
        return None
    result = Lanes(types.boolean, width_of(mask))

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.VectorType(ir.IntType(1), result.count))

    return result(mask), lower


def _reduce(name: str, accepts: Callable[[Any], bool]) -> Any:
    @intrinsic
    def reduced(typing: Any, values: Any) -> Any:
        if not (isinstance(values, Lanes) and accepts(values.dtype)):
            return None

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.call(declared(builder, name, values, element(values.dtype)), arguments)

        return values.dtype(values), lower

    return reduced


any_of = _reduce("llvm.vector.reduce.or", lambda dtype: bool(dtype == types.boolean))
"""Whether any lane of answers is true."""

all_of = _reduce("llvm.vector.reduce.and", lambda dtype: bool(dtype == types.boolean))
"""Whether all lanes of answers are true."""

largest = _reduce("llvm.vector.reduce.smax", lambda dtype: bool(dtype == types.int32))
"""The greatest of lanes of int32."""

union = _reduce("llvm.vector.reduce.or", lambda dtype: bool(dtype == types.int32))
"""The bits that are set in any lane of int32."""

total = _reduce("llvm.vector.reduce.add", lambda dtype: dtype in (types.int32, types.int16))
"""The sum of lanes of integers; of float32 there is none, since its order would not be C's."""

smallest = _reduce("llvm.vector.reduce.smin", lambda dtype: bool(dtype == types.int32))
"""The least of lanes of int32."""


_numbers = constants(range(LANES), np.int32)


@inlined
def first_true(answers):
    """The number of the first of 16 lanes of answers that is true; 16 if none is."""
    return smallest(where(answers, _numbers(), LANES))


@intrinsic
def mask_of(typing: Any, answers: Any) -> Any:
    """``mask_of(answers)``: answers as the bits of an int64, that of the first lane the lowest."""
    if not (isinstance(answers, Lanes) and answers.dtype == types.boolean):
        return None

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        bits = builder.bitcast(arguments[0], ir.IntType(answers.count))
        return bits if answers.count == 64 else builder.zext(bits, ir.IntType(64))

    return types.int64(answers), lower


@intrinsic
def lowest_bit(typing: Any, bits: Any) -> Any:
    """``lowest_bit(bits)``: the place of the lowest bit that is set in a whole number; 64 if none is."""
    if not isinstance(bits, types.Integer):
        return None

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        value = context.cast(builder, arguments[0], bits, types.int64)
        return builder.cttz(value, ir.Constant(ir.IntType(1), 0))

    return types.int64(bits), lower
