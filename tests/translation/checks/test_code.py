import pytest

from tests.translation.checks.kit import findings

SOURCE = "Run `edgedocs run` on Q4_0 with $z$.\n\n```python\nx = load()  # load it\n```\n"
CLEAN = "Na Q4_0 s $z$ spusťte `edgedocs run`.\n\n```python\nx = load()  # load it\n```\n"


@pytest.mark.parametrize(
    ("old", "new", "severity"),
    [
        ("`edgedocs run`", "`edgedocs spusť`", "error"),
        ("`edgedocs run`", "edgedocs run", "error"),
        ("`edgedocs run`", "`edgedocs run` a `edgedocs run`", "error"),
        ("Q4_0", "Q4_1", "error"),
        ("$z$", "$Z$", "error"),
        ("# load it", "# načti to", "warning"),
        ("x = load", "y = load", "error"),
        ("```python", "```bash", "error"),
        ("```python\nx = load()  # load it\n```\n", "", "error"),
    ],
)
def test_damage(old: str, new: str, severity: str) -> None:
    assert CLEAN.count(old) == 1
    assert [found.severity for found in findings("code", SOURCE, CLEAN.replace(old, new))] == [severity]


@pytest.mark.parametrize(
    "clean",
    [CLEAN, CLEAN.replace("\n", "\r\n"), CLEAN.replace("load it\n", "load it  \n"), CLEAN.replace(" s $z$", " s $z$,")],
)
def test_clean(clean: str) -> None:
    assert findings("code", SOURCE, clean) == []
