from collections.abc import Callable
from pathlib import Path

import numpy as np

import edgedocs
from edgedocs.containers.imatrix import write_imatrix
from edgedocs.measurement import importance
from edgedocs.tiny import held_out

tiny = edgedocs.Checkpoint.open("tiny")


def attempt(title: str, action: Callable[[], object]) -> None:
    try:
        action()
    except edgedocs.EdgeDocsError as error:
        print(f"{title}:\n  {error.what};\n  expected {error.expected}\n  remedy: {error.remedy}")
    else:
        raise AssertionError(title)


def write(name: str, columns: int, value: float) -> str:
    counts = {"blk.0.ffn_down.weight": np.ones((1, 1), np.float32)}
    sums = {"blk.0.ffn_down.weight": np.full((1, columns), value, np.float32)}
    write_imatrix(Path(name), sums, counts, ["text"], 1, 512)
    return name


def quantize(matrix: str | None = None, recipe: str = "iq2_xxs") -> None:
    edgedocs.convert(tiny, "model.gguf", type=recipe, imatrix=matrix)


attempt("no matrix", quantize)
attempt("a matrix of some tensors only", lambda: quantize(write("part.gguf", 768, 1.0)))
attempt("the matrix of another model", lambda: quantize(write("other.gguf", 1024, 1.0), "q4_k_m"))
attempt("an activation overflowed", lambda: quantize(write("inf.gguf", 768, np.inf), "q4_k_m"))
attempt("too little text", lambda: importance(tiny, held_out("en")[:500]))
