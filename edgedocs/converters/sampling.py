"""The settings of sampling that a checkpoint recommends (``generation_config.json``), as GGUF metadata."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from gguf.constants import GGUFValueType as ValueType
from gguf.constants import Keys

from edgedocs.containers.gguf_fields import Field, float32, text
from edgedocs.core.errors import BadInput

NUMBERS = {
    "top_p": Keys.General.SAMPLING_TOP_P,
    "min_p": Keys.General.SAMPLING_MIN_P,
    "xtc_probability": Keys.General.SAMPLING_XTC_PROBABILITY,
    "xtc_threshold": Keys.General.SAMPLING_XTC_THRESHOLD,
    "temperature": Keys.General.SAMPLING_TEMP,
    "repetition_penalty": Keys.General.SAMPLING_PENALTY_REPEAT,
    "penalty_repeat": Keys.General.SAMPLING_PENALTY_REPEAT,
    "mirostat_tau": Keys.General.SAMPLING_MIROSTAT_TAU,
    "mirostat_eta": Keys.General.SAMPLING_MIROSTAT_ETA,
}
WHOLE_NUMBERS = {
    "top_k": Keys.General.SAMPLING_TOP_K,
    "penalty_last_n": Keys.General.SAMPLING_PENALTY_LAST_N,
    "mirostat": Keys.General.SAMPLING_MIROSTAT,
}
LARGEST = 1e9


def fields(generation: Mapping[str, Any], where: Path) -> dict[str, Field]:
    """The GGUF metadata; nothing where the checkpoint says that it is not to be sampled from.

    Args:
        generation: ``generation_config.json``.
        where: that file, for error messages.

    Raises:
        BadInput: if a setting is no number, or none that could be meant.
    """
    if generation.get("do_sample") is False:
        return {}
    found: dict[str, Field] = {}
    for name, key in NUMBERS.items():
        if (value := _number(generation, name, where)) is not None:
            found[key] = float32(value)
    for name, key in WHOLE_NUMBERS.items():
        if (value := _number(generation, name, where)) is not None:
            if value != int(value):
                raise _bad(generation, name, where, "a whole number")
            found[key] = Field(ValueType.INT32, int(value))
    if isinstance(sequence := generation.get("sequence"), str) and len(sequence) < 1000:
        found[Keys.General.SAMPLING_SEQUENCE] = text(sequence)
    return found


def restored(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """``generation_config.json`` again, from the metadata of a GGUF file."""
    found: dict[str, Any] = {}
    for table, kind in ((NUMBERS, float), (WHOLE_NUMBERS, int)):
        named = {key: name for name, key in reversed(table.items())}
        for key, name in named.items():
            value = metadata.get(key)
            if isinstance(value, kind) and not isinstance(value, bool) and math.isfinite(value):
                found[name] = float(str(np.float32(value))) if isinstance(value, float) else value
    if isinstance(sequence := metadata.get(Keys.General.SAMPLING_SEQUENCE), str):
        found["sequence"] = sequence
    return {"do_sample": True, **found} if found else {}


def _number(generation: Mapping[str, Any], name: str, where: Path) -> float | None:
    value = generation.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= LARGEST:
        raise _bad(generation, name, where, "a number")
    return float(value) if math.isfinite(value) else None


def _bad(generation: Mapping[str, Any], name: str, where: Path, expected: str) -> BadInput:
    return BadInput(f"{name} is {str(generation.get(name))[:40]!r}", where=where, expected=expected)
