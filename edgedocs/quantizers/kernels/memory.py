"""Lanes from memory and into it; see :mod:`.vectors`."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

from edgedocs.quantizers.kernels.lanes import LANES, Lanes, element, width_of


@intrinsic
def flattened(typing: Any, array: Any) -> Any:
    """``flattened(array)``: an array without gaps as a flat one, the same memory."""
    if not (isinstance(array, types.Array) and array.layout == "C"):
        return None
    flat = array.copy(ndim=1)

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        given = context.make_array(array)(context, builder, arguments[0])
        made = context.make_array(flat)(context, builder)
        populate_array(
            made, data=given.data, shape=[given.nitems], strides=[given.itemsize], itemsize=given.itemsize, meminfo=None
        )
        return made._getvalue()

    return flat(array), lower


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
    count = width_of(value) // 8

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
