import numpy as np

import edgedocs
from edgedocs import quantizers

short = np.ones((4, 100), np.float32)
huge = np.full((1, 256), 1e7, np.float32)
broken = np.ones((2, 256), np.float32)
broken[1, 17] = np.nan


def attempt(title: str, name: str, weights: np.ndarray) -> None:
    form = quantizers.get(name)
    try:
        form.validate(form.quantize(weights))
    except edgedocs.BadInput as error:
        print(f"{title}:\n  {error}".replace("\n", "\n  ").rstrip())
    else:
        print(f"{title}: {name} stores it")


attempt("a row that no blocks fill", "q4_k", short)
attempt("a scale beyond 16-bit floats", "q8_0", huge)
attempt("the same with a power of two as scale", "mxfp4", huge)
attempt("a weight that is no number", "q4_0", broken)
attempt("two bits without importance", "iq2_xxs", np.ones((1, 256), np.float32))
