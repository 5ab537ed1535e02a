"""The type behind :mod:`.vectors`: numbers side by side in one register, and their arithmetic, told to Numba.

LLVM has vectors as a type of its own and cuts them to what the processor has: 16 float32 are one register with
AVX-512, two with AVX2, four with SSE2. Operators are lowered straight to LLVM's instructions, one each, without
fused multiplications and additions and without reordering: each lane computes what a scalar would.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from llvmlite import ir
from numba.core import types
from numba.core.datamodel import models
from numba.core.typeconv import Conversion
from numba.core.typing.templates import signature
from numba.extending import lower_builtin, lower_cast, register_model, type_callable

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LANES", "Lanes", "element", "same", "width_of"]

LANES = 16
"""How many lanes most functions of :mod:`.vectors` work on."""


class Lanes(types.Type):
    """``count`` numbers of one type, or, with ``dtype`` boolean, the answers to a comparison."""

    def __init__(self, dtype: Any, count: int) -> None:
        self.dtype, self.count = dtype, count
        super().__init__(name=f"Lanes({dtype} x {count})")

    def of(self, dtype: types.Type) -> Lanes:
        """As many lanes of another type."""
        return Lanes(dtype, self.count)

    def can_convert_from(self, typing: Any, other: types.Type) -> Conversion | None:
        """A scalar stands for lanes that are all the same."""
        return Conversion.safe if isinstance(other, types.Number | types.Boolean) else None


def element(dtype: Any) -> ir.Type:
    """LLVM's type of one lane."""
    if dtype == types.boolean:
        return ir.IntType(1)
    return ir.FloatType() if dtype == types.float32 else ir.IntType(dtype.bitwidth)


def width_of(integer: Any) -> int:
    """How many bits an integer type has."""
    return int(integer.bitwidth)


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, lanes: Lanes) -> None:
        super().__init__(manager, lanes, ir.VectorType(element(lanes.dtype), lanes.count))


def same(builder: Any, value: Any, lanes: Lanes) -> Any:
    """All lanes the same scalar, which is of the type of a lane."""
    vector = ir.VectorType(element(lanes.dtype), lanes.count)
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    places = ir.Constant(ir.VectorType(ir.IntType(32), lanes.count), [0] * lanes.count)
    return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), places)


@lower_cast(types.Number, Lanes)
@lower_cast(types.Boolean, Lanes)
def _from_scalar(context: Any, builder: Any, kind: types.Type, lanes: Lanes, value: Any) -> Any:
    if lanes.dtype == types.boolean:
        return same(builder, builder.trunc(value, ir.IntType(1)), lanes)
    return same(builder, context.cast(builder, value, kind, lanes.dtype), lanes)


def _define(
    operators: tuple[Any, ...], lower: Callable[[Any, Lanes, list[Any]], Any], answers: bool = False, arity: int = 2
) -> None:
    """Teach Numba operators of lanes and of scalars, which then stand for lanes that are all the same."""

    def typed(context: Any) -> Any:
        def typer(*arguments: types.Type) -> Any:
            lanes = next((one for one in arguments if isinstance(one, Lanes)), None)
            if lanes is None or any(isinstance(one, Lanes) and one != lanes for one in arguments):
                return None
            if not all(isinstance(one, Lanes | types.Number | types.Boolean) for one in arguments):
                return None
            return signature(lanes.of(types.boolean) if answers else lanes, *[lanes] * arity)

        return typer

    for one in operators:
        _register(one, typed, arity)
        kinds: tuple[Any, ...] = (Lanes,) * arity

        def lowered(context: Any, builder: Any, sig: Any, arguments: list[Any]) -> Any:
            return lower(builder, sig.args[0], arguments)

        lower_builtin(one, *kinds)(lowered)


def _register(function: Any, typed: Callable[[Any], Any], arity: int) -> None:
    if arity == 1:
        type_callable(function)(lambda context: lambda value: typed(context)(value))
    else:
        type_callable(function)(lambda context: lambda left, right: typed(context)(left, right))


def _arithmetic(name: str) -> Callable[[Any, Lanes, list[Any]], Any]:
    def lower(builder: Any, lanes: Lanes, arguments: list[Any]) -> Any:
        prefix = "f" if lanes.dtype == types.float32 else ""
        return getattr(builder, prefix + name)(*arguments)

    return lower


def _comparison(symbol: str) -> Callable[[Any, Lanes, list[Any]], Any]:
    def lower(builder: Any, lanes: Lanes, arguments: list[Any]) -> Any:
        if lanes.dtype == types.float32:
            compare = builder.fcmp_unordered if symbol == "!=" else builder.fcmp_ordered
        else:
            compare = builder.icmp_signed if getattr(lanes.dtype, "signed", False) else builder.icmp_unsigned
        return compare(symbol, *arguments)

    return lower


def _right_shift(builder: Any, lanes: Lanes, arguments: list[Any]) -> Any:
    return (builder.ashr if lanes.dtype.signed else builder.lshr)(*arguments)


def _negative(builder: Any, lanes: Lanes, arguments: list[Any]) -> Any:
    return builder.fneg(*arguments) if lanes.dtype == types.float32 else builder.neg(*arguments)


for _plain, _in_place, _name in (
    (operator.add, operator.iadd, "add"),
    (operator.sub, operator.isub, "sub"),
    (operator.mul, operator.imul, "mul"),
):
    _define((_plain, _in_place), _arithmetic(_name))
_define((operator.truediv, operator.itruediv), lambda builder, lanes, arguments: builder.fdiv(*arguments))
_define((operator.and_, operator.iand), lambda builder, lanes, arguments: builder.and_(*arguments))
_define((operator.or_, operator.ior), lambda builder, lanes, arguments: builder.or_(*arguments))
_define((operator.xor, operator.ixor), lambda builder, lanes, arguments: builder.xor(*arguments))
_define((operator.lshift, operator.ilshift), lambda builder, lanes, arguments: builder.shl(*arguments))
_define((operator.rshift, operator.irshift), _right_shift)
for _compare, _symbol in (
    (operator.lt, "<"),
    (operator.le, "<="),
    (operator.gt, ">"),
    (operator.ge, ">="),
    (operator.eq, "=="),
    (operator.ne, "!="),
):
    _define((_compare,), _comparison(_symbol), answers=True)
_define((operator.neg,), _negative, arity=1)
_define((operator.invert,), lambda builder, lanes, arguments: builder.not_(*arguments), arity=1)
