"""Vectors that read like arithmetic: what kernels are written with.

A kernel is a Python function that Numba compiles. Its variables hold *lanes*: 16 numbers side by side, which the
processor works on at once. Operators and comparisons work lane by lane, and a scalar stands for lanes that are all the
same::

    x = load(weights, place)              # weights[place], …, weights[place + 15]
    code = nearest_int(x * inverse)       # each lane what ggml's nearest_int gives
    code = where(code > 15, 15, code)
    store(codes, place, as_uint8(code))

How to make a kernel of a format's NumPy code: give each lane one block, sub-block or step of the search, keep the order
of the C code within the lane, and turn each ``if`` into a :func:`where`. Then each lane does the same float32
operations in the same order as the C code, and the bytes are the same. :mod:`.memory` has :func:`load` and
:func:`store`, :mod:`.reductions` what looks at all lanes at once. Things to know:

* There are lanes of float32, int32, uint8 and so on, and of answers (what comparisons give). They do not mix: convert
  with :func:`as_float32`, :func:`as_int32`, :func:`as_uint8`. A scalar is converted to the lanes' type, which for a
  ``float`` means rounding to float32.
* Outside of lanes Numba computes ``float32 * int`` and ``float32 * 0.1`` in float64: write ``np.float32(…)``.
* An index is not checked: it must be within the array, with all lanes.
* A function that kernels share is decorated with :data:`inlined`, so that lanes stay in registers.
* Slow, though it does not look so: a tuple of constants with a variable index (use an array, or :func:`pick`); a
  ``NamedTuple`` of arrays as an argument within a hot loop, whose references are counted each time (hand over the
  arrays); three answers combined with ``&`` before AVX-512, which has registers for answers (combine what is compared).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from llvmlite import ir
from numba import njit
from numba.core import types
from numba.extending import intrinsic

from edgedocs.quantizers.kernels.lanes import LANES, Lanes, element, same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

inlined = njit(forceinline=True, error_model="numpy", nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""For functions that kernels call: compiled into each of them."""

