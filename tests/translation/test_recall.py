"""The checks find every defect of the corpus and flag none of its clean variants."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.translation.conftest import TABLE
from tests.translation.planting import recall
from tests.translation.planting.__main__ import RESULTS
from tests.translation.planting.catalogue import KINDS
from tests.translation.planting.corpus import LANGUAGES
from tests.translation.planting.kinds import CLEAN
from tests.translation.planting.trees import planted

if TYPE_CHECKING:
    from collections.abc import Callable

CLASSES = {
    "out of step", "truncation", "mojibake", "structure", "links", "leaks", "language", "terminology", "numbers",
    "safety", "code", "facts",
}  # fmt: skip


PLACES = 1
"""For each kind and language here; the recorded table has more, see ``tests.translation.planting``."""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[recall.Outcome]:
    root = tmp_path_factory.mktemp("planted")
    return [outcome for language in LANGUAGES for outcome in recall.outcomes(root, language, PLACES)]


def test_every_kind_is_planted_in_every_language() -> None:
    assert {kind.group for kind in KINDS} == CLASSES | {"clean"}
    assert sum(not kind.is_clean for kind in KINDS) >= 40
    assert sum(kind.is_clean for kind in KINDS) >= 10
    assert len({(kind.group, kind.name) for kind in KINDS}) == len(KINDS)
    for language in LANGUAGES:
        counts = Counter((one.kind.group, one.kind.name) for one in planted(language))
        assert [kind for kind in KINDS if not counts[kind.group, kind.name]] == []


def test_recall(outcomes: list[recall.Outcome], record_property: Callable[[str, object], None]) -> None:
    record_property(TABLE, recall.text(recall.table(outcomes)))
    missed = [str(one) for one in outcomes if not one.planted.kind.is_clean and not one.right]
    flagged = [str(one) for one in outcomes if one.planted.kind.is_clean and not one.right]
    assert not missed, f"{len(missed)} defects missed:\n" + "\n".join(missed[:50])
    assert not flagged, f"{len(flagged)} false alarms:\n" + "\n".join(flagged[:50])


def test_recorded_table_is_of_these_plants() -> None:
    """All places: the table has every plant, each defect in it was found, and no clean variant was flagged."""
    assert RESULTS.is_file(), "run `python -m tests.translation.planting --record`"
    recorded = json.loads(RESULTS.read_text(encoding="utf-8"))["classes"]
    for language in LANGUAGES:
        counts = Counter(one.kind.group for one in planted(language))
        assert {row["class"]: row[language]["planted"] for row in recorded} == counts
        for row in recorded:
            assert row[language]["flagged"] == (0 if row["class"] == CLEAN else row[language]["planted"])
