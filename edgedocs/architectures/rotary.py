"""Rotary positions: what ``rope_parameters``, or ``rope_scaling`` in older files, say about them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from edgedocs.architectures.config import Config
from edgedocs.core.errors import BadInput

ScalingKind = Literal["linear", "llama3", "yarn", "longrope"]

DEFAULT_THETA = 10000.0
"""The base of the rotary frequencies where ``config.json`` names none, as in transformers."""
LARGEST_FACTOR = 1e6
"""By how much a frequency may be divided; the largest in use is 64."""
USUAL_LLAMA3 = (1.0, 4.0, 8192)
"""The factors for low and high frequencies and the original context of the models of Llama 3."""
YARN_RAMP = {"beta_fast": 32, "beta_slow": 1}
"""Between how many rotations YaRN goes from one frequency to the other; llama.cpp has these alone."""


@dataclass(frozen=True)
class RotaryScaling:
    """How rotary frequencies are stretched, so that a model reads longer texts than it was first trained on.

    Attributes:
        kind: ``"linear"``: all by the same factor; ``"llama3"``: each by its own, see ``divisors``; ``"yarn"``: the low
            ones by the factor, the high ones not; ``"longrope"``: by ``divisors`` for texts that are longer than
            ``original_context``, by ``short_divisors`` for others.
        factor: by how much texts may be longer than before.
        original_context: the tokens of a text that the model was first trained on.
        attention_factor: what cosines and sines are multiplied by.
        divisors: what each frequency is divided by.
        short_divisors: the same for short texts.
    """

    kind: ScalingKind
    factor: float
    original_context: int
    attention_factor: float = 1.0
    divisors: tuple[float, ...] = ()
    short_divisors: tuple[float, ...] = ()


@dataclass(frozen=True)
class Rotary:
    """Rotary positions.

    Attributes:
        theta: the base of the frequencies.
        size: how many numbers of a head are rotated.
        scaling: how the frequencies are stretched; None if they are not.
    """

    theta: float
    size: int
    scaling: RotaryScaling | None


def read_rotary(
    values: Config,
    head_size: int,
    context_length: int,
    kinds: tuple[ScalingKind, ...] = (),
    *,
    partial: bool = False,
    theta: float = DEFAULT_THETA,
) -> Rotary:
    """Read what ``config.json`` says of rotary positions.

    Args:
        values: the document.
        head_size: width of a head.
        context_length: positions that the model was made for.
        kinds: the kinds of scaling that converters get right for this family.
        partial: whether part of a head may be rotated.
        theta: the base of the frequencies where the document names none.

    Raises:
        BadInput: if a value is missing, cannot be right or asks for something else.
    """
    section = values.section("rope_scaling" if values.values.get("rope_scaling") else "rope_parameters")
    return read_section(section, values, head_size, context_length, kinds, partial=partial, theta=theta)


def read_section(
    section: Config,
    values: Config,
    head_size: int,
    context_length: int,
    kinds: tuple[ScalingKind, ...] = (),
    *,
    partial: bool = False,
    theta: float = DEFAULT_THETA,
) -> Rotary:
    """As :func:`read_rotary`, where the section has been found: some families have one for each kind of layers."""
    base = section.number("rope_theta", values.number("rope_theta", theta))
    rotated = section.number("partial_rotary_factor", values.number("partial_rotary_factor", 1.0))
    if rotated > 1 or (rotated < 1 and not partial):
        where = section if "partial_rotary_factor" in section.values else values
        raise where.wrong("partial_rotary_factor", "at most 1" if partial else "1: all of a head is rotated")
    size = int(head_size * rotated)
    if size % 2 or not size:
        raise BadInput(
            f"{size} numbers of a head are rotated", where=values.where, expected="an even number, to rotate in pairs"
        )
    return Rotary(base, size, _scaling(section, values, base, size, context_length, kinds))


def _scaling(
    section: Config, values: Config, theta: float, size: int, context_length: int, kinds: tuple[ScalingKind, ...]
) -> RotaryScaling | None:
    key = "type" if section.values.get("rope_type") is None else "rope_type"
    name = section.values.get(key)
    if name is None or name == "default":
        return None
    if name == "su":  # as the first files of Phi-3 call it
        name = "longrope"
    readers = {"linear": _linear, "llama3": _llama3, "yarn": _yarn, "longrope": _longrope}
    if not isinstance(name, str) or name not in kinds:
        reason = "this way of scaling rotary positions is not known for this family"
        section.refuse(key, "default", *kinds, reason=reason)
    # Files that have it outside the section mean that one, as transformers reads them.
    outside = values.values.get("original_max_position_embeddings")
    original = (values if outside is not None else section).size("original_max_position_embeddings", context_length)
    if original < 2:
        raise section.wrong("original_max_position_embeddings", "2 or more")
    return readers[name](section, original, theta, size, context_length)


def _linear(section: Config, original: int, theta: float, size: int, context_length: int) -> RotaryScaling:
    return RotaryScaling("linear", section.number("factor"), original)


def _llama3(section: Config, original: int, theta: float, size: int, context_length: int) -> RotaryScaling:
    """The divisors, in float32 as transformers has them (``_compute_llama3_parameters``)."""
    factor, low, high = (section.number(key) for key in ("factor", "low_freq_factor", "high_freq_factor"))
    if high <= low:
        raise section.wrong("high_freq_factor", f"more than low_freq_factor, {low}")
    with np.errstate(all="ignore"):
        exponents = np.arange(0, size, 2, dtype=np.float32) / np.float32(size)
        wavelengths = np.float32(2 * math.pi) * np.float32(theta) ** exponents
        smooth = (np.float32(original) / wavelengths - np.float32(low)) / np.float32(high - low)
        between = 1 / ((1 - smooth) / np.float32(factor) + smooth)
    # Long waves by all of the factor, short ones not at all.
    divisors = np.where(smooth >= 1, np.float32(1), np.where(smooth <= 0, np.float32(factor), between))
    if not np.isfinite(divisors).all():
        raise section.wrong("high_freq_factor", "a number that is not so near to low_freq_factor")
    return RotaryScaling("llama3", factor, original, divisors=tuple(map(float, divisors)))


def _yarn(section: Config, original: int, theta: float, size: int, context_length: int) -> RotaryScaling:
    """YaRN (``_compute_yarn_parameters`` of transformers)."""
    for key, usual in YARN_RAMP.items():
        section.refuse(key, usual, reason="llama.cpp has another ramp for YaRN")
    section.refuse("truncate", True, reason="llama.cpp rounds the ends of YaRN's ramp")
    factor = section.number("factor", context_length / original)

    def magnitude(scale: float) -> float:
        return 0.1 * scale * math.log(factor) + 1 if factor > 1 else 1.0

    attention = magnitude(1.0)
    if section.values.get("mscale") and section.values.get("mscale_all_dim"):
        attention = magnitude(section.number("mscale")) / magnitude(section.number("mscale_all_dim"))
    return RotaryScaling("yarn", factor, original, section.number("attention_factor", attention))


def _longrope(section: Config, original: int, theta: float, size: int, context_length: int) -> RotaryScaling:
    """LongRoPE (``_compute_longrope_parameters`` of transformers)."""
    factor = section.number("factor", context_length / original)
    attention = math.sqrt(1 + math.log(factor) / math.log(original)) if factor > 1 else 1.0
    return RotaryScaling(
        "longrope",
        factor,
        original,
        section.number("attention_factor", attention),
        section.numbers("long_factor", size // 2),
        section.numbers("short_factor", size // 2),
    )


def llama3_parameters(divisors: Sequence[float], theta: float) -> dict[str, Any] | None:
    """The parameters of Llama 3's scaling that give these divisors to the bit; None if none are found.

    Between the long waves and the short ones, a divisor's place depends on the wavelength by two numbers. They follow
    from two divisors, three parameters from the two numbers once one is set: the factor for low frequencies, to 1.

    Args:
        divisors: one for each frequency, as ``RotaryScaling`` has them.
        theta: the base of the frequencies.
    """
    factor = max(divisors, default=0.0)
    if not 1 < factor < LARGEST_FACTOR or min(divisors) < 1:
        return None
    for low, high, original in _llama3_candidates(np.array(divisors, np.float64), factor, theta):
        found = {
            "rope_type": "llama3",
            "factor": float(str(np.float32(factor))),
            "low_freq_factor": low,
            "high_freq_factor": high,
            "original_max_position_embeddings": original,
        }
        if _llama3(Config(found), original, theta, 2 * len(divisors), original).divisors == tuple(divisors):
            return found
    return None


def _llama3_candidates(
    divisors: np.ndarray[Any, np.dtype[np.float64]], factor: float, theta: float
) -> Iterator[tuple[float, float, int]]:
    yield USUAL_LLAMA3
    places = np.arange(len(divisors)) / len(divisors)
    waves = 1 / (2 * math.pi * theta**places)
    smooth = (factor / divisors - 1) / (factor - 1)
    between = (smooth > 0) & (smooth < 1)
    low, high, _ = USUAL_LLAMA3
    for one in np.flatnonzero(between):
        yield low, high, max(2, round((smooth[one] * (high - low) + low) / waves[one]))
    if between.sum() > 1:
        slope, start = np.polyfit(waves[between], smooth[between], 1)
        if slope > 0 > start:
            for digits in (2, 4, 6):
                yield low, float(round(low - low / start, digits)), max(2, round(-slope / start))
