"""Machine code: made of what Numba compiled, and linked into this process.

What Numba compiles calls the interpreter where a function of it raises an error, and Numba's own allocator. Kernels
raise none but for want of memory, and so the code is made to stand for itself: memory comes from the C library, and
what would report an error does nothing, upon which the kernel answers False. Such code needs neither Numba nor
pickles to be loaded again, only LLVM's linker, which is there in a tenth of the time.
"""

from __future__ import annotations

import hashlib
import os
import re
from functools import cache
from typing import Any

import llvmlite.binding as llvm

ENTRY = "edgedocs_kernel"
"""The name of the one function that is called from outside."""

_FROM_C = frozenset({"memcpy", "memmove", "memset", "memset_pattern16", "malloc", "free", "bzero"})

_MEMORY = """
declare ptr @malloc(i64)
declare void @free(ptr)

define internal ptr @edgedocs_allocate(i64 %size, i64 %align) {
  %more = add i64 %align, 64
  %all = add i64 %size, %more
  %block = call ptr @malloc(i64 %all)
  %is_none = icmp eq ptr %block, null
  br i1 %is_none, label %end, label %fill
fill:
  %address = ptrtoint ptr %block to i64
  %above = add i64 %address, %more
  %below = sub i64 0, %align
  %aligned = and i64 %above, %below
  %data = inttoptr i64 %aligned to ptr
  call void @llvm.memset.p0.i64(ptr %block, i8 0, i64 48, i1 false)
  store i64 1, ptr %block
  %at_data = getelementptr i8, ptr %block, i64 24
  store ptr %data, ptr %at_data
  %at_size = getelementptr i8, ptr %block, i64 32
  store i64 %size, ptr %at_size
  br label %end
end:
  ret ptr %block
}
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)

define ptr @NRT_MemInfo_alloc_aligned(i64 %size, i32 %align) {
  %wide = zext i32 %align to i64
  %block = call ptr @edgedocs_allocate(i64 %size, i64 %wide)
  ret ptr %block
}
define ptr @NRT_MemInfo_alloc(i64 %size) {
  %block = call ptr @edgedocs_allocate(i64 %size, i64 64)
  ret ptr %block
}
define void @NRT_MemInfo_call_dtor(ptr %block) {
  call void @free(ptr %block)
  ret void
}
define ptr @NRT_Allocate(i64 %size) {
  %block = call ptr @malloc(i64 %size)
  ret ptr %block
}
define void @NRT_Free(ptr %block) {
  call void @free(ptr %block)
  ret void
}
"""
"""Numba's allocator: a header of 48 bytes, its count of references first, the address of the data at 24."""

_REPORTING = frozenset(
    {
        "PyBytes_FromStringAndSize",
        "PyErr_Clear",
        "PyErr_SetNone",
        "PyErr_SetString",
        "PyErr_WriteUnraisable",
        "PyObject_Hash",
        "PyTuple_Pack",
        "PyUnicode_FromKindAndData",
        "PyUnicode_FromString",
        "Py_DecRef",
        "numba_do_raise",
        "numba_gil_ensure",
        "numba_gil_release",
        "numba_runtime_build_excinfo_struct",
        "numba_unpickle",
    }
)
"""What reports an error to the interpreter."""

_DECLARED = re.compile(r"^declare (?:noalias )?(void|ptr|i\d+) @(\w+)(\([^)]*\)).*$", re.MULTILINE)
_EXTERNAL = re.compile(r"^(@Py\w+ = )external( global \S+)$", re.MULTILINE)


class NotSelfContainedError(Exception):
    """Code calls something that is not known here."""


def object_file(assembly: str, entry: str) -> bytes:
    """An object file of LLVM's code that Numba optimized.

    Args:
        assembly: the code as text.
        entry: the name of the function to be called, which becomes :data:`ENTRY`.

    Raises:
        NotSelfContainedError: if the code needs what this module does not provide.
    """
    assembly = re.sub(rf'@"?{re.escape(entry)}"?(?=[\s(,)])', f"@{ENTRY}", assembly)
    assembly = _EXTERNAL.sub(r"\1internal\2 0", _DECLARED.sub(_nothing, assembly))
    try:
        module = llvm.parse_assembly(assembly)
        module.link_in(llvm.parse_assembly(_MEMORY))
    except RuntimeError as error:  # another LLVM may write its code otherwise
        raise NotSelfContainedError(str(error)) from error
    unknown = [
        function.name
        for function in module.functions
        if function.is_declaration and not function.name.startswith("llvm.") and function.name not in _FROM_C
    ]
    if unknown:
        raise NotSelfContainedError(", ".join(unknown))
    emitted: bytes = _machine().emit_object(module)
    return emitted


def _nothing(declared: re.Match[str]) -> str:
    """A function that does nothing in place of one that reports errors."""
    kind, name, parameters = declared.groups()
    if name not in _REPORTING:
        return declared[0]
    result = {"void": "void", "ptr": "ptr null"}.get(kind, f"{kind} 0")
    return f"define internal {kind} @{name}{parameters} {{\n  ret {result}\n}}"


_engines: list[Any] = []
"""Of all that is linked, so that it stays."""


def linked(code: bytes) -> int:
    """The address of the function in an object file of :func:`object_file`, now part of this process."""
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _engines.append(engine)
    address: int = engine.get_function_address(ENTRY)
    return address


@cache
def processor() -> str:
    """A name for what machine code is made for: system, processor and its features."""
    return hashlib.sha256("\n".join(_target()).encode()).hexdigest()[:16]


def _target() -> tuple[str, str, str]:
    """System, processor and features, as Numba takes them: its variables say whether they are this machine's own."""
    name = os.environ.get("NUMBA_CPU_NAME")
    features = os.environ.get("NUMBA_CPU_FEATURES")
    if features is None:
        features = "" if name else llvm.get_host_cpu_features().flatten()
    return llvm.get_process_triple(), name or llvm.get_host_cpu_name(), features


def _machine() -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    triple, name, features = _target()
    target = llvm.Target.from_triple(triple)
    relocation = "static" if target.name.startswith("x86") else "pic" if target.name.startswith("ppc") else "default"
    return target.create_target_machine(name, features, opt=3, reloc=relocation, codemodel="jitdefault", jit=True)