called = njit(error_model="numpy", nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""For large functions: kernels call them, so that they are compiled once and know none of their arguments."""


# --- lanes by their number ---


@intrinsic
def lane(typing: Any, values: Any, number: Any) -> Any:
    """``lane(values, number)``: the scalar in one lane."""
    if not (isinstance(values, Lanes) and isinstance(number, types.Integer)):
        return None

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = context.cast(builder, arguments[1], number, types.int32)
        one = builder.extract_element(arguments[0], place)
        return builder.zext(one, ir.IntType(1)) if values.dtype == types.boolean else one

    return values.dtype(values, number), lower


def _splatter(count: int, dtype: Any) -> Any:
    @intrinsic
    def splat(typing: Any, value: Any) -> Any:
        if not isinstance(value, types.Number):
            return None
        lanes = Lanes(dtype, count)

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return same(builder, context.cast(builder, arguments[0], value, dtype), lanes)

        return lanes(value), lower

    return splat


floats = _splatter(LANES, types.float32)
"""``floats(value)``: 16 lanes of float32, all the same."""

floats8 = _splatter(8, types.float32)
"""As :func:`floats`, 8 lanes."""

integers = _splatter(LANES, types.int32)
"""``integers(value)``: 16 lanes of int32, all the same."""


@intrinsic
def pick(typing: Any, table: Any, numbers: Any) -> Any:
    """``pick(table, numbers)``: lane ``numbers[k]`` of a table, for each of as many numbers in its range."""
    if not (isinstance(table, Lanes) and isinstance(numbers, Lanes) and table.count == numbers.count):
        return None

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        # LLVM knows this pattern as one instruction, where the processor has it, unless it has mixed it with what comes
        # before and after.
        places = _fenced(builder, arguments[1])
        result = ir.Constant(ir.VectorType(element(table.dtype), table.count), ir.Undefined)
        for number in range(table.count):
            place = ir.Constant(ir.IntType(32), number)
            one = builder.extract_element(arguments[0], builder.extract_element(places, place))
            result = builder.insert_element(result, one, place)
        return _fenced(builder, result)

    return table(table, numbers), lower


def _fenced(builder: Any, value: Any) -> Any:
    """The same lanes, through which LLVM moves no instruction; lanes that do not have 32 bits as they are."""
    kind, count = value.type.element, value.type.count
    if kind not in (ir.FloatType(), ir.IntType(32)):
        return value
    vector = ir.VectorType(ir.FloatType(), count)
    fence = declared(builder, "llvm.arithmetic.fence", Lanes(types.float32, count), vector)
    return builder.bitcast(builder.call(fence, [builder.bitcast(value, vector)]), value.type)


def constants(values: Sequence[float] | NDArray[Any], dtype: Any) -> Any:
    """A function without arguments that gives the lanes ``values``; ``dtype`` is a NumPy scalar type."""
    from numba import from_dtype

    kind = from_dtype(np.dtype(dtype))
    exact = [dtype(value).item() for value in values]

    @intrinsic
    def lanes(typing: Any) -> Any:
        result = Lanes(kind, len(exact))

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return ir.Constant(ir.VectorType(element(kind), len(exact)), exact)

        return result(), lower

    return lanes


def shuffle(places: Sequence[int]) -> Any:
    """A function of two equal kinds of lanes; lane ``k`` of its result is lane ``places[k]`` of the two in a row."""

    @intrinsic
    def shuffled(typing: Any, first: Any, second: Any) -> Any:
        if not (isinstance(first, Lanes) and first == second):
            return None
        result = Lanes(first.dtype, len(places))

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            mask = ir.Constant(ir.VectorType(ir.IntType(32), len(places)), list(places))
            return builder.shuffle_vector(*arguments, mask)

        return result(first, second), lower

    return shuffled


# --- lane by lane ---


@intrinsic
def where(typing: Any, answers: Any, yes: Any, no: Any) -> Any:
    """``where(answers, yes, no)``: C's ``answer ? yes : no`` in each lane; both are computed."""
    lanes = yes if isinstance(yes, Lanes) else no
    if not (isinstance(answers, Lanes) and answers.dtype == types.boolean and isinstance(lanes, Lanes)):
        return None

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.select(*arguments)

    return lanes(answers, lanes, lanes), lower


@inlined
def greater(left, right):
    """C's ``left > right ? left : right``."""
    return where(left > right, left, right)


@inlined
def lesser(left, right):
    """C's ``left < right ? left : right``."""
    return where(left < right, left, right)


def declared(builder: Any, name: str, lanes: Lanes, result: Any) -> Any:
    """LLVM's intrinsic of that name for one argument of such lanes."""
    kind = element(lanes.dtype)
    letter = "f32" if lanes.dtype == types.float32 else f"i{kind.width}"
    full_name = f"{name}.v{lanes.count}{letter}"
    known = builder.module.globals.get(full_name)
    return known or ir.Function(builder.module, ir.FunctionType(result, [ir.VectorType(kind, lanes.count)]), full_name)


def _call(name: str) -> Any:
    """A function of lanes of float32 that LLVM has an intrinsic for, which is exact."""

    @intrinsic
    def function(typing: Any, values: Any) -> Any:
        if not (isinstance(values, Lanes) and values.dtype == types.float32):
            return None

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.call(declared(builder, name, values, arguments[0].type), arguments)

        return values(values), lower

    return function


absolute = _call("llvm.fabs")
"""C's ``fabsf``."""

square_root = _call("llvm.sqrt")
"""C's ``sqrtf``."""

truncated = _call("llvm.trunc")
"""C's ``truncf``."""

rounded_to_even = _call("llvm.rint")
"""C's ``rintf``: the nearest whole number, halves to even."""


def _convert(dtype: Any) -> Any:
    @intrinsic
    def converted(typing: Any, values: Any) -> Any:
        if not isinstance(values, Lanes):
            return None
        result = values.of(dtype)

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return _converted(builder, arguments[0], values.dtype, dtype, arguments[0].type.count)

        return result(values), lower

    return converted


def _converted(builder: Any, value: Any, source: Any, target: Any, count: int) -> Any:
    vector = ir.VectorType(element(target), count)
    signed = getattr(source, "signed", False)
    if target == source:
        return value
    if target == types.float32:
        return (builder.sitofp if signed else builder.uitofp)(value, vector)
    if source == types.float32:
        return builder.fptosi(value, vector)
    if source != types.boolean and source.bitwidth >= target.bitwidth:
        return builder.trunc(value, vector) if source.bitwidth > target.bitwidth else value
    return (builder.sext if signed else builder.zext)(value, vector)


as_float32 = _convert(types.float32)
"""Whole numbers as float32; answers as 0 and 1."""

as_int32 = _convert(types.int32)
"""Towards zero, as C's cast; within the range of int32. Narrower integers are widened, answers become 0 and 1."""

as_uint32 = _convert(types.uint32)
"""Of int32 the same bits."""

as_int16 = _convert(types.int16)
"""The low 16 bits."""

as_uint16 = _convert(types.uint16)
"""The low 16 bits; uint8 are widened."""

as_int8 = _convert(types.int8)
"""The low eight bits, as C's cast; of uint8 the same bits."""

as_uint8 = _convert(types.uint8)
"""The low eight bits, as C's cast; answers become 0 and 1."""


def _reinterpret(dtype: Any) -> Any:
    @intrinsic
    def reinterpreted(typing: Any, values: Any) -> Any:
        if not isinstance(values, Lanes) or values.dtype == types.boolean:
            return None
        result = Lanes(dtype, values.count * values.dtype.bitwidth // dtype.bitwidth)

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.bitcast(arguments[0], ir.VectorType(element(dtype), result.count))

        return result(values), lower

    return reinterpreted


bits_of = _reinterpret(types.int32)
"""The bits of the lanes as lanes of int32; four bytes are one of these."""

float_of = _reinterpret(types.float32)
"""The float32 that have these bits."""

bytes_of = _reinterpret(types.uint8)
"""The bytes of the lanes, the lowest first."""


pairs_of = _reinterpret(types.uint16)
"""Two bytes each as lanes of uint16."""

unsigned_of = _reinterpret(types.uint32)
"""The bits of the lanes as lanes of uint32, which are compared without sign."""


# --- parts ---


def _half(number: int) -> Any:
    @intrinsic
    def half(typing: Any, values: Any) -> Any:
        if not (isinstance(values, Lanes) and values.count % 2 == 0):
            return None
        result = Lanes(values.dtype, values.count // 2)

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            places = range(number * result.count, (number + 1) * result.count)
            mask = ir.Constant(ir.VectorType(ir.IntType(32), result.count), list(places))
            return builder.shuffle_vector(arguments[0], ir.Constant(arguments[0].type, ir.Undefined), mask)

        return result(values), lower

    return half


lower = _half(0)
"""The first half of the lanes."""

upper = _half(1)
"""The second half of the lanes."""

joined8 = shuffle(range(16))
"""Twice 8 lanes as 16."""

joined16 = shuffle(range(32))
"""Twice 16 lanes as 32."""


integers8 = _splatter(8, types.int32)
"""``integers8(value)``: 8 lanes of int32, all the same."""
