"""Limits: how long an example may run, and how much memory and output it may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What a process and all its children may use.

    Args:
        seconds: time by the clock.
        memory: resident bytes of all its processes together.
        output: bytes on standard output.
    """

    seconds: float = 30.0
    memory: int = 4 * 2**30
    output: int = 2**20
