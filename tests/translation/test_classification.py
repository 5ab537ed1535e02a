"""Three texts, every combination of what may have happened to them."""

import pytest

from edgedocs.translation.classification import SegmentStatus, classify
from edgedocs.translation.normalization import digest
from edgedocs.translation.records import Record
from edgedocs.translation.segments import Segment, split

ENGLISH = ["# Title", "One.", "- two", "Three."]
CZECH = ["# Titulek", "Jedna.", "- dvě", "Tři."]


def segments(texts: list[str]) -> tuple[Segment, ...]:
    return split("\n\n".join(texts) + "\n", "page.md").segments


def records(states: dict[int, str] | None = None) -> list[Record]:
    chosen = states or {}
    return [
        Record(digest(source), digest(target), chosen.get(place, "machine"))
        for place, (source, target) in enumerate(zip(ENGLISH, CZECH, strict=True))
    ]


def states(english: list[str], czech: list[str], recorded: dict[int, str] | None = None) -> list[str]:
    return [status.state for status in classify(segments(english), segments(czech), records(recorded))]


def changed(texts: list[str], place: int, text: str) -> list[str]:
    return [*texts[:place], text, *texts[place + 1 :]]


@pytest.mark.parametrize(
    ("recorded", "source_changed", "target_changed", "state"),
    [
        ("machine", False, False, "fresh"),
        ("machine", False, True, "edited"),
        ("machine", True, False, "stale"),
        ("machine", True, True, "needs-review"),
        ("reviewed", False, False, "fresh"),
        ("reviewed", False, True, "edited"),
        ("reviewed", True, False, "needs-review"),
        ("reviewed", True, True, "needs-review"),
        ("edited", False, False, "edited"),
        ("edited", False, True, "edited"),
        ("edited", True, False, "needs-review"),
        ("edited", True, True, "needs-review"),
        ("failed", False, False, "failed"),
        ("failed", False, True, "edited"),
        ("failed", True, False, "failed"),
        ("failed", True, True, "needs-review"),
    ],
)
@pytest.mark.parametrize("place", range(len(ENGLISH)))
def test_three_way(recorded: str, source_changed: bool, target_changed: bool, state: str, place: int) -> None:
    english = changed(ENGLISH, place, f"{ENGLISH[place]} New") if source_changed else ENGLISH
    czech = changed(CZECH, place, f"{CZECH[place]} Nové") if target_changed else CZECH
    expected = ["fresh"] * len(ENGLISH)
    expected[place] = state
    assert states(english, czech, {place: recorded}) == expected


@pytest.mark.parametrize("place", range(len(ENGLISH) + 1))
def test_inserted_source_is_missing(place: int) -> None:
    english = [*ENGLISH[:place], "New.", *ENGLISH[place:]]
    expected = ["fresh"] * len(ENGLISH)
    expected.insert(place, "missing")
    assert states(english, CZECH) == expected


@pytest.mark.parametrize("place", range(len(ENGLISH)))
def test_translation_of_removed_source_is_an_orphan(place: int) -> None:
    english = [*ENGLISH[:place], *ENGLISH[place + 1 :]]
    statuses = classify(segments(english), segments(CZECH), records())
    assert [status.state for status in statuses] == ["fresh"] * 3 + ["orphan"]
    assert statuses[-1].target == segments(CZECH)[place]


def test_removed_source_whose_translation_a_person_edited_needs_review() -> None:
    assert states(ENGLISH[:3], changed(CZECH, 3, "Tři a půl.")) == ["fresh"] * 3 + ["needs-review"]


def test_removed_source_and_removed_translation_leave_nothing() -> None:
    assert states(ENGLISH[:3], CZECH[:3]) == ["fresh"] * 3


def test_moved_source_moves_its_translation() -> None:
    english = [ENGLISH[0], ENGLISH[3], ENGLISH[1], ENGLISH[2]]
    statuses = classify(segments(english), segments(CZECH), records())
    assert [status.state for status in statuses] == ["fresh", "moved", "fresh", "fresh"]
    assert statuses[1].target
    assert statuses[1].target.text.strip() == "Tři."


def test_translation_moved_along_by_a_person_is_fresh() -> None:
    order = [0, 3, 1, 2]
    assert states([ENGLISH[i] for i in order], [CZECH[i] for i in order]) == ["fresh"] * 4


def test_removed_translation_is_missing() -> None:
    assert states(ENGLISH, CZECH[:3]) == ["fresh", "fresh", "fresh", "missing"]


def test_added_translation_needs_review() -> None:
    assert states(ENGLISH, [*CZECH, "Navíc."]) == ["fresh"] * 4 + ["needs-review"]


def test_change_beside_an_insertion_of_another_kind() -> None:
    english = [ENGLISH[0], "## New", "One, changed.", *ENGLISH[2:]]
    assert states(english, CZECH) == ["fresh", "missing", "stale", "fresh", "fresh"]


def test_change_of_kind_is_a_new_segment_and_an_orphan() -> None:
    assert states(changed(ENGLISH, 1, "- One."), CZECH) == ["fresh", "missing", "fresh", "fresh", "orphan"]


def test_everything_changed() -> None:
    english = [f"{text} New" for text in ENGLISH]
    assert states(english, CZECH) == ["stale"] * 4
    assert states(english, [f"{text} Nové" for text in CZECH]) == ["needs-review"] * 4


def test_equal_segments_are_told_apart_by_their_order() -> None:
    english, czech = segments(["- same", "- same", "- same", "- same"]), segments(["- a", "- b", "- c"])
    entries = [Record(english[0].digest, segment.digest, "machine") for segment in czech]
    statuses = classify(english, czech, entries)
    assert sorted(status.state for status in statuses) == ["fresh", "fresh", "fresh", "missing"]


def test_nothing_recorded() -> None:
    assert classify((), (), []) == ()
    found = [status.state for status in classify(segments(["One."]), segments(["Jedna."]), [])]
    assert found == ["missing", "needs-review"]


def test_as_json() -> None:
    one, jedna = segments(["# Title", "One."])[1], segments(["Jedna."])[0]
    assert SegmentStatus("stale", one, jedna).as_dict() == {
        "state": "stale",
        "kind": "paragraph",
        "source_line": 3,
        "line": 1,
        "words": "One.",
    }
    assert SegmentStatus("orphan", None, jedna).as_dict()["source_line"] is None
