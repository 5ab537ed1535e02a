"""A site that is built again with a memory is the site that a new process builds, whatever was edited in between."""

from __future__ import annotations

import json
import random
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edgedocs.publishing.checking import building
from edgedocs.publishing.memory import Memory, digest
from edgedocs.publishing.serving import build_again
from tests.publishing.site import copy_fixture, run_python

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS = 8
"""Edits in a row; each is followed by two builds of about two seconds."""

FRESH = """
import sys
from pathlib import Path
from edgedocs.publishing.checking import building
built = building.build(building.load(Path("mkdocs.yml").resolve(), Path(sys.argv[1])))
print(*sorted(str(finding) for finding in built.findings), sep="\\n")
"""


def _replace(path: Path, pattern: str, new: str) -> None:
    text, count = re.subn(pattern, new, path.read_text(encoding="utf-8"), count=1)
    assert count == 1, (path, pattern)
    path.write_text(text, encoding="utf-8", newline="\n")


def edit_page(project: Path, number: int) -> None:
    path = project / "docs" / "guide" / "deep.md"
    path.write_text(path.read_text(encoding="utf-8") + f"\nParagraph {number}.\n", encoding="utf-8", newline="\n")


def edit_heading(project: Path, number: int) -> None:
    _replace(project / "docs" / "02-later.md", r"(?m)^# .*?( \{|$)", rf"# Later {number}\1")


def edit_snippet(project: Path, number: int) -> None:
    path = project / "snippets" / "01-numbers" / "halve.py"
    path.write_text(path.read_text(encoding="utf-8") + f"# {number}\n", encoding="utf-8", newline="\n")


def edit_fact(project: Path, number: int) -> None:
    _replace(project / "snippets" / "01-numbers" / "halve.facts.json", r"0\.\d+", f"0.{number + 1}25")


def edit_picture(project: Path, number: int) -> None:
    _replace(project / "snippets" / "01-numbers" / "bar.svg", r"<svg", f"<svg data-edit='{number}'")


def edit_translation(project: Path, number: int) -> None:
    _replace(project / "translations" / "cs" / "index.md", r"(?m)^# .*?( \{|$)", rf"# Nadpis {number}\1")


def edit_plot_label(project: Path, number: int) -> None:
    _replace(project / "translations" / "cs" / "plots.tsv", r"polovina.*\t", rf"polovina {number}\t")


def edit_label(project: Path, number: int) -> None:
    _replace(project / "translations" / "cs" / "language.toml", r'permalink = ".*"', f'permalink = "Odkaz {number}"')


def add_page(project: Path, number: int) -> None:
    text = f"# Added {number} {{ #added-{number} }}\n\nSee [the first page](index.md).\n"
    (project / "docs" / f"03-added-{number}.md").write_text(text, encoding="utf-8", newline="\n")


def rename_page(project: Path, number: int) -> None:
    add_page(project, number)
    (project / "docs" / f"03-added-{number}.md").rename(project / "docs" / f"01-first-{number}.md")


def remove_pages(project: Path, number: int) -> None:
    for path in sorted((project / "docs").glob("0?-*-*.md")):
        path.unlink()


def break_a_link(project: Path, number: int) -> None:
    path = project / "docs" / "guide" / "index.md"
    path.write_text(
        path.read_text(encoding="utf-8") + f"\nSee [it](nowhere-{number}.md).\n", encoding="utf-8", newline="\n"
    )


