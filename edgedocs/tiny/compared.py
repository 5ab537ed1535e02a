"""What types and importance matrices cost ``tiny``, recorded: for tables of the handbook that take too long to measure.

``python -m edgedocs.tiny.compared`` measures everything and writes ``compared.json``; with ``--check`` it measures
everything and compares. The tests measure a part and compare.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from edgedocs.core import files
from edgedocs.core.progress import Progress
from edgedocs.tiny import held_out

RECORD = Path(__file__).with_name("compared.json")
COMMAND = "python -m edgedocs.tiny.compared"
LANGUAGES = ("en", "cs", "sl", "et", "pl")

PLAIN, MIXED = "none", "all"
"""No importance matrix, and one of a fifth of each language's text."""

MEASURED_ON = slice(0, 12_000)
CALIBRATED_ON = slice(16_000, 40_000)
"""Characters of each language's held-out text. Pages come in the same order in all languages, so nothing that is
measured on is the translation of what was calibrated on: hence the gap."""

_WITHOUT = ["f16", "q8_0", "q6_k", "q5_k_m", "q5_1", "q4_k_m", "q4_0", "iq4_nl", "iq4_xs", "q3_k_m", "iq3_s", "q2_k"]
_NEED = ["iq3_xxs", "iq2_s", "iq2_xs", "iq2_xxs", "iq1_m", "iq1_s"]
_FEW = ["q4_k_m", "q2_k", "iq3_xxs", "iq2_xxs"]
TYPES: dict[str, list[str]] = {
    PLAIN: _WITHOUT,
    MIXED: _WITHOUT[2:] + _NEED,
    **dict.fromkeys(LANGUAGES, _FEW),
}

NOTHING = 1e-4
"""Differences as small as this are let pass; the divergence of F16 is hardly more than rounding."""

BOUNDS = {"perplexity": 0.02, "kl_divergence": 0.05, "top1_agreement": 0.02}
"""By how much, relatively, another machine's figures may differ: it rounds sums differently, so some codes differ."""


def calibration(name: str) -> str:
    """The text of an importance matrix: a language's, or that of all, which is as long."""
    if name != MIXED:
        return held_out(name)[CALIBRATED_ON]
    start, length = CALIBRATED_ON.start, (CALIBRATED_ON.stop - CALIBRATED_ON.start) // len(LANGUAGES)
    return "".join(held_out(language)[start : start + length] for language in LANGUAGES)


def measured(name: str, types: Iterable[str] | None = None, progress: Progress | None = None) -> dict[str, Any]:
    """What ``edgedocs compare`` gives with one importance matrix, on the texts of all languages.

    Args:
        name: a language, ``all``, or ``none``.
        types: only these.
        progress: called with the windows done and the windows in all.
    """
    from edgedocs.measurement import compare, importance
    from edgedocs.measurement.texts import Texts

    texts = Texts.of({language: held_out(language)[MEASURED_ON] for language in LANGUAGES})
    with tempfile.TemporaryDirectory(prefix="edgedocs-compared-") as folder:
        matrix = None if name == PLAIN else Path(folder, "imatrix.gguf")
        if matrix is not None:
            importance("tiny", calibration(name)).write(matrix, [name])
        chosen = list(TYPES[name] if types is None else types)
        found = compare(
            "tiny", chosen, texts, ["llama_cpp"], work=Path(folder), imatrix=matrix, progress=progress, command=COMMAND
        )
    return found.document


@cache
def recorded() -> dict[str, dict[str, Any]]:
    """What was recorded: what ``edgedocs compare`` gave, by the name of the importance matrix; not to be changed.

    ``none`` is without one, a language's code names the language of its text, and ``all`` is of all five languages.

    Example:
        >>> sorted(recorded())
        ['all', 'cs', 'en', 'et', 'none', 'pl', 'sl']
        >>> rows("none")["q2_k"]["languages"]["en"]["windows"] > 2
        True
    """
    comparisons: dict[str, dict[str, Any]] = files.read_json_object(RECORD, f"write it again: {COMMAND}")
    return comparisons


def rows(matrix: str) -> dict[str, dict[str, Any]]:
    """The rows that were recorded with an importance matrix, by type: ``rows("none")["q4_k_m"]``."""
    return {row["type"]: row for row in recorded()[matrix]["rows"]}


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Where a comparison measured now leaves the bounds of the recorded one; what was not measured is not missed."""
    found = [f"{key} differ" for key in ("texts", "context", "stride", "method") if old[key] != new[key]]
    found += [f"{row['type']}: {row['error']['error']}" for row in new["failed"]]
    kept = {row["type"]: row for row in old["rows"]}
    for row in new["rows"]:
        before = kept.get(row["type"])
        if before is None:
            found.append(f"{row['type']} was not recorded")
            continue
        for key in ("bits_per_weight", "tokens", "windows"):
            if row[key] != before[key]:
                found.append(f"{row['type']}: {key} {row[key]}, recorded {before[key]}")
        for language, scores in {"all texts": row, **row["languages"]}.items():
            was = before if language == "all texts" else before["languages"][language]
            for key, bound in BOUNDS.items():
                if not math.isclose(scores[key], was[key], rel_tol=bound, abs_tol=NOTHING):
                    found.append(f"{row['type']}, {language}: {key} {scores[key]:.5g}, recorded {was[key]:.5g}")
    return found


def main() -> None:
    """Measure all; write it, or compare it with what was written."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the record, and write nothing")
    check = parser.parse_args().check
    found, wrong = {}, []
    for name in TYPES:
        print(name, file=sys.stderr)
        found[name] = measured(name)
        if check:
            wrong += [f"{name}: {one}" for one in differences(recorded()[name], found[name])]
    if not check:
        files.write_json(RECORD, found)
    print("\n".join(wrong) if wrong else f"{sum(map(len, TYPES.values()))} rows")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
