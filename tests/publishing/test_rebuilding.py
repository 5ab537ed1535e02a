"""A site that is built again with a memory is the site that a new process builds, whatever was edited in between."""

from __future__ import annotations

import json
import random
import sys
from typing import TYPE_CHECKING, Any

import pytest
from mkdocs.structure.pages import Page

from edgedocs.publishing import memory as memories
from edgedocs.publishing import plugin, writer
from edgedocs.publishing.memory import Memory, digest
from edgedocs.publishing.serving import build_again
from tests.publishing import edits
from tests.publishing.edits import BREAKING, MEANT
from tests.publishing.fresh import Builder, load, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tests.publishing.edits import Edit

STEPS = 5
"""Times that two edits are made before a site is built again; each build takes about half a second."""
ADDRESS = "http://127.0.0.1:8000/handbook/"


@pytest.fixture(scope="module")
def fresh() -> Iterator[Builder]:
    builder = Builder()
    yield builder
    builder.processes.shutdown()


def contents(site: Path) -> dict[str, bytes]:
    """Every file of a site; of a compressed one its time is no part."""
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in sorted(site.rglob("*"))
        if path.is_file() and path.suffix != ".gz"
    }


class Served:
    """A documentation that is built again and again, as ``edgedocs site serve`` does it."""

    def __init__(
        self, folder: Path, fresh: Builder | None = None, language: str | None = None, address: str | None = None
    ) -> None:
        self.project = edits.prepare(folder)
        self.again, self.other = folder / "again", folder / "fresh"
        self.options = (language, address)
        self.memory, self.fresh = Memory(), fresh

    def build(self) -> tuple[list[str], bool]:
        built = build_again(load(self.project, self.again, *self.options), self.memory, self.options[1])
        return told(built), built.complete

    def expect(self) -> tuple[list[str], dict[str, bytes]]:
        """What a new build tells, in a process of its own if there is a builder, and its site; nothing if it cannot."""
        if self.fresh is not None:
            found, complete = self.fresh.build(self.project, self.other, *self.options)
        else:
            built = build_again(load(self.project, self.other, *self.options), Memory(), self.options[1])
            found, complete = told(built), built.complete
        return found, contents(self.other) if complete else {}

    def edited(self, *made: Edit, number: int = 0) -> list[str]:
        """Edit, build again, compare with a new build; what is wrong with the documentation."""
        for edit in made:
            edit(self.project, number)
        found = self.build()
        self.compare(*found, made)
        return found[0]

    def compare(self, found: list[str], complete: bool, made: Sequence[Edit]) -> None:
        """Require that what was built again is what a new build tells and gives."""
        expected, files = self.expect()
        assert (made, found) == (made, expected)
        assert complete == bool(files), made
        if complete:
            mine = contents(self.again)
            assert sorted(mine) == sorted(files), made
            assert [name for name in files if mine[name] != files[name]] == [], made


@pytest.mark.parametrize(("language", "address"), [(None, None), ("en", ADDRESS)])
def test_each_kind_of_edit_gives_what_a_new_build_gives(
    tmp_path: Path, fresh: Builder, language: str | None, address: str | None
) -> None:
    """Each edit is seen, too: the site is not the one before, unless only another language has it."""
    served = Served(tmp_path, None, language, address)
    assert served.edited() == []
    order = [*MEANT, edits.translating, edits.new_template, edits.kept_out_of_search, edits.extension]
    for number, edit in enumerate(order):
        before = contents(served.again)
        assert served.edited(edit, number=number) == [], edit
        unseen = {edits.translation, edits.label, edits.notice, edits.translated_definition, edits.plot_label}
        assert (contents(served.again) != before) == (language is None or edit not in unseen), edit
    served.fresh = fresh
    assert served.edited() == []


def test_the_glossary_follows_the_definitions_and_the_pages_that_use_them(tmp_path: Path) -> None:
    served = Served(tmp_path)
    made = (edits.nothing, edits.add_term, edits.page, edits.translated_definition, edits.remove_term)
    seen = []
    for edit in (*made, edits.remove_definitions):
        assert served.edited(edit) == []
        path = served.again / "glossary" / "index.html"
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        seen.append((text.count("<h2 "), text.count("guide/deep/#term-paragraph")))
    # Entries, and links to the page that uses the second term.
    assert seen == [(1, 0), (2, 0), (2, 1), (2, 1), (1, 0), (0, 0)]