def mend_links(project: Path, number: int) -> None:
    path = project / "docs" / "guide" / "index.md"
    text = re.sub(r"\nSee \[it\]\(nowhere-\d+\.md\)\.\n", "", path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8", newline="\n")


def edit_navigation(project: Path, number: int) -> None:
    _replace(project / "mkdocs.yml", r"site_name: .*", f"site_name: Site {number}")


EDITS: tuple[Callable[[Path, int], None], ...] = (
    edit_page,
    edit_heading,
    edit_snippet,
    edit_fact,
    edit_picture,
    edit_translation,
    edit_label,
    edit_plot_label,
    add_page,
    rename_page,
    remove_pages,
    break_a_link,
    mend_links,
    edit_navigation,
)


def define_a_term(project: Path, number: int) -> None:
    (project / "definitions.tsv").write_text("term\tdefinition\npage\tA text.\n", encoding="utf-8")
    czech = project / "translations" / "cs"
    (czech / "definitions.tsv").write_text("term\tdefinition\npage\tText.\n", encoding="utf-8")
    (czech / "glossary.tsv").write_text(
        "term\ttranslation\tnote\npage\tstránka\t\nparagraph\todstavec\t\n", encoding="utf-8"
    )


def add_a_term(project: Path, number: int) -> None:
    with (project / "definitions.tsv").open("a", encoding="utf-8") as definitions:
        definitions.write("paragraph\tA part of a text.\n")


def edit_a_definition(project: Path, number: int) -> None:
    _replace(project / "translations" / "cs" / "definitions.tsv", "Text", "Význam")


def remove_a_term(project: Path, number: int) -> None:
    _replace(project / "definitions.tsv", r"paragraph\t.*\n", "")


def remove_definitions(project: Path, number: int) -> None:
    for folder in (project, project / "translations" / "cs"):
        (folder / "definitions.tsv").unlink()


TERM_EDITS = (define_a_term, add_a_term, edit_a_definition, edit_page, remove_a_term, remove_definitions)


def contents(site: Path) -> dict[str, bytes]:
    """Every file of a site; of a compressed one its time is no part."""
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in sorted(site.rglob("*"))
        if path.is_file() and path.suffix != ".gz"
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_site_that_is_built_again_is_that_of_a_new_build(tmp_path: Path, seed: int) -> None:
    project, memory = copy_fixture(tmp_path), Memory()
    again, fresh = tmp_path / "again", tmp_path / "fresh"
    order = random.Random(seed)
    edits = order.sample(EDITS, len(EDITS))[:STEPS]
    for number, edit in enumerate((lambda project, number: None, *edits)):
        edit(project, number)
        compare_with_a_new_build(project, memory, again, fresh, edit)


def test_definitions_and_the_glossary_are_those_of_a_new_build(tmp_path: Path) -> None:
    project, memory = copy_fixture(tmp_path), Memory()
    again, fresh = tmp_path / "again", tmp_path / "fresh"
    seen = []
    for number, edit in enumerate(TERM_EDITS):
        edit(project, number)
        compare_with_a_new_build(project, memory, again, fresh, edit)
        glossary = again / "cs" / "glossary" / "index.html"
        text = glossary.read_text(encoding="utf-8") if glossary.is_file() else ""
        seen.append((text.count("<h2 "), "Význam" in text, text.count("#term-paragraph")))
    # Entries, whether the definition is the edited one, and pages that use "paragraph".
    assert seen == [(1, False, 0), (2, False, 0), (2, True, 0), (2, True, 1), (1, True, 0), (0, False, 0)]


def compare_with_a_new_build(
    project: Path, memory: Memory, again: Path, fresh: Path, edit: Callable[[Path, int], None]
) -> None:
    """Build with the memory and in a new process; the findings and, if there is a site, its files are the same."""
    built = build_again(building.load(project / "mkdocs.yml", again), memory)
    shutil.rmtree(fresh, ignore_errors=True)
    result = run_python(project, "-c", FRESH, str(fresh))
    assert result.returncode == 0, result.stderr
    told = "\n".join(sorted(str(finding) for finding in built.findings))
    assert told == result.stdout.strip(), edit
    if built.complete:
        found, expected = contents(again), contents(fresh)
        assert sorted(found) == sorted(expected), edit
        assert [name for name in expected if found[name] != expected[name]] == [], edit


def test_what_did_not_change_is_not_made_again(tmp_path: Path) -> None:
    memory, made = Memory(), []

    def make(name: str) -> Callable[[], str]:
        return lambda: made.append(name) or name

    for _ in range(3):
        assert memory.recall(digest("a", 1), make("a")) == "a"
        assert memory.recall(digest("a", 2), make("b")) == "b"
        memory.forget()
    assert made == ["a", "b"]
    memory.forget()  # a build that asked for neither
    memory.recall(digest("a", 1), make("a"))
    assert made == ["a", "b", "a"]


def test_a_key_tells_apart_what_is_not_the_same() -> None:
    keys = [digest("a", "b"), digest("ab"), digest("a", b"b"), digest("a", 1), digest("a", "1"), digest("a", ("b",))]
    assert len(set(keys)) == len(keys)
    assert digest("a", json.dumps({"b": 1})) == digest("a", json.dumps({"b": 1}))
