import pytest

from tests.translation.checks.kit import findings

SOURCE = "# Sizes { #sizes }\n\nSee [more](#more-to-read) and [sizes](#sizes).\n\n## More to read\n\nText.\n"
CLEAN = "# Velikosti { #sizes }\n\nViz [více](#vice-ke-cteni) a [velikosti](#sizes).\n\n## Více ke čtení\n\nText.\n"


@pytest.mark.parametrize(
    "target",
    [
        CLEAN,
        CLEAN.replace("#vice-ke-cteni", "#více-ke-čtení"),
        CLEAN.replace("#vice-ke-cteni", "#more-to-read").replace("čtení\n", "čtení { #more-to-read }\n"),
    ],
)
def test_the_same_heading_by_its_own_anchor(target: str) -> None:
    assert findings("anchors", SOURCE, target) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{ #sizes }", "{ #velikosti }"),
        (" { #sizes }", ""),
        ("#vice-ke-cteni", "#more-to-read"),
        ("#vice-ke-cteni", "#dalsi"),
        ("#vice-ke-cteni", "#sizes"),
        ("čtení\n", "čtení { #x }\n"),
    ],
)
def test_damage(old: str, new: str) -> None:
    assert CLEAN.count(old) == 1
    assert findings("anchors", SOURCE, CLEAN.replace(old, new))


def test_exchanged_in_page_links() -> None:
    target = (
        "# Velikosti { #sizes }\n\nViz [více ke čtení](#sizes) a [velikosti](#vice-ke-cteni).\n\n## Více ke čtení\n"
    )
    assert findings("anchors", SOURCE, target)


def test_an_anchor_that_the_source_lacks_too() -> None:
    assert findings("anchors", "See [a](#nowhere).\n", "Viz [á](#nowhere).\n") == []
