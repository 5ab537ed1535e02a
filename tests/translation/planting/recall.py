"""Recall: how many planted defects the checks find, and how many clean variants they flag."""

from __future__ import annotations

import itertools
import os
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from edgedocs.translation.checking import check_tree
from tests.translation.planting.corpus import LANGUAGES
from tests.translation.planting.kinds import CLEAN
from tests.translation.planting.trees import PLACES, Planted, plant_tree, planted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from edgedocs.translation.checks import Finding

FAILING = ("error", "warning")
"""Severities that make a run fail; only these count as an alarm."""


@dataclass(frozen=True)
class Outcome:
    """What the checks say of one plant."""

    planted: Planted
    findings: tuple[Finding, ...] = field(repr=False)

    @property
    def right(self) -> bool:
        """Whether a defect is found, or a clean variant is let pass."""
        return bool(self.findings) != self.planted.kind.is_clean

    def __str__(self) -> str:
        one = self.planted
        way = "recorded" if one.recorded else "unrecorded"
        said = "; ".join(f"{f.check} {f.line}: {f.message}" for f in self.findings[:3])
        return f"{one.language} {one.page} ({way}) {one.kind.group} / {one.kind.name}" + (f": {said}" if said else "")


def outcomes(root: Path, language: str, places: int = PLACES) -> list[Outcome]:
    """Check a tree with every plant in one language.

    Args:
        root: an empty folder.
        language: a language of the corpus.
        places: at how many places of the language's pages each kind is planted.
    """
    plants = list(planted(language, places=places))
    tree = plant_tree(root / language, language, plants)
    alarms: dict[str, list[Finding]] = defaultdict(list)
    for finding in check_tree(tree, [language], processes=os.cpu_count() or 1):
        if finding.severity in FAILING:
            alarms[finding.page].append(finding)
    return [Outcome(one, tuple(alarms[one.page])) for one in plants]


def table(results: Iterable[Outcome]) -> list[dict[str, Any]]:
    """The results by class, and in each by language: how many were planted, and how many the checks flagged."""
    by_group: dict[str, list[Outcome]] = defaultdict(list)
    for result in results:
        by_group[result.planted.kind.group].append(result)
    rows = []
    for group, members in sorted(by_group.items(), key=lambda item: (item[0] == CLEAN, item[0])):
        row: dict[str, Any] = {"class": group, "kinds": len({m.planted.kind.name for m in members})}
        for language in LANGUAGES:
            here = [m for m in members if m.planted.language == language]
            row[language] = {"planted": len(here), "flagged": sum(bool(m.findings) for m in here)}
        rows.append(row)
    return rows


def text(rows: Sequence[dict[str, Any]]) -> str:
    """The table for people, with its totals."""
    lines = [f"{'class':<14}{'kinds':>6}" + "".join(f"{language:>12}" for language in LANGUAGES)]
    for row in rows:
        cells = (f"{row[language]['flagged']}/{row[language]['planted']}" for language in LANGUAGES)
        lines.append(f"{row['class']:<14}{row['kinds']:>6}" + "".join(f"{cell:>12}" for cell in cells))
    for name, is_clean in (("defects found", False), ("false alarms", True)):
        cells = [
            row[language] for row, language in itertools.product(rows, LANGUAGES) if (row["class"] == CLEAN) == is_clean
        ]
        flagged, total = (sum(cell[key] for cell in cells) for key in ("flagged", "planted"))
        kinds = sum(row["kinds"] for row in rows if (row["class"] == CLEAN) == is_clean)
        lines.append(f"{name}: {flagged} of {total} ({kinds} kinds, {len(LANGUAGES)} languages)")
    return "\n".join(lines)
