"""Time `pytest docs/` cold and with every verdict in the cache, in turn, in this repository.

Run: ``python benchmarks/docs.py [--rounds 5] [--json]``. Prints medians and their ratio; nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from edgedocs.core.provenance import provenance

ROOT = Path(__file__).resolve().parent.parent
WITHOUT = ["-p", "no:hypothesispytest", "-p", "no:anyio"]
"""Plug-ins of other packages that pytest loads by itself; their start is no work of ours."""


def seconds(*arguments: str) -> float:
    """How long one whole `pytest docs/` takes."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "pytest", "docs", "-q", *WITHOUT, *arguments], cwd=ROOT, check=True, capture_output=True
    )
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    seconds()
    pairs = [(seconds("--no-cache"), seconds()) for _ in range(options.rounds)]
    cold, warm = (statistics.median(column) for column in zip(*pairs, strict=True))
    start = statistics.median(seconds("--collect-only") for _ in range(options.rounds))
    result = {
        "cold": cold,
        "warm": warm,
        "ratio": warm / cold,
        "collect_only": start,
        "provenance": provenance("pytest"),
    }
    if options.json:
        print(json.dumps(result, indent=2))
        return
    print(f"cold {cold:.2f} s, warm {warm:.2f} s, ratio {warm / cold:.3f}; collecting alone {start:.2f} s")
    print(result["provenance"])


if __name__ == "__main__":
    main()
