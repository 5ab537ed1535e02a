"""All kinds, listed by importing the modules that have them."""

from __future__ import annotations

from tests.translation.planting import (  # noqa: F401
    clean,
    code,
    language,
    leaks,
    links,
    mojibake,
    numbers,
    out_of_step,
    safety,
    structure,
    truncation,
)  # fmt: skip
from tests.translation.planting.kinds import KINDS

__all__ = ["KINDS"]
