"""Weights that have caught quantizers out, by name. All are float32 ``[24, 512]`` and finite."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float32]

SHAPE = (24, 512)
Make = Callable[[np.random.Generator], NDArray[np.floating]]

LEAST = np.float32(2**-149)
"""The least positive float32."""


def _finite(values: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)


def _bits(random: np.random.Generator) -> NDArray[np.floating]:
    return _finite(random.integers(0, 2**32, SHAPE, np.uint32).view(np.float32))


def _sparse(random: np.random.Generator) -> NDArray[np.floating]:
    return random.standard_normal(SHAPE) * (random.random(SHAPE) < 0.02)


def _outliers(random: np.random.Generator) -> NDArray[np.floating]:
    values = random.standard_normal(SHAPE)
    values[:, ::67] *= 1000
    return values


def _one_sign_a_row(random: np.random.Generator) -> NDArray[np.floating]:
    return np.abs(random.standard_normal(SHAPE)) * np.where(np.arange(SHAPE[0]) % 2, 1, -1)[:, np.newaxis]


def _constant_rows(random: np.random.Generator) -> NDArray[np.floating]:
    return np.broadcast_to(random.standard_normal(SHAPE[0])[:, np.newaxis], SHAPE)


def _signed_zeros(random: np.random.Generator) -> NDArray[np.floating]:
    return np.where(random.random(SHAPE) < 0.5, 0.0, -0.0)


def _mixed_exponents(random: np.random.Generator) -> NDArray[np.floating]:
    return random.standard_normal(SHAPE) * np.exp2(random.integers(-140, 100, SHAPE))


def _exponent_a_row(random: np.random.Generator) -> NDArray[np.floating]:
    return random.standard_normal(SHAPE) * np.exp2(np.linspace(-149, 126, SHAPE[0]))[:, np.newaxis]


def _ties(random: np.random.Generator) -> NDArray[np.floating]:
    """Multiples of a half up to 127, with 127 in each block, so that codes fall on halves."""
    values = random.integers(-254, 255, SHAPE) / 2
    values[:, ::32] = 127
    return values


def _equal_magnitudes(random: np.random.Generator) -> NDArray[np.floating]:
    return np.where(random.random(SHAPE) < 0.5, 1.25, -1.25)


def _near_search_limit(random: np.random.Generator) -> NDArray[np.floating]:
    """About 1e-15, below which k-quants treat a group as zeros."""
    return random.standard_normal(SHAPE) * 1e-15


def _bfloat16_grid(random: np.random.Generator) -> NDArray[np.floating]:
    return (random.standard_normal(SHAPE).astype(np.float32).view(np.uint32) & 0xFFFF0000).view(np.float32)


def _zero_groups(random: np.random.Generator) -> NDArray[np.floating]:
    """Whole blocks and sub-blocks of zeros among others."""
    values = random.standard_normal(SHAPE).reshape(-1, 16)
    values[random.random(len(values)) < 0.6] = 0
    return values.reshape(SHAPE)


def _search_ends(random: np.random.Generator) -> NDArray[np.floating]:
    """Sub-blocks of 16 for which the first or the last step of the search for a k-quant's scale wins, which is rare."""
    first, last = [1, 0.61, -0.4005, 0.978], [1, 0.0099, 0.0152, 0.9887]
    values = np.zeros((SHAPE[0], SHAPE[1] // 16, 16))
    values[:, :, :4] = np.where(np.arange(SHAPE[0]) % 2, 1, -1)[:, np.newaxis, np.newaxis] * np.array(first)
    values[SHAPE[0] // 2 :, :, :4] = last
    return values.reshape(SHAPE)


def _search_grids(random: np.random.Generator) -> NDArray[np.floating]:
    """Sub-blocks of 16 that each fit one step of the search for a k-quant's scale."""
    groups = SHAPE[0] * SHAPE[1] // 16
    steps = 32 + 0.1 * random.integers(-9, 10, (groups, 1))
    values = random.integers(-31, 32, (groups, 16)) / steps
    values[:, 0] = np.where(random.random(groups) < 0.5, 1, -1)
    return values.reshape(SHAPE)


INPUTS: dict[str, Make] = {
    "gaussian": lambda random: random.standard_normal(SHAPE),
    "like weights": lambda random: random.standard_normal(SHAPE) * 0.02,
    "heavy tails": lambda random: random.standard_cauchy(SHAPE),
    "sparse": _sparse,
    "outliers": _outliers,
    "zeros": lambda random: np.zeros(SHAPE),
    "negative zeros": lambda random: np.full(SHAPE, -0.0),
    "signed zeros": _signed_zeros,
    "constant": lambda random: np.full(SHAPE, 0.3),
    "constant rows": _constant_rows,
    "one sign a row": _one_sign_a_row,
    "equal magnitudes": _equal_magnitudes,
    "ties": _ties,
    "zero groups": _zero_groups,
    "denormal": lambda random: random.standard_normal(SHAPE) * 1e-40,
    "least denormals": lambda random: random.integers(-9, 10, SHAPE) * LEAST,
    "inverse overflows": lambda random: random.standard_normal(SHAPE) * 3e-39,
    "inverse overflows by 127": lambda random: random.standard_normal(SHAPE) * 3e-37,
    "tiny": lambda random: random.standard_normal(SHAPE) * 1e-30,
    "near the search limit": _near_search_limit,
    "scale underflows": lambda random: random.standard_normal(SHAPE) * 1e-6,
    "scale below float16": lambda random: random.standard_normal(SHAPE) * 3e-8,
    "scale overflows": lambda random: random.standard_normal(SHAPE) * 1e6,
    "cubes overflow": lambda random: random.standard_normal(SHAPE) * 1e13,
    "squares overflow": lambda random: random.standard_normal(SHAPE) * 1e19,
    "huge": lambda random: np.clip(random.standard_normal(SHAPE), -3, 3) * 1e38,
    "mixed exponents": _mixed_exponents,
    "an exponent a row": _exponent_a_row,
    "any bits": _bits,
    "bfloat16 grid": _bfloat16_grid,
    "float16 grid": lambda random: random.standard_normal(SHAPE).astype(np.float16),
    "search ends": _search_ends,
    "search grids": _search_grids,
    "small integers": lambda random: random.integers(-8, 9, SHAPE),
    "scale of a codebook overflows": lambda random: random.standard_normal(SHAPE) * 1e9,
    "greatest": lambda random: np.where(random.random(SHAPE) < 0.5, 1, -1) * np.float64(np.finfo(np.float32).max),
}


IMPORTANCES: dict[str, Make] = {
    "even": lambda random: np.ones(SHAPE[1]),
    "like activations": lambda random: random.standard_normal(SHAPE[1]) ** 2,
    "some zeros": lambda random: random.standard_normal(SHAPE[1]) ** 2 * (random.random(SHAPE[1]) < 0.5),
    "zeros": lambda random: np.zeros(SHAPE[1]),
    "zero blocks": lambda random: np.repeat(random.random(SHAPE[1] // 32) < 0.5, 32) * random.random(SHAPE[1]),
    "one column": lambda random: np.arange(SHAPE[1]) == 77,
    "extreme range": lambda random: np.exp2(random.uniform(-120, 120, SHAPE[1])),
    "wide range": lambda random: np.exp2(random.uniform(-30, 30, SHAPE[1])),
    "denormal": lambda random: random.random(SHAPE[1]) * 1e-40,
    "huge": lambda random: random.random(SHAPE[1]) * 1e37,
}
"""How much each of the 512 columns matters, by name; all are finite and not negative."""


def make_importance(name: str) -> Weights:
    """The importance called ``name``, float32 ``[512]``, the same at each call."""
    seed = list(IMPORTANCES).index(name)
    values = np.ascontiguousarray(IMPORTANCES[name](np.random.default_rng(seed)), np.float32)
    assert values.shape == SHAPE[1:]
    assert np.isfinite(values).all()
    assert (values >= 0).all()
    return values


def make(name: str) -> Weights:
    """The weights called ``name``, the same at each call."""
    seed = list(INPUTS).index(name)
    values = np.ascontiguousarray(INPUTS[name](np.random.default_rng(seed)), np.float32)
    assert values.shape == SHAPE
    assert np.isfinite(values).all()
    return values
