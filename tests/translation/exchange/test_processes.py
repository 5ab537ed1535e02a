"""Several processes at one page, and processes that are killed: no text is lost, no page is torn."""

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import polib
import pytest

from edgedocs.translation import Tree, record
from edgedocs.translation.exchange.po import export_po
from edgedocs.translation.translated_page import TranslatedPage
from tests.translation.trees import make_tree

COUNT = 8
KILLS = 25


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    english = "# A { #a }\n\n" + "\n\n".join(f"Word {chr(97 + n)} is here." for n in range(COUNT)) + "\n"
    made = make_tree(tmp_path, {"a.md": english}, {"a.md": english.replace("is here", "je tady")})
    record(made, "cs", "a.md")
    return made


def catalogs(tree: Tree) -> list[Path]:
    """A PO file for each paragraph, in which that paragraph is changed."""
    exported = export_po(tree, "cs", "a.md", tree.source.parent / "po").path
    paths = []
    for number in range(COUNT):
        path = Path(shutil.copy(exported, exported.with_name(f"{number}.po")))
        document = polib.pofile(str(path))
        document[number + 1].msgstr = f"Tady je slovo {chr(97 + number)}."
        document.save()
        paths.append(path)
    return paths


def start(tree: Tree, path: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "edgedocs", "translate", "import", str(path)]
    return subprocess.Popen(command, cwd=tree.source.parent, stdout=subprocess.DEVNULL)


def test_writers_at_one_time(tree: Tree) -> None:
    running = [start(tree, path) for path in catalogs(tree)]
    assert [process.wait(120) for process in running] == [0] * COUNT
    body = TranslatedPage.parse(tree.translation_path("cs", "a.md").read_text(encoding="utf-8"), "a.md").body
    assert [f"Tady je slovo {chr(97 + n)}." in body for n in range(COUNT)] == [True] * COUNT


def test_killed_at_any_moment(tree: Tree) -> None:
    path = tree.translation_path("cs", "a.md")
    before = path.read_bytes()
    catalog = catalogs(tree)[0]
    begun = time.monotonic()
    assert start(tree, catalog).wait(60) == 0
    whole = time.monotonic() - begun
    wanted = TranslatedPage.parse(path.read_text(encoding="utf-8"), "a.md").body
    moments = random.Random(4)
    seen = set()
    for _ in range(KILLS):
        path.write_bytes(before)
        process = start(tree, catalog)
        time.sleep(moments.uniform(0.5, 1.0) * whole)
        process.kill()
        process.wait(60)
        page = TranslatedPage.parse(path.read_text(encoding="utf-8"), "a.md")
        assert page.records is not None
        assert page.body in (wanted, TranslatedPage.parse(before.decode(), "a.md").body)
        seen.add(page.body == wanted)
    assert start(tree, catalog).wait(60) == 0, "no lock is left behind"
    assert TranslatedPage.parse(path.read_text(encoding="utf-8"), "a.md").body == wanted
