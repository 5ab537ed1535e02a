"""Provenance: when, with what and on which machine a result came about."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path


def provenance(*packages: str) -> dict[str, object]:
    """When and where this runs, as JSON-ready data.

    Args:
        packages: distributions whose versions matter for the result; one that is not installed is left out.
    """
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "cores": os.cpu_count(),
        "versions": versions("edgedocs", *packages),
    }


def versions(*packages: str) -> dict[str, str]:
    """The installed versions of the distributions named, without those that are not installed."""
    found = {}
    for package in packages:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def processor() -> str:
    """The processor's name as its system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()
