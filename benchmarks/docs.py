"""How long ``pytest docs/`` takes: cold, and with every verdict in the cache; with all languages, and English alone.

Run it with the environment's Python: ``python benchmarks/docs.py [--rounds 5] [--json]``. The rounds are interleaved
and medians count. "floor" is pytest with one empty test. "English alone" is a copy of the handbook without
translations. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from edgedocs.core.provenance import provenance, versions

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("docs", "snippets", "translations", "pyproject.toml")


def copied(folder: Path, parts: tuple[str, ...]) -> Path:
    """A copy of the parts of the handbook that ``pytest docs/`` may read, with a cache of its own."""
    folder.mkdir()
    for name in parts:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    return folder


def seconds(folder: Path, *arguments: str) -> float:
    """How long one whole ``pytest`` takes."""
    # Variables of a pytest around this one would make it another environment.
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *arguments],
        cwd=folder,
        env=variables,
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - start


def measure(rounds: int) -> dict[str, float]:
    """Median seconds of each way to run the handbook, after one round that warms the file cache."""
    with tempfile.TemporaryDirectory(prefix="edgedocs-") as temporary:
        languages = copied(Path(temporary, "languages"), PARTS)
        english = copied(Path(temporary, "english"), tuple(part for part in PARTS if part != "translations"))
        (english / "test_nothing.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
        ways = {
            "cold, all languages": (languages, "docs", "--no-cache"),
            "cold, English alone": (english, "docs", "--no-cache"),
            "warm, all languages": (languages, "docs"),
            "warm, English alone": (english, "docs"),
            "floor": (english, "test_nothing.py"),
        }
        samples: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(rounds + 1):
            for name, (folder, *arguments) in ways.items():
                taken = seconds(folder, *arguments)
                if number:
                    samples[name].append(taken)
    return {name: statistics.median(values) for name, values in samples.items()}


def counts() -> tuple[int, int]:
    """How many languages the handbook has, and how many pages."""
    languages = [path for path in (ROOT / "translations").iterdir() if (path / "language.toml").is_file()]
    return 1 + len(languages), len(list((ROOT / "docs").rglob("*.md")))


def report(rounds: int) -> dict[str, Any]:
    """What was measured, as JSON-ready data."""
    medians = measure(rounds)
    languages, pages = counts()
    cold, warm = medians["cold, all languages"], medians["warm, all languages"]
    return {
        "provenance": provenance("pytest", "sybil"),
        "rounds": rounds,
        "pages": pages,
        "languages": languages,
        "seconds": {name: round(value, 3) for name, value in medians.items()},
        "warm_to_cold": round(warm / cold, 4),
        "warm_to_cold_above_floor": round((warm - medians["floor"]) / (cold - medians["floor"]), 4),
        "all_languages_to_english": round(cold / medians["cold, English alone"], 4),
    }


def text(found: dict[str, Any]) -> str:
    """The report for people."""
    machine = found["provenance"]
    names = ", ".join(f"{name} {version}" for name, version in versions("edgedocs", "pytest", "sybil").items())
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}",
        f"{names}; median of {found['rounds']} rounds in turns",
        f"{found['pages']} pages, {found['languages']} languages\n",
        *(f"{name:<22} {value:>7.2f} s" for name, value in found["seconds"].items()),
        "",
        f"warm to cold: {found['warm_to_cold']:.3f}; above the floor {found['warm_to_cold_above_floor']:.3f}",
        f"all languages to English alone: {found['all_languages_to_english']:.3f}",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured, at least 5 (5)")
    parser.add_argument("--json", action="store_true", help="print JSON with the machine and the versions")
    given = parser.parse_args()
    if given.rounds < 5:
        parser.error("a median needs at least 5 rounds")
    found = report(given.rounds)
    print(json.dumps(found, indent=2) if given.json else text(found))


if __name__ == "__main__":
    main()
