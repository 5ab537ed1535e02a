"""Checks: one module a kind of damage that translations have.

A module defines ``CHECK``, an instance of :class:`.base.Check`, whose docstring is the contract.
"""

from __future__ import annotations

from edgedocs.core.registry import Registry
from edgedocs.translation.checks.base import SEVERITIES, Check, Finding, Severity

__all__ = ["SEVERITIES", "Check", "Finding", "Severity", "checks"]

checks: Registry[Check] = Registry("check", __name__, "CHECK", frozenset({"base"}))
