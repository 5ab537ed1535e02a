"""What sync does to a page, and what it never does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edgedocs.core import files
from edgedocs.core.errors import CannotRun
from edgedocs.translation import Tree, overview, page_state, record
from edgedocs.translation.locks import page_lock
from edgedocs.translation.sync import Engine, Synced, due, plans
from edgedocs.translation.translators import Answer, NotTranslated, Request, Settings, Translator, translators
from edgedocs.translation.translators.pseudo import Pseudo
from tests.translation.trees import SEGMENTS, edit, make_tree, write

PAGE = "sizes.md"


class Scripted(Pseudo):
    """The pseudo translator, with a function that may answer in its place, raise, or return None."""

    retries = 2

    def __init__(self, tree: Tree, script: Callable[[Request], str | None] = lambda request: None) -> None:
        super().__init__(Settings(tree))
        self.script = script
        self.requests: list[Request] = []

    def translate(self, request: Request) -> Answer:
        self.requests.append(request)
        scripted = self.script(request)
        return super().translate(request) if scripted is None else Answer(scripted)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A page that is missing in x-pseudo, and recorded in Czech."""
    made = make_tree(tmp_path)
    record(made, "cs", PAGE)
    (made.translations / "x-pseudo").mkdir()
    return made


def sync(tree: Tree, translator: Translator | None = None, language: str = "x-pseudo", **options: bool) -> Synced:
    return Engine(tree, translator or Scripted(tree), jobs=3, **options).run(due(tree, [language], []))  # type: ignore[arg-type]


def text_of(tree: Tree, language: str = "x-pseudo") -> str:
    return files.read_text(tree.translation_path(language, PAGE))


def state(tree: Tree, language: str = "x-pseudo") -> str:
    return page_state(tree.source_path(PAGE), tree.translation_path(language, PAGE)).state