@pytest.mark.parametrize(("seed", "language", "address"), [(1, None, ADDRESS), (2, "en", None), (3, "cs", ADDRESS)])
def test_edits_in_any_order_give_what_a_new_process_gives(
    tmp_path: Path, fresh: Builder, seed: int, language: str | None, address: str | None
) -> None:
    served, chance = Served(tmp_path, fresh, language, address), random.Random(seed)
    served.edited()
    for number in range(STEPS):
        breaking = chance.sample(BREAKING, number % 2)
        served.edited(*chance.sample(MEANT, 2), *breaking, number=number)
        edits.mend(served.project)
    assert served.edited() == []


@pytest.mark.parametrize("breaking", BREAKING)
def test_what_is_wrong_is_told_each_time_and_gone_when_mended(tmp_path: Path, breaking: Edit) -> None:
    served = Served(tmp_path)
    served.build()
    before = contents(served.again)
    found = served.edited(breaking)
    assert found != []
    assert served.build()[0] == found
    edits.mend(served.project)
    assert served.build() == ([], True)
    after = contents(served.again)
    assert [name for name in before if after[name] != before[name]] == []


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What is made anew: pages that are converted, and pages that are written for the staged tree."""
    found: dict[str, list[str]] = {"converted": [], "written": []}
    render, write = Page.render, writer.write

    def rendering(page: Page, config: Any, files: Any) -> None:
        found["converted"].append(page.file.src_uri)
        render(page, config, files)

    def writing(text: str, context: Any, *others: Any) -> writer.Written:
        found["written"].append(f"{context.labels.language}/{context.source.page.name}")
        return write(text, context, *others)

    monkeypatch.setattr(Page, "render", rendering)
    monkeypatch.setattr(writer, "write", writing)
    return found


NUMBERS = {"en/01-numbers.md", "cs/01-numbers.md"}
DEEP = {"en/guide/deep.md", "cs/guide/deep.md"}
LATER = {"en/02-later.md", "cs/02-later.md"}
INDEX = {"en/index.md", "cs/index.md"}


@pytest.mark.parametrize(
    ("edit", "converted", "written"),
    [
        (edits.nothing, set(), set()),
        (edits.page, DEEP, {"guide/deep"}),
        (edits.translation, {"cs/index.md"}, {"index"}),
        (edits.catalog, {"en/reference/formats.md", "cs/reference/formats.md"}, {"reference/formats"}),
        (edits.module, {"en/reference/tool.md", "cs/reference/tool.md"}, {"reference/tool"}),
        (edits.template, set(), set()),
        (edits.site_name, set(), set()),
        (edits.snippet, NUMBERS, None),
        (edits.fact, NUMBERS | LATER | DEEP | INDEX, None),
        (edits.picture, set(), None),
        (edits.translated_definition, {"cs/01-numbers.md", "cs/glossary.md"}, None),
    ],
)
def test_only_what_depends_on_an_edit_is_made_anew(
    tmp_path: Path, made: dict[str, list[str]], edit: Edit, converted: set[str], written: set[str] | None
) -> None:
    """After a change of what any page may look into, all are written anew (None), only those converted that differ."""
    served = Served(tmp_path)
    served.build()
    everything = {name.partition("/")[2] for name in made["written"]}
    made["converted"].clear()
    made["written"].clear()
    edit(served.project, 0)
    assert served.build() == ([], True)
    assert set(made["converted"]) == converted
    assert len(made["converted"]) == len(converted)
    assert {name.partition("/")[2] for name in made["written"]} == (everything if written is None else written)


Input = tuple[str, int]
"""A step, and the place of something that its key holds."""

NOTICED: dict[tuple[Input, ...], tuple[Edit, ...]] = {
    (("surroundings", 1),): (edits.move_documents,),
    (("surroundings", 2),): (edits.move_snippets,),
    (("surroundings", 4),): (edits.notice,),
    (("surroundings", 5),): (edits.definition,),
    (("surroundings", 6),): (edits.own_glossary,),
    (("surroundings", 7),): (edits.fact,),
    (("piece", 1),): (edits.fact,),
    (("piece", 2),): (edits.rename_page,),
    (("piece", 3),): (edits.page,),
    (("piece", 4),): (edits.translation,),
    (("generated", 1),): (edits.notice,),
    (("generated", 2),): (edits.catalog,),
    (("rendering", 1),): (edits.extension,),
    (("rendering", 2),): (edits.extension_option,),
    (("rendering", 3),): (edits.lead_nowhere, edits.validation),
    (("rendering", 4),): (edits.lead_nowhere, edits.lead_somewhere),
    (("render", 1),): (edits.extension_option,),
    (("render", 2), ("render", 3)): (edits.twins,),
    (("render", 5),): (edits.page,),
    (("entries", 1),): (edits.page,),
    (("entries", 2),): (edits.twins,),
    (("entries", 3), ("entries", 4)): (edits.title,),
    (("entries", 4),): (edits.kept_out_of_search,),
    (("notebook", 1),): (edits.other_snippet,),
    (("notebook", 5),): (edits.site_address,),
    (("places", 1),): (edits.site_address,),
    (("places", 2),): (edits.directories,),
    (("built page", 1),): (edits.wrong_block,),
    (("code block", 1),): (edits.block_before,),
    (("code block", 2),): (edits.output,),
    (("style sheet", 1),): (edits.foreign_style,),
}
"""The edits whose last a build overlooks if its keys lack something."""

REDUNDANT: dict[Input, str] = {
    ("surroundings", 3): "the labels of each language say which file they are from",
    ("rendering", 5): "the path of a page begins with its language",
    ("render", 4): "the list of files says which are drafts",
    ("entries", 5): "the headings stand in the text of the page",
    ("notebook", 2): "the page's own key holds its name, and no page has two",
    ("notebook", 3): "it follows from the page's name",
    ("notebook", 4): "nothing here is installed; what is follows from the page and from the address",
    ("places", 3): "the page's own key holds the languages",
}
"""What keys hold although they would tell everything apart without it."""


def steps_that_keep() -> dict[str, Any]:
    """The modules that make keys."""
    assert plugin, "which imports them"
    prefix = "edgedocs.publishing."
    return {name: module for name, module in sys.modules.items() if name.startswith(prefix) and module is not memories}


def with_keys(monkeypatch: pytest.MonkeyPatch, key: Callable[..., str]) -> None:
    """Make all keys in another way."""
    for module in steps_that_keep().values():
        if getattr(module, "digest", None) is digest:
            monkeypatch.setattr(module, "digest", key)


def test_everything_that_a_key_holds_is_proved_or_redundant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held: set[Input] = set()

    def noting(step: str, *parts: object) -> str:
        held.update((step, place) for place in range(1, len(parts) + 1))
        return digest(step, *parts)

    with_keys(monkeypatch, noting)
    assert Served(tmp_path).build() == ([], True)
    assert held == {one for inputs in NOTICED for one in inputs} | set(REDUNDANT)


@pytest.mark.parametrize("inputs", NOTICED, ids=lambda inputs: "+".join(f"{step}-{place}" for step, place in inputs))
def test_a_key_that_lacks_something_breaks_the_law(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inputs: Sequence[Input]
) -> None:
    def lacking(step: str, *parts: object) -> str:
        return digest(step, *(part for place, part in enumerate(parts, 1) if (step, place) not in inputs))

    served, (*before, last) = Served(tmp_path), NOTICED[inputs]
    for edit in before:
        edit(served.project, 0)
    with monkeypatch.context() as lent:
        with_keys(lent, lacking)
        found, made = served.build(), before
        if found == ([], True):
            last(served.project, 0)
            made = [*before, last]
            try:
                found = served.build()
            except KeyError:  # a page that nobody has staged: the build itself notices
                return
    with pytest.raises(AssertionError):
        served.compare(*found, made)


def test_a_page_is_converted_anew_if_an_extension_may_read_other_files(tmp_path: Path) -> None:
    served = Served(tmp_path, language="en")
    included = tmp_path / "included" / "text.md"
    option = f"  - pymdownx.snippets: {{base_path: [{json.dumps(str(included.parent))}], auto_append: [text.md]}}\n"
    edits.replace(served.project / "mkdocs.yml", "markdown_extensions:\n", f"markdown_extensions:\n{option}")
    for text in ("The first text", "The second text"):
        edits.write(included, f"\n{text}\n")
        assert served.build()[1], "it may find fault with what it includes"
        assert text in (served.again / "02-later" / "index.html").read_text(encoding="utf-8")


def test_what_did_not_change_is_not_made_again() -> None:
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
