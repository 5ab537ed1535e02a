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
operations in the same order as the C code, and the bytes are the same. Four things to know:

* There are lanes of float32, int32, uint8 and so on, and of answers (what comparisons give). They do not mix: convert
  with :func:`as_float32`, :func:`as_int32`, :func:`as_uint8`. A scalar is converted to the lanes' type, which for a
  ``float`` means rounding to float32.
* Outside of lanes Numba computes ``float32 * int`` and ``float32 * 0.1`` in float64: write ``np.float32(…)``.
* An index is not checked: it must be within the array, with all lanes.
* A function that kernels share is decorated with :data:`inlined`, so that lanes stay in registers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from llvmlite import ir
from numba import njit
from numba.core import types
from numba.extending import intrinsic

from edgedocs.quantizers.kernels.lanes import Lanes, element, same

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

LANES = 16
"""How many lanes :func:`load` gives, like :func:`floats` and :func:`integers`."""

inlined = njit(forceinline=True, error_model="numpy", nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""For functions that kernels call: compiled into each of them."""

called = njit(error_model="numpy", nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""For large functions: kernels call them, so that they are compiled once and know none of their arguments."""


# --- memory ---


def _is_flat(array: Any, index: Any) -> bool:
    return (
        isinstance(array, types.Array) and array.ndim == 1 and array.layout == "C" and isinstance(index, types.Integer)
    )


def _address(context: Any, builder: Any, signature: Any, arguments: Any, lanes: Lanes) -> Any:
    """Where the lanes begin in the memory of a flat array; the first two arguments are array and index."""
    array, index = signature.args[:2]
    data = context.make_array(array)(context, builder, arguments[0]).data
    place = builder.gep(data, [context.cast(builder, arguments[1], index, types.intp)], inbounds=True)
    return builder.bitcast(place, ir.VectorType(element(lanes.dtype), lanes.count).as_pointer())


def _bits(integer: Any) -> int:
    """How many bits an integer type has."""
    return int(integer.bitwidth)


def _loader(count: int) -> Any:
    @intrinsic
    def load(typing: Any, array: Any, index: Any) -> Any:
        if not _is_flat(array, index):
            return None
        lanes = Lanes(array.dtype, count)

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            address = _address(context, builder, signature, arguments, lanes)
            return builder.load(address, align=max(1, array.dtype.bitwidth // 8))

        return lanes(array, index), lower

    return load


load = _loader(LANES)
"""``load(array, index)``: 16 neighbours of a flat array, from ``index`` on."""

load4 = _loader(4)
"""As :func:`load`, 4 lanes."""

load8 = _loader(8)
"""As :func:`load`, 8 lanes."""

load4 = _loader(4)
"""As :func:`load`, 4 lanes."""

load32 = _loader(32)
"""As :func:`load`, 32 lanes."""


@intrinsic
def store(typing: Any, array: Any, index: Any, values: Any) -> Any:
    """``store(array, index, values)``: write lanes to neighbours of a flat array of their type, from ``index`` on."""
    if not (_is_flat(array, index) and isinstance(values, Lanes) and values.dtype == array.dtype):
        return None

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _address(context, builder, signature, arguments, values)
        builder.store(arguments[2], address, align=max(1, array.dtype.bitwidth // 8))
        return context.get_dummy_value()

    return types.void(array, index, values), lower


@intrinsic
def store_number(typing: Any, array: Any, index: Any, value: Any) -> Any:
    """``store_number(array, index, value)``: write an integer to its bytes in a flat array of uint8, lowest first.

    The type of the value says how many: ``np.uint16(value)`` is two.
    """
    if not (_is_flat(array, index) and array.dtype == types.uint8 and isinstance(value, types.Integer)):
        return None
    count = _bits(value) // 8

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _address(context, builder, signature, arguments, Lanes(types.uint8, count))
        builder.store(arguments[2], builder.bitcast(address, arguments[2].type.as_pointer()), align=1)
        return context.get_dummy_value()

    return types.void(array, index, value), lower


def _number_loader(dtype: Any) -> Any:
    @intrinsic
    def load_number(typing: Any, array: Any, index: Any) -> Any:
        if not (_is_flat(array, index) and array.dtype == types.uint8):
            return None

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            address = _address(context, builder, signature, arguments, Lanes(types.uint8, dtype.bitwidth // 8))
            return builder.load(builder.bitcast(address, ir.IntType(dtype.bitwidth).as_pointer()), align=1)

        return dtype(array, index), lower

    return load_number


load_uint16 = _number_loader(types.uint16)
"""``load_uint16(array, index)``: the number in two bytes of a flat array of uint8, the lowest first."""

load_uint32 = _number_loader(types.uint32)
"""As :data:`load_uint16`, of four bytes."""


@intrinsic
def gather(typing: Any, array: Any, indices: Any) -> Any:
    """``gather(array, indices)``: ``array[indices[lane]]`` for each lane of int32 indices."""
    if not (_is_flat(array, types.intp) and isinstance(indices, Lanes) and indices.dtype == types.int32):
        return None
    lanes = indices.of(array.dtype)

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(array)(context, builder, arguments[0]).data
        result = ir.Constant(ir.VectorType(element(lanes.dtype), lanes.count), ir.Undefined)
        for lane in range(lanes.count):
            place = ir.Constant(ir.IntType(32), lane)
            index = builder.sext(builder.extract_element(arguments[1], place), ir.IntType(64))
            one = builder.load(builder.gep(data, [index], inbounds=True))
            result = builder.insert_element(result, one, place)
        return result

    return lanes(array, indices), lower


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
        # LLVM knows this pattern as one instruction, where the processor has it.
        result = ir.Constant(ir.VectorType(element(table.dtype), table.count), ir.Undefined)
        for number in range(table.count):
            place = ir.Constant(ir.IntType(32), number)
            one = builder.extract_element(arguments[0], builder.extract_element(arguments[1], place))
            result = builder.insert_element(result, one, place)
        return result

    return table(table, numbers), lower


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


def _declared(builder: Any, name: str, lanes: Lanes, result: Any) -> Any:
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
            return builder.call(_declared(builder, name, values, arguments[0].type), arguments)

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


# --- all lanes at once ---


@intrinsic
def answers_of(typing: Any, mask: Any) -> Any:
    """The way back from :func:`mask_of`: 16 answers from an uint16, 32 from an uint32."""
    if not isinstance(mask, types.Integer):
        return None
    result = Lanes(types.boolean, _bits(mask))

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.VectorType(ir.IntType(1), result.count))

    return result(mask), lower


def _reduce(name: str, accepts: Callable[[Any], bool]) -> Any:
    @intrinsic
    def reduced(typing: Any, values: Any) -> Any:
        if not (isinstance(values, Lanes) and accepts(values.dtype)):
            return None

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.call(_declared(builder, name, values, element(values.dtype)), arguments)

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


# --- eight lanes, and single numbers ---

floats8 = _splatter(8, types.float32)
"""``floats8(value)``: 8 lanes of float32, all the same."""

integers8 = _splatter(8, types.int32)
"""``integers8(value)``: 8 lanes of int32, all the same."""


@intrinsic
def at(typing: Any, array: Any, index: Any) -> Any:
    """``at(array, index)``: one number of a flat array; unlike ``array[index]`` it never counts from the end."""
    if not _is_flat(array, index):
        return None

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(array)(context, builder, arguments[0]).data
        place = context.cast(builder, arguments[1], index, types.intp)
        return builder.load(builder.gep(data, [place], inbounds=True))

    return array.dtype(array, index), lower


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


@intrinsic
def prefetch(typing: Any, array: Any, index: Any) -> Any:
    """``prefetch(array, index)``: have the processor fetch what will be read there; the index may be out of range."""
    if not _is_flat(array, index):
        return None

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _address(context, builder, signature, arguments, Lanes(array.dtype, 1))
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        name = "llvm.prefetch.p0i8"
        function = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
        # To be read, to be kept in all caches, and data.
        options = [ir.Constant(number, option) for option in (0, 3, 1)]
        builder.call(function, [builder.bitcast(address, byte), *options])
        return context.get_dummy_value()

    return types.void(array, index), lower
