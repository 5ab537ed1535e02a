"""The handbook's own inventory: a block that is added or lost shows here."""

import sys
from collections import Counter
from pathlib import Path

from edgedocs.examples.inventory import Inventory
from edgedocs.examples.project import Project

ROOT = Path(__file__).parents[2]
RENDERED = {
    "docs/00-reading.md": {"python": 8, "output": 8, "shown": 2},
    "docs/01-numbers.md": {"python": 14, "output": 14},
    "docs/02-bits.md": {"python": 15, "output": 15, "shown": 2},
    "docs/03-containers.md": {"python": 14, "output": 14, "shown": 3},
    "docs/04-gguf.md": {"python": 10, "doctest": 1, "console": 1, "output": 11, "shown": 2},
    "docs/05-importance.md": {"python": 10, "output": 10, "shown": 2},
    "docs/lab.md": {"python": 9, "output": 9, "shown": 1},
    "docs/index.md": {"python": 1, "output": 1, "shown": 2},
    "docs/project/backends.md": {"console": 3},
    "docs/project/engine.md": {"python": 1, "console": 1, "output": 1, "shown": 5},
    "docs/project/measuring.md": {"python": 2, "doctest": 1, "console": 1, "output": 3, "shown": 4},
    "docs/project/models.md": {"console": 4, "python": 2, "output": 2},
    "docs/project/onnx.md": {"console": 2, "python": 1, "output": 1},
    "docs/project/servers.md": {"console": 2, "python": 1, "output": 1, "shown": 3},
    "docs/project/speed.md": {"shown": 7},
    "docs/project/translation.md": {"console": 6, "python": 1, "output": 1, "shown": 10},
}


def test_every_code_block_of_the_handbook_is_accounted_for():
    inventory = Inventory.of(Project.open(ROOT / "docs"))
    assert [str(problem) for problem in inventory.problems] == []
    pages: dict[str, Counter[str]] = {}
    for entry in inventory.entries:
        pages.setdefault(entry.page, Counter())[entry.kind] += 1
    assert pages == RENDERED
    assert sum(inventory.kinds().values()) == inventory.as_dict()["summary"]["rendered"]


def test_few_outputs_depend_on_the_machine():
    entries = Inventory.of(Project.open(ROOT / "docs")).entries
    outputs = Counter(entry.comparison for entry in entries if entry.comparison is not None)
    assert outputs["environment"] <= max(1, outputs.total() // 10)


def test_no_snippet_hides_a_module_of_python():
    """Python looks in the folder of the file that it runs first."""
    snippets = (ROOT / "snippets").rglob("*.py")
    assert [str(path) for path in snippets if path.stem in sys.stdlib_module_names] == []
