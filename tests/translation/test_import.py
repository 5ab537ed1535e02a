"""Taking a tree of Co-op Translator over: nothing is translated again, nothing is lost."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgedocs.translation import Tree, overview
from edgedocs.translation.interop.importing import UNKNOWN, Imported, Options, import_tree
from edgedocs.translation.records import Record
from edgedocs.translation.translated_page import TranslatedPage
from tests.translation.coop_trees import (
    CZECH,
    FOOTER,
    SEGMENTS,
    SOURCE,
    commit,
    entry,
    inline,
    make_coop_tree,
    notebook,
    run,
)
from tests.translation.trees import edit, write


def tree_of_one(root: Path, page: str, source: str = SOURCE, **others: str) -> Tree:
    return make_coop_tree(root, {"README.md": source}, {"README.md": page}, **others)


def only(tree: Tree, options: Options | None = None) -> Imported:
    (imported,) = import_tree(tree, options=options).pages
    return imported


def page_of(tree: Tree, name: str = "README.md") -> TranslatedPage:
    return TranslatedPage.load(tree.translation_path("cs", name))


def body_of(tree: Tree) -> str:
    return page_of(tree).body


def counts(tree: Tree) -> dict[str, int]:
    return overview(tree).entries[0].status.counts


def test_a_fresh_page_is_fresh_segment_by_segment(tmp_path: Path) -> None:
    tree = tree_of_one(tmp_path, inline(entry(SOURCE, "README.md"), CZECH))
    imported = only(tree)
    assert (imported.outcome, imported.origin) == ("imported", "current")
    status = overview(tree).entries[0].status
    assert (status.state, status.counts, status.recorded) == ("fresh", {"fresh": SEGMENTS}, True)
    assert body_of(tree) == CZECH


def test_afterwards_only_what_changes_is_stale(tmp_path: Path) -> None:
    tree = tree_of_one(tmp_path, inline(entry(SOURCE, "README.md"), CZECH))
    only(tree)
    edit(tree.source_path("README.md"), "It stays cool.", "It stays warm.")
    assert counts(tree) == {"fresh": SEGMENTS - 1, "stale": 1}


def test_a_page_whose_header_is_in_the_state_file_says_itself_where_it_is_from(tmp_path: Path) -> None:
    tree = tree_of_one(tmp_path, CZECH, state=json.dumps({"README.md": entry(SOURCE, "README.md", score=1)}))
    only(tree)
    (tmp_path / "translations/cs/.co-op-translator.json").unlink()
    header = page_of(tree).header
    assert header is not None
    assert (header.translation_date, header.language_code) == ("2025-09-18T16:39:44+00:00", "cs")
    assert header.others["score"] == 1
    assert overview(tree).entries[0].status.state == "fresh"


def test_a_backslash_path_becomes_ours(tmp_path: Path) -> None:
    tree = make_coop_tree(tmp_path, {"a/b.md": SOURCE}, {"a/b.md": inline(entry(SOURCE, "a\\b.md"), CZECH)})
    only(tree)
    header = page_of(tree, "a/b.md").header
    assert header is not None
    assert header.source_file == "a/b.md"


@pytest.mark.parametrize("tail", [f"\n---\n\n{FOOTER}", f"\n{FOOTER}\n\n", "\n---\n\n", f"\n---\n\n---\n\n{FOOTER}\n"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_footer_is_taken_off(tmp_path: Path, tail: str, newline: str) -> None:
    tree = tree_of_one(tmp_path, inline(entry(SOURCE, "README.md"), CZECH + tail).replace("\n", newline))
    assert only(tree).footer
    assert body_of(tree) == CZECH.replace("\n", newline)
    assert overview(tree).entries[0].status.state == "fresh"


def test_a_rule_that_the_source_has_too_stays(tmp_path: Path) -> None:
    source = SOURCE + "\n---\n"
    tree = tree_of_one(tmp_path, inline(entry(source, "README.md"), f"{CZECH}\n---\n\n{FOOTER}\n"), source)
    only(tree)
    assert body_of(tree) == CZECH + "\n---\n"
    assert overview(tree).entries[0].status.state == "fresh"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_footer_that_is_kept_stays_out_of_account(tmp_path: Path, newline: str) -> None:
    text = inline(entry(SOURCE, "README.md"), f"{CZECH}\n---\n\n{FOOTER}").replace("\n", newline)
    tree = tree_of_one(tmp_path, text)
    only(tree, Options(keep_footer=True))
    assert "Přeložil to stroj" in body_of(tree)
    assert "DISCLAIMER END -->" in body_of(tree)
    assert ("\r\n" in body_of(tree)) == (newline == "\r\n")
    status = overview(tree).entries[0].status
    assert (status.state, status.counts) == ("fresh", {"fresh": SEGMENTS})


def test_a_disclaimer_of_the_source_is_a_paragraph(tmp_path: Path) -> None:
    words = "\n**Disclaimer**: boards get hot, and nobody here is to be blamed for burnt fingers.\n"
    czech = CZECH + "\n**Upozornění**: desky se zahřívají a nikdo tady nemůže za popálené prsty.\n"
    tree = tree_of_one(tmp_path, inline(entry(SOURCE + words, "README.md"), czech), SOURCE + words)
    assert not only(tree).footer
    assert counts(tree) == {"fresh": SEGMENTS + 1}


def test_segments_without_counterpart_stay_and_need_review(tmp_path: Path) -> None:
    tree = tree_of_one(tmp_path, inline(entry(SOURCE, "README.md"), CZECH + "\n## Navíc\n\nTohle nikdo nechtěl.\n"))
    only(tree)
    assert body_of(tree).endswith("Tohle nikdo nechtěl.\n")
    assert counts(tree) == {"fresh": SEGMENTS, "needs-review": 2}


def test_missing_segments_are_missing(tmp_path: Path) -> None:
    cut = CZECH[: CZECH.index("## Napájení")]
    tree = tree_of_one(tmp_path, inline(entry(SOURCE, "README.md"), cut))
    only(tree)
    assert counts(tree) == {"fresh": 2, "missing": 4}


def test_a_stale_page_of_unknown_source_is_stale_throughout_and_keeps_its_text(tmp_path: Path) -> None:
    tree = tree_of_one(tmp_path, inline(entry("who knows", "README.md"), CZECH))
    assert only(tree).origin == "unknown"
    assert {record.source for record in page_of(tree).records or ()} == {UNKNOWN}
    assert counts(tree) == {"stale": SEGMENTS}
    assert body_of(tree) == CZECH


def test_a_page_of_unknown_origin_counts_as_a_persons(tmp_path: Path) -> None:
    tree = tree_of_one(tmp_path, CZECH)
    assert only(tree).origin == "none"
    assert counts(tree) == {"needs-review": SEGMENTS}
    assert {record.state for record in page_of(tree).records or ()} == {"edited"}


def test_the_version_that_was_translated_is_found_in_git(tmp_path: Path) -> None:
    tree = tree_of_one(tmp_path, inline(entry(SOURCE, "README.md"), CZECH))
    commit(tmp_path, "2025-09-18T17:00:00+00:00")
    edit(tree.source_path("README.md"), "It stays cool.", "It stays warm.\n\nMore.")
    commit(tmp_path, "2025-09-20T17:00:00+00:00")
    assert only(tree).origin == "history"
    assert counts(tree) == {"fresh": SEGMENTS - 1, "missing": 1, "stale": 1}


def test_a_version_with_other_line_ends_is_found_in_git(tmp_path: Path) -> None:
    windows = SOURCE.replace("\n", "\r\n")
    tree = tree_of_one(tmp_path, inline(entry(SOURCE, "README.md"), CZECH), windows)
    commit(tmp_path, "2025-09-18T17:00:00+00:00")
    write(tmp_path, {"README.md": windows + "More.\r\n"})
    assert only(tree).origin == "history"


def test_git_is_not_asked_if_that_is_not_wanted(tmp_path: Path) -> None:
    tree = tree_of_one(tmp_path, inline(entry(SOURCE, "README.md"), CZECH))
    commit(tmp_path, "2025-09-18T17:00:00+00:00")
    edit(tree.source_path("README.md"), "It stays cool.", "It stays warm.")
    assert only(tree, Options(use_history=False)).origin == "unknown"


@pytest.mark.parametrize("in_state_file", [False, True])
def test_what_people_edited_since_is_theirs(tmp_path: Path, in_state_file: bool) -> None:
    header = entry(SOURCE, "README.md")
    body = CZECH.replace("https://example.org/power", "/old")
    if in_state_file:
        tree = tree_of_one(tmp_path, body, state=json.dumps({"README.md": header}))
    else:
        tree = tree_of_one(tmp_path, inline(header, body))
    commit(tmp_path, "2025-09-18T17:00:00+00:00")
    path = tree.translation_path("cs", "README.md")
    edit(path, "/old", "https://example.org/power")  # as the tool does, so nobody's work
    edit(path, "Zůstává chladná.", "Nezahřívá se.")
    commit(tmp_path, "2025-10-01T17:00:00+00:00")
    assert only(tree).edited == 1
    assert counts(tree) == {"edited": 1, "fresh": SEGMENTS - 1}
    edit(tree.source_path("README.md"), "It stays cool.", "It stays warm.")
    edit(tree.source_path("README.md"), "Ask `uptime`", "Read `uptime`")
    assert counts(tree) == {"fresh": SEGMENTS - 2, "needs-review": 1, "stale": 1}


def test_a_page_that_people_reviewed_is_theirs(tmp_path: Path) -> None:
    tree = tree_of_one(tmp_path, inline(entry(SOURCE, "README.md"), CZECH))
    only(tree, Options(state="reviewed"))
    edit(tree.source_path("README.md"), "It stays cool.", "It stays warm.")
    assert counts(tree) == {"fresh": SEGMENTS - 1, "needs-review": 1}


def test_pages_with_records_are_left_alone(tmp_path: Path) -> None:
    tree = tree_of_one(tmp_path, inline(entry(SOURCE, "README.md"), CZECH))
    only(tree)
    before = tree.translation_path("cs", "README.md").read_bytes()
    assert only(tree, Options(state="reviewed")).outcome == "recorded"
    assert tree.translation_path("cs", "README.md").read_bytes() == before


def test_a_dry_run_writes_nothing_and_says_the_same(tmp_path: Path) -> None:
    tree = tree_of_one(tmp_path, inline(entry(SOURCE, "README.md"), CZECH + f"\n{FOOTER}\n"))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    dry = only(tree, Options(dry_run=True))
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert dry.as_dict() == only(tree).as_dict()


def test_notebooks_are_taken_over(tmp_path: Path) -> None:
    source = notebook("# Title\n\nWords.\n")
    document = json.loads(notebook("# Název\n\nSlova.\n", coopTranslator=entry(source, "a.ipynb")))
    footer = {"cell_type": "markdown", "metadata": {}, "source": [f"---\n\n{FOOTER}\n"]}
    document["cells"].append(footer)
    tree = make_coop_tree(tmp_path, {"a.ipynb": source}, {"a.ipynb": json.dumps(document, indent=1)})
    assert only(tree).footer
    after = json.loads(tree.translation_path("cs", "a.ipynb").read_text(encoding="utf-8"))
    assert after["cells"] == document["cells"][:-1]
    assert len(after["metadata"]["edgedocs"]["segments"]) == 2
    assert counts(tree) == {"fresh": 2}
    write(tmp_path, {"a.ipynb": notebook("# Title\n\nOther words.\n")})
    assert counts(tree) == {"fresh": 1, "stale": 1}


def test_missing_and_orphaned_pages_are_told(tmp_path: Path) -> None:
    failure = entry(SOURCE, "b.md", status="failed", error_type="TimeoutError", error_message="after 60 s")
    state = {"__translation_failures__": {"b.md": failure}}
    tree = make_coop_tree(tmp_path, {"a.md": SOURCE, "b.md": SOURCE}, {"c.md": CZECH}, state)
    pages = import_tree(tree).pages
    assert [(page.page, page.outcome) for page in pages] == [
        ("a.md", "missing"),
        ("b.md", "missing"),
        ("c.md", "orphan"),
    ]
    assert pages[1].note == "TimeoutError: after 60 s"
    assert tree.translation_path("cs", "c.md").read_text(encoding="utf-8") == CZECH


def test_a_torn_state_file_does_not_make_pages_strangers(tmp_path: Path) -> None:
    sources = {"a.md": SOURCE, "b.md": SOURCE}
    whole = json.dumps({name: entry(SOURCE, name) for name in sources}, indent=2)
    tree = make_coop_tree(tmp_path, sources, dict.fromkeys(sources, CZECH), whole[:-40])
    found = import_tree(tree)
    assert [page.outcome for page in found.pages] == ["imported", "failed"]
    assert found.exit_code == 2
    assert tree.translation_path("cs", "b.md").read_text(encoding="utf-8") == CZECH
    write(tmp_path / "translations/cs", {".co-op-translator.json": whole})
    assert [page.outcome for page in import_tree(tree).pages] == ["recorded", "imported"]


def test_a_page_that_cannot_be_read_fails_alone(tmp_path: Path) -> None:
    sources = dict.fromkeys(("a.md", "b.md", "c.md"), SOURCE)
    tree = make_coop_tree(tmp_path, sources, {"a.md": inline(entry(SOURCE, "a.md"), CZECH)})
    tree.translation_path("cs", "b.md").write_bytes(b"<!--\nCO_OP_TRANSLATOR_METADATA:\n{\n-->\n")
    tree.translation_path("cs", "c.md").symlink_to(tmp_path / "a.md")
    found = import_tree(tree)
    assert [page.outcome for page in found.pages] == ["imported", "failed", "failed"]
    assert found.exit_code == 2


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    tree = tree_of_one(tmp_path, inline(entry(SOURCE, "README.md"), CZECH))
    assert run(monkeypatch, tree, "import", "--dry-run", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["dry_run"]
    assert document["summary"]["outcomes"] == {"imported": 1}
    assert document["pages"][0]["segments"] == {"fresh": SEGMENTS}
    assert run(monkeypatch, tree, "import") == 0
    assert "imported 1 pages" in capsys.readouterr().out
    assert run(monkeypatch, tree, "import", "--language", "xx") == 2


def test_catalogs_have_no_dry_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, tree_of_one(tmp_path, CZECH), "import", "--dry-run", "a.po") == 2


def test_a_catalog_that_is_not_there_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, tree_of_one(tmp_path, CZECH), "import", "a.po") == 2
    assert "no such file" in capsys.readouterr().err


paragraphs = st.lists(
    st.sampled_from(["# A", "## B", "p", "- i", "run `x`", "```\nc\n```", "---", "> q", "***", FOOTER])
)


@settings(max_examples=60, deadline=None)
@given(source=paragraphs, target=paragraphs, known=st.booleans(), keep=st.booleans())
def test_no_word_is_lost(
    tmp_path_factory: pytest.TempPathFactory, source: list[str], target: list[str], known: bool, keep: bool
) -> None:
    text, body = "\n\n".join(source) + "\n", "\n\n".join(target) + "\n"
    page = inline(entry(text if known else "other", "README.md"), body)
    tree = tree_of_one(tmp_path_factory.mktemp("tree"), page, text)
    only(tree, Options(keep_footer=keep, use_history=False))
    kept = body_of(tree)
    if keep and FOOTER in target[-1:]:
        assert FOOTER in kept
    # All but a footer and the rules before it is there, to the letter and in order.
    assert body.startswith(kept.partition("\n---\n\n<!-- CO-OP")[0].rstrip())
    rest = body.removeprefix(kept.rstrip()).replace(FOOTER, "")
    assert keep or not rest.strip("-*\n ")
    assert all(isinstance(record, Record) for record in page_of(tree).records or ())


PAGES = 40
COMMAND = [sys.executable, "-m", "edgedocs", "translate", "import", "--json"]


def many(root: Path) -> Tree:
    sources = {f"{number:02}.md": f"# Page {number}\n\n{SOURCE}" for number in range(PAGES)}
    bodies = {name: f"# Stránka {name[:2]}\n\n{CZECH}" for name in sources}
    state = {name: entry(text, name) for name, text in sources.items()}
    return make_coop_tree(root, sources, bodies, state)


def start(tree: Tree) -> subprocess.Popen[bytes]:
    options = ["--source", str(tree.source), "--translations", str(tree.translations)]
    return subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def test_two_importers_at_a_time(tmp_path: Path) -> None:
    tree = many(tmp_path)
    outputs = [process.communicate(timeout=120)[0] for process in [start(tree), start(tree)]]
    outcomes = [[page["outcome"] for page in json.loads(output)["pages"]] for output in outputs]
    assert all(sorted(pair) == ["imported", "recorded"] for pair in zip(*outcomes, strict=True))
    assert {entry.status.state for entry in overview(tree).entries} == {"fresh"}


def test_killed_at_random_moments_nothing_is_lost(tmp_path: Path) -> None:
    chance = random.Random(4)
    killed_midway = 0
    for attempt in range(int(os.environ.get("EDGEDOCS_KILLS", "10"))):
        tree = many(tmp_path / str(attempt))
        process = start(tree)
        # From the first page that is written to the last: whatever was being done then is cut off.
        wanted = chance.randrange(PAGES)
        while process.poll() is None and len(list(tree.translations.glob(".locks/cs/*.lock"))) <= wanted:
            time.sleep(0.0005)
        time.sleep(chance.uniform(0, 0.002))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        pages = [page_of(tree, f"{number:02}.md") for number in range(PAGES)]
        assert [page.body for page in pages] == [f"# Stránka {number:02}\n\n{CZECH}" for number in range(PAGES)]
        killed_midway += 0 < sum(page.records is not None for page in pages) < PAGES
        assert {page.outcome for page in import_tree(tree).pages} <= {"imported", "recorded"}
        assert {entry.status.state for entry in overview(tree).entries} == {"fresh"}
    assert killed_midway, "no process was killed in the middle of its work"