def contents(tree: Tree) -> dict[str, tuple[bytes, int]]:
    paths = [path for path in tree.translations.rglob("*.md") if path.is_file()]
    return {path.as_posix(): (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}


def test_a_missing_page_is_translated_and_in_step(tree: Tree) -> None:
    synced = sync(tree)
    assert synced.exit_code == 0
    (page,) = synced.pages
    assert page.counts["translated"] == SEGMENTS
    assert state(tree) == "fresh"
    text = text_of(tree)
    assert "# «Ŝîẑéŝ" in text
    assert "{ #sizes }" in text
    assert "[[sizes.saving|.1%]]" in text
    assert '--8<-- "sizes/sizes.py"' in text
    assert '!!! note "«' in text
    assert "tags: [size]" in text


def test_the_second_run_writes_no_byte(tree: Tree) -> None:
    sync(tree)
    before = contents(tree)
    synced = sync(tree)
    assert synced.pages == ()
    assert synced.exit_code == 0
    assert contents(tree) == before


def test_only_what_changed_is_asked_about(tree: Tree) -> None:
    sync(tree)
    before = text_of(tree)
    edit(tree.source / PAGE, "It costs little.", "It costs a lot.")
    translator = Scripted(tree)
    assert sync(tree, translator).exit_code == 0
    (request,) = translator.requests
    assert request.text == "It costs a lot."
    assert request.kind == "list-item"
    assert request.previous == "«Îţ çöŝţŝŝ ļîţţļééé.»"
    assert request.before.startswith("It saves")
    assert text_of(tree).replace("åļļļ", "").count("\n") == before.count("\n")
    assert state(tree) == "fresh"


def test_code_never_reaches_a_translator(tree: Tree) -> None:
    link = "[here](http://secret.example/x) <b title='secret'>now</b>"
    write(tree.source, {PAGE: f"Run `secret()` {link} [[secret.x|.1f]].\n\nMore `secret` text.\n"})
    translator = Scripted(tree)
    sync(tree, translator)
    assert len(translator.requests) == 2
    assert "secret" not in repr(translator.requests)


def test_what_moved_moves_and_what_is_gone_goes(tree: Tree) -> None:
    sync(tree)
    text = (tree.source / PAGE).read_text()
    moved = text.replace("\nThe end.\n", "").replace("A block holds **32** weights.\n\n", "The end.\n\n")
    write(tree.source, {PAGE: moved})
    translator = Scripted(tree)
    synced = sync(tree, translator)
    assert synced.exit_code == 0
    assert translator.requests == []
    assert synced.pages[0].counts["removed"] == 1
    assert state(tree) == "fresh"
    assert text_of(tree).index("«Ţĥéé éñđđ.»") < text_of(tree).index("Îţ ŝåṽ")


def test_code_is_put_right(tree: Tree) -> None:
    sync(tree)
    edit(tree.translation_path("x-pseudo", PAGE), '--8<-- "sizes/sizes.py"', '--8<-- "sizes/other.py"')
    assert state(tree) == "stale"
    assert sync(tree).exit_code == 0
    assert '--8<-- "sizes/sizes.py"' in text_of(tree)
    assert state(tree) == "fresh"


def test_a_persons_text_stays(tree: Tree) -> None:
    edit(tree.translation_path("cs", PAGE), "Blok má **32** vah.", "Blok obsahuje **32** vah.")
    edit(tree.source / PAGE, "holds **32**", "has **32**")
    edit(tree.source / PAGE, "The end.", "The very end.")
    synced = sync(tree, language="cs")
    assert synced.exit_code == 1
    assert synced.pages[0].counts["needs-review"] == 1
    text = text_of(tree, "cs")
    assert "Blok obsahuje **32** vah." in text
    assert "Ţĥéé ṽéřýý éñđđ." in text
    assert state(tree, "cs") == "needs-review"
    before = contents(tree)
    sync(tree, language="cs")
    assert contents(tree) == before


def test_what_a_person_added_stays_beside_its_neighbour(tree: Tree) -> None:
    path = tree.translation_path("cs", PAGE)
    edit(path, "- Stojí málo.\n", "- Stojí málo.\n\nPoznámka překladatele.\n\n<!-- ověřit! -->\n")
    edit(tree.source / PAGE, "The end.", "The very end.")
    sync(tree, language="cs")
    text = text_of(tree, "cs")
    assert "- Stojí málo.\n\nPoznámka překladatele.\n\n<!-- ověřit! -->\n\n```python" in text
    assert "Ţĥéé ṽéřýý éñđđ." in text


def test_windows_line_ends_stay(tree: Tree) -> None:
    path = tree.translation_path("cs", PAGE)
    write(path.parent, {PAGE: text_of(tree, "cs").replace("\n", "\r\n")})
    edit(tree.source / PAGE, "The end.", "The very end.")
    assert sync(tree, language="cs").exit_code == 0
    text = text_of(tree, "cs")
    assert text.count("\n") == text.count("\r\n")


@pytest.mark.parametrize("bad", ["lost", "# A heading", "Two\n\nparagraphs", "⟦1⟧ <script>x()</script>", ""])
def test_a_bad_answer_is_asked_for_again_and_never_written(tree: Tree, bad: str) -> None:
    write(tree.source, {PAGE: "See `code` here, please.\n\nFine.\n"})
    translator = Scripted(tree, lambda request: bad if "here" in request.text else None)
    synced = sync(tree, translator)
    assert synced.exit_code == 1
    assert [r.refused for r in translator.requests if "here" in r.text] == ["", bad, bad]
    assert all(r.findings for r in translator.requests if r.refused or r.findings)
    assert synced.pages[0].failures[0][2]
    assert state(tree) == "failed"
    text = text_of(tree)
    assert "See `code` here, please." in text
    assert "«Ḟîñéé.»" in text
    assert "edgedocs_seal" not in text


def test_a_failed_segment_keeps_what_was_there_and_is_tried_again(tree: Tree) -> None:
    sync(tree)
    edit(tree.source / PAGE, "The end.", "The very end.")

    def refuse(request: Request) -> str | None:
        raise NotTranslated("the model refused")

    synced = sync(tree, Scripted(tree, refuse))
    assert synced.pages[0].failures[0][1:] == ("The very end.", ("the model refused",))
    assert "«Ţĥéé éñđđ.»" in text_of(tree)
    assert state(tree) == "failed"
    before = contents(tree)
    sync(tree, Scripted(tree, refuse))
    assert contents(tree) == before
    assert sync(tree).exit_code == 0
    assert state(tree) == "fresh"


def test_answers_outlive_a_run_that_stops(tree: Tree) -> None:
    count = iter(range(100))

    def stop(request: Request) -> str | None:
        if next(count) >= 5:
            raise CannotRun("the budget is spent")
        return None

    synced = Engine(tree, Scripted(tree, stop), jobs=1).run(due(tree, ["x-pseudo"], []))
    assert synced.exit_code == 3
    assert not tree.translation_path("x-pseudo", PAGE).exists()
    translator = Scripted(tree)
    assert sync(tree, translator).exit_code == 0
    assert len(translator.requests) == SEGMENTS - 5
    assert not list((tree.translations / ".sync").rglob("*.jsonl"))


def test_a_person_who_writes_while_sync_runs_is_not_overwritten(tree: Tree) -> None:
    sync(tree)
    edit(tree.source / PAGE, "The end.", "The very end.")

    def meddle(request: Request) -> str | None:
        with page_lock(tree, "x-pseudo", PAGE):
            edit(tree.translation_path("x-pseudo", PAGE), "«Ţĥéé éñđđ.»", "Konec, tečka.")
            edit(tree.translation_path("x-pseudo", PAGE), "«Îţ çöŝţŝŝ ļîţţļééé.»", "Skoro nic.")
        return None

    synced = sync(tree, Scripted(tree, meddle))
    text = text_of(tree)
    assert "Konec, tečka." in text
    assert "Skoro nic." in text
    assert synced.exit_code == 1
    assert state(tree) == "needs-review"


def test_a_source_that_changes_while_sync_runs_is_looked_at_again(tree: Tree) -> None:
    changed = threading.Event()

    def change(request: Request) -> str | None:
        if not changed.is_set():
            changed.set()
            edit(tree.source / PAGE, "The end.", "The very end.")
        return None

    assert sync(tree, Scripted(tree, change)).exit_code == 0
    assert "Ţĥéé ṽéřýý éñđđ." in text_of(tree)
    assert state(tree) == "fresh"


def test_pages_without_records_are_left_alone(tmp_path: Path) -> None:
    tree = make_tree(tmp_path)
    before = contents(tree)
    synced = sync(tree, language="cs")
    assert synced.exit_code == 1
    assert "translate import" in str(synced.pages[0].error)
    assert contents(tree) == before


def test_orphans_are_removed_only_when_asked_and_never_a_persons(tree: Tree) -> None:
    sync(tree)
    (tree.source / PAGE).unlink()
    edit(tree.translation_path("cs", PAGE), "Konec.", "Konec!")
    write(tree.source, {"other.md": "Other.\n"})
    synced = sync(tree)
    assert tree.translation_path("x-pseudo", PAGE).exists()
    assert synced.exit_code == 1
    assert "--remove-orphans" in str(synced.pages[-1].error)
    assert sync(tree, remove_orphans=True).exit_code == 0
    assert not tree.translation_path("x-pseudo", PAGE).exists()
    sync(tree, language="cs", remove_orphans=True)
    assert tree.translation_path("cs", PAGE).exists()


def test_a_page_that_cannot_be_read_fails_alone(tree: Tree) -> None:
    write(tree.source, {"other.md": "Other.\n"})
    tree.translation_path("x-pseudo", PAGE).write_bytes(b"\xff\xfe")
    synced = sync(tree)
    assert synced.exit_code == 2
    assert [page.in_step for page in synced.pages] == [True, False]
    assert tree.translation_path("x-pseudo", PAGE).read_bytes() == b"\xff\xfe"


def test_segments_are_translated_at_once(tree: Tree) -> None:
    write(tree.source, {PAGE: "\n\n".join(f"Sentence number {number}." for number in range(40))})
    inside = 0
    most = 0
    lock = threading.Lock()

    def slow(request: Request) -> str | None:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.005)
        with lock:
            inside -= 1
        return None

    Engine(tree, Scripted(tree, slow), jobs=5).run(due(tree, ["x-pseudo"], []))
    assert most == 5


def test_a_plan_writes_nothing_and_counts(tree: Tree) -> None:
    edit(tree.source / PAGE, "The end.", "The very end.")
    before = contents(tree)
    made = {
        plan.language: plan
        for plan in plans(tree, due(tree, ["cs", "x-pseudo"], []), translators.get("pseudo")(Settings(tree)))
    }
    assert (made["cs"].translate, made["x-pseudo"].translate) == (1, SEGMENTS)
    assert contents(tree) == before
    assert {entry.status.state for entry in overview(tree).entries} == {"stale", "missing"}
    assert not (tree.translations / ".sync").exists()


def test_front_matter_is_quoted_where_yaml_needs_it(tree: Tree) -> None:
    import yaml

    write(tree.source, {PAGE: '---\ntitle: "A: title #1"\nkeywords: [one, two]\ntags: [x]\n---\n\nText here.\n'})
    assert sync(tree).exit_code == 0
    matter = yaml.safe_load(text_of(tree).split("---\n")[1])
    assert matter == {"title": "«Å: ţîţļéé #1»", "keywords": ["«öñéé»", "«ţŵöö»"], "tags": ["x"]}
