"""PO files out and back in: what people change arrives, what they did not change stays, nothing is overwritten.

polib reads and writes the files here as a translation tool would.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgedocs.core.errors import BadInput
from edgedocs.translation import Tree, record
from edgedocs.translation.exchange.po import Imported, export_po, import_po
from edgedocs.translation.records import Record
from edgedocs.translation.status import SourcePage, status_of
from edgedocs.translation.translated_page import TranslatedPage
from tests import pace
from tests.translation.trees import CZECH, SEGMENTS, SOURCE, edit, make_tree

ROOT = Path(__file__).parents[3]
PAGE = "sizes.md"
PARAGRAPH = "A block holds **32** weights."


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    made = make_tree(tmp_path)
    record(made, "cs", PAGE)
    return made


def export(tree: Tree) -> Path:
    return export_po(tree, "cs", PAGE, tree.source.parent / "po").path


def page_path(tree: Tree) -> Path:
    return tree.translation_path("cs", PAGE)


def page(tree: Tree) -> TranslatedPage:
    return TranslatedPage.parse(page_path(tree).read_bytes().decode(), PAGE)


def states(tree: Tree) -> dict[str, str]:
    """The states of the page's segments, by the first words of the source."""
    source = SourcePage.load(tree.source_path(PAGE))
    return {s.source.words: s.state for s in status_of(source, page(tree), PAGE).segments if s.source}


def records(tree: Tree) -> list[str]:
    return [record.state for record in page(tree).records or ()]


def change(path: Path, msgid: str, alter: Callable[[polib.POEntry], None]) -> None:
    """What a translator does to one entry."""
    document = polib.pofile(str(path))
    (entry,) = [entry for entry in document if entry.msgid == msgid]
    alter(entry)
    document.save()


def translate(text: str) -> Callable[[polib.POEntry], None]:
    def alter(entry: polib.POEntry) -> None:
        entry.msgstr = text
        if "fuzzy" in entry.flags:
            entry.flags.remove("fuzzy")

    return alter


def take(tree: Tree, path: Path) -> Imported:
    (imported,) = import_po(tree, [path])
    return imported


def test_an_entry_is_a_segment(tree: Tree) -> None:
    document = polib.pofile(str(export(tree)))
    assert document.metadata["Language"] == "cs"
    assert document.metadata["Plural-Forms"] == "nplurals=1; plural=0;"
    assert len(document) == SEGMENTS
    assert all(entry.msgstr and not entry.fuzzy for entry in document)
    entry = document[2]
    assert (entry.msgid, entry.msgstr) == (PARAGRAPH, "Blok má **32** vah.")
    assert entry.occurrences == [("docs/sizes.md", "8")]
    inner = next(entry for entry in document if "Inside" in entry.msgid)
    assert inner.msgid == "Inside there is a paragraph."
    assert "kind: admonition / paragraph" in inner.comment
    assert len({entry.msgctxt for entry in document}) == SEGMENTS


def test_terms_of_the_glossary_stand_beside_the_text(tree: Tree) -> None:
    (tree.translations / "cs" / "glossary.tsv").write_text(
        "term\ttranslation\tnote\nweight\tváha\tnot hmotnost\nblock\tblok\t\n", encoding="utf-8"
    )
    document = polib.pofile(str(export(tree)))
    assert "term: block → blok" in document[2].comment
    assert "term:" not in document[1].comment


def test_import_of_what_was_exported_changes_no_byte(tree: Tree) -> None:
    before = page_path(tree).read_bytes()
    imported = take(tree, export(tree))
    assert page_path(tree).read_bytes() == before
    assert (imported.pages[0].unchanged, imported.exit_code) == (SEGMENTS, 0)
    assert not imported.pages[0].written


def test_a_changed_text_becomes_edited_and_nothing_else_changes(tree: Tree) -> None:
    body = page(tree).body
    path = export(tree)
    change(path, PARAGRAPH, translate("V bloku je **32** vah."))
    imported = take(tree, path)
    assert imported.exit_code == 0
    assert [revision.text for revision in imported.pages[0].made] == ["V bloku je **32** vah."]
    assert page(tree).body == body.replace("Blok má **32** vah.", "V bloku je **32** vah.")
    assert records(tree) == ["machine", "machine", "edited", *["machine"] * (SEGMENTS - 3)]
    assert states(tree)[PARAGRAPH] == "edited"
    again = page_path(tree).read_bytes()
    assert take(tree, path).exit_code == 0
    assert page_path(tree).read_bytes() == again


def test_an_indented_text_stays_indented(tree: Tree) -> None:
    path = export(tree)
    change(path, "Inside there is a paragraph.", translate("Uvnitř\nje odstavec."))
    assert take(tree, path).exit_code == 0
    assert "\n    Uvnitř\n    je odstavec.\n\n" in page(tree).body


def test_crlf_stays(tree: Tree) -> None:
    page_path(tree).write_bytes(page_path(tree).read_bytes().replace(b"\n", b"\r\n"))
    path = export(tree)
    change(path, "Inside there is a paragraph.", translate("Uvnitř\nje odstavec."))
    assert take(tree, path).exit_code == 0
    content = page_path(tree).read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n")


def test_front_matter_and_heading(tree: Tree) -> None:
    path = export(tree)
    change(path, "Sizes of files.", translate("Jak velké jsou soubory."))
    change(path, "# Sizes { #sizes }", translate("# Kolik to je { #sizes }"))
    assert take(tree, path).exit_code == 0
    assert page(tree).body.startswith(
        "---\ndescription: Jak velké jsou soubory.\ntags: [size]\n---\n\n# Kolik to je { #sizes }\n\nBlok"
    )


def test_stale_is_fuzzy_and_stays_stale(tree: Tree) -> None:
    edit(tree.source_path(PAGE), PARAGRAPH, "Each block holds **32** weights.")
    before = page_path(tree).read_bytes()
    path = export(tree)
    fuzzy = [entry for entry in polib.pofile(str(path)) if entry.fuzzy]
    assert [entry.msgstr for entry in fuzzy] == ["Blok má **32** vah."]
    imported = take(tree, path)
    assert (imported.fuzzy, imported.exit_code) == (1, 0)
    assert page_path(tree).read_bytes() == before
    assert states(tree)["Each block holds **32** weights."] == "stale"


def test_a_fuzzy_text_that_is_approved_is_reviewed(tree: Tree) -> None:
    edit(tree.source_path(PAGE), PARAGRAPH, "Each block holds **32** weights.")
    body = page(tree).body
    path = export(tree)
    change(path, "Each block holds **32** weights.", translate("Blok má **32** vah."))
    assert take(tree, path).exit_code == 0
    assert page(tree).body == body
    assert records(tree)[2] == "reviewed"
    assert set(states(tree).values()) == {"fresh"}


def test_the_earlier_source_text_comes_from_git(tree: Tree, tmp_path: Path) -> None:
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *identity, *command], cwd=tmp_path, check=True)
    edit(tree.source_path(PAGE), PARAGRAPH, "Each block holds **32** weights.")
    entry = next(entry for entry in polib.pofile(str(export(tree))) if entry.fuzzy)
    assert entry.previous_msgid == PARAGRAPH


def test_a_new_segment_comes_where_the_source_has_it(tree: Tree) -> None:
    edit(tree.source_path(PAGE), "- It costs little.\n", "- It costs little.\n- It is *quick*.\n")
    edit(tree.source_path(PAGE), f"{PARAGRAPH}\n", f"{PARAGRAPH}\n\nNot more.\n")
    edit(tree.source_path(PAGE), "The end.\n", "The end.\n\nReally.\n")
    path = export(tree)
    for msgid, text in (("- It is *quick*.", "- Je *rychlý*."), ("Not more.", "Víc ne."), ("Really.", "Opravdu.")):
        change(path, msgid, translate(text))
    assert take(tree, path).findings == ()
    expected = CZECH.replace("- Stojí málo.\n", "- Stojí málo.\n- Je *rychlý*.\n")
    expected = expected.replace("vah.\n", "vah.\n\nVíc ne.\n").replace("Konec.\n", "Konec.\n\nOpravdu.\n")
    assert page(tree).body == expected
    assert set(states(tree).values()) == {"fresh", "edited"}


def test_a_missing_page_is_made_and_what_is_not_translated_is_recorded_as_failed(tree: Tree) -> None:
    page_path(tree).unlink()
    path = export(tree)
    assert [entry.msgstr for entry in polib.pofile(str(path))] == [""] * SEGMENTS
    change(path, PARAGRAPH, translate("Blok má **32** vah."))
    assert take(tree, path).exit_code == 0
    assert page(tree).body == SOURCE.replace(PARAGRAPH, "Blok má **32** vah.")
    assert sorted(records(tree)) == ["edited", *["failed"] * (SEGMENTS - 1)]
    assert [entry.msgstr for entry in polib.pofile(str(export(tree)))].count("") == SEGMENTS - 1


def test_a_lost_page_comes_back(tree: Tree) -> None:
    body = page(tree).body
    path = export(tree)
    page_path(tree).unlink()
    assert take(tree, path).exit_code == 0
    assert page(tree).body == body


def test_a_persons_edit_is_not_overwritten(tree: Tree) -> None:
    path = export(tree)
    change(path, PARAGRAPH, translate("V bloku je **32** vah."))
    change(path, "The end.", translate("To je konec."))
    edit(page_path(tree), "Blok má **32** vah.", "Jeden blok má **32** vah.")
    imported = take(tree, path)
    assert imported.exit_code == 1
    (finding,) = imported.findings
    assert (finding.check, finding.source_line) == ("conflict", 8)
    body = page(tree).body
    assert "Jeden blok má **32** vah." in body
    assert "To je konec." in body, "the others go on"
    assert states(tree)[PARAGRAPH] == "edited"


def test_an_edit_of_the_page_stays_if_the_po_did_not_change_the_text(tree: Tree) -> None:
    path = export(tree)
    edit(page_path(tree), "Blok má **32** vah.", "Jeden blok má **32** vah.")
    before = page_path(tree).read_bytes()
    assert take(tree, path).exit_code == 0
    assert page_path(tree).read_bytes() == before


def test_without_the_note_what_was_seen_a_persons_text_stays(tree: Tree) -> None:
    record(tree, "cs", PAGE, "reviewed")
    path = export(tree)

    def alter(entry: polib.POEntry) -> None:
        entry.msgstr, entry.comment = "V bloku je **32** vah.", ""

    change(path, PARAGRAPH, alter)
    before = page_path(tree).read_bytes()
    assert [finding.check for finding in take(tree, path).findings] == ["conflict"]
    assert page_path(tree).read_bytes() == before


def test_a_source_that_changed_meanwhile_is_a_conflict(tree: Tree) -> None:
    path = export(tree)
    change(path, PARAGRAPH, translate("V bloku je **32** vah."))
    edit(tree.source_path(PAGE), PARAGRAPH, "Each block holds **16** weights.")
    before = page_path(tree).read_bytes()
    imported = take(tree, path)
    assert ["the source has no such segment any more" in finding.message for finding in imported.findings] == [True]
    assert page_path(tree).read_bytes() == before


@pytest.mark.parametrize(
    ("msgid", "text"),
    [
        ("- It saves [[sizes.saving|.1%]].", "- Ušetří 40 %."),
        ("# Sizes { #sizes }", "# Velikosti { #velikosti }"),
        ("# Sizes { #sizes }", "## Velikosti { #sizes }"),
        ("- It costs little.", "Stojí málo."),
        (PARAGRAPH, "Blok má\n\n**32** vah."),
        (PARAGRAPH, "```\n**32**\n```"),
        (PARAGRAPH, "<!-- Blok má **32** vah. -->"),
        (PARAGRAPH, "<!-- EDGEDOCS_SEGMENTS v1\n-->"),
        (PARAGRAPH, "Blok <!--\n<!-- EDGEDOCS_SEGMENTS v1"),
        ("Sizes of files.", "a\n---\n<!-- EDGEDOCS_SEGMENTS v1"),
        ("Sizes of files.", "Velikosti\ntags: [jiné]"),
        (PARAGRAPH, "   "),
    ],
)
def test_a_text_that_is_no_translation_is_refused_and_the_others_go_on(tree: Tree, msgid: str, text: str) -> None:
    path = export(tree)
    change(path, msgid, translate(text))
    change(path, "The end.", translate("To je konec."))
    body = page(tree).body
    imported = take(tree, path)
    assert imported.exit_code == 1
    assert len({finding.source_line for finding in imported.findings}) == 1
    assert page(tree).body == body.replace("Konec.", "To je konec.")


@pytest.mark.parametrize(
    "context", ["../outside.md 8472fb2991a4", "/etc/passwd.md 8472fb2991a4", "a\x00.md 8472fb2991a4", "sizes.md", ""]
)
def test_a_context_that_leaves_the_tree_is_refused(tree: Tree, context: str) -> None:
    path = export(tree)

    def alter(entry: polib.POEntry) -> None:
        entry.msgctxt, entry.msgstr = context, "Venku."

    change(path, PARAGRAPH, alter)
    before = {file: file.read_bytes() for file in tree.source.parent.rglob("*") if file.is_file()}
    imported = take(tree, path)
    assert [finding.check for finding in imported.findings] == ["identity"]
    assert f"{path.as_posix()}:" in imported.findings[0].message
    assert {file: file.read_bytes() for file in before} == before


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\xff\xfe", "is not UTF-8"),
        (b'msgid "a\n', "does not say in which language"),
        (b'msgid "a" b "c"\nmsgstr ""\n', "no PO file"),
        (b"<html></html>\n", "no PO file"),
        (b"\x00\x01\x02", "no PO file"),
        (b'#| msgfoo "a"\n', "no PO file"),
        (b'msgid ""\nmsgstr ""\n"Language: xx\\n"\n', "unknown language"),
        (b"", "does not say in which language"),
    ],
)
def test_a_broken_file_is_one_error(tree: Tree, content: bytes, what: str) -> None:
    good, bad = export(tree), tree.source.parent / "bad.po"
    bad.write_bytes(content)
    change(good, "The end.", translate("To je konec."))
    first, second = import_po(tree, [bad, good])
    assert (first.exit_code, second.exit_code) == (2, 0)
    assert what in str(first.errors[0])
    assert "To je konec." in page(tree).body


def test_a_long_text_is_refused_or_taken(tree: Tree) -> None:
    path = export(tree)
    change(path, PARAGRAPH, translate("**32** " + "vah " * 100_000))
    assert take(tree, path).exit_code in (0, 1)


@pytest.mark.parametrize("lines", [1, 100_000])
def test_ten_megabytes_are_read_in_time(tree: Tree, lines: int) -> None:
    text = '"' + "vah " * (2_500_000 // lines) + '"\n'
    path = tree.source.parent / "long.po"
    path.write_text(f'msgid ""\nmsgstr "Language: cs\\n"\n\nmsgctxt "none"\nmsgid "a"\nmsgstr {text * lines}')
    with pace.at_most(30):  # It takes about a second; time that grows with the square takes minutes.
        (finding,) = take(tree, path).findings
    assert finding.check == "identity"


def test_work_in_a_po_file_is_not_overwritten_by_export(tree: Tree) -> None:
    path = export(tree)
    export(tree)
    change(path, "The end.", translate("To je konec."))
    with pytest.raises(BadInput, match="was not imported"):
        export(tree)
    assert take(tree, path).exit_code == 0
    export(tree)


def test_a_page_without_records_round_trips_and_refuses_changes(tmp_path: Path) -> None:
    tree = make_tree(tmp_path)
    before = page_path(tree).read_bytes()
    path = export(tree)
    assert all(entry.fuzzy for entry in polib.pofile(str(path)))
    assert take(tree, path).exit_code == 0
    change(path, "The end.", translate("To je konec."))
    imported = take(tree, path)
    assert "translate record" in str(imported.errors[0])
    assert page_path(tree).read_bytes() == before


def test_all_pages_of_this_project_round_trip(tmp_path: Path) -> None:
    for folder in ("docs", "translations"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    tree = Tree.open(tmp_path / "docs", tmp_path / "translations")
    pages = [(language, page) for language in tree.languages() for page in tree.pages()]
    before = {path: path.read_bytes() for path in (tree.translation_path(*page) for page in pages) if path.is_file()}
    assert len(before) >= 2
    paths = [export_po(tree, language, page, tmp_path / "po").path for language, page in pages]
    assert [imported.exit_code for imported in import_po(tree, paths)] == [0] * len(paths)
    assert {path: path.read_bytes() for path in before} == before


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80))
def test_any_text_arrives_whole_or_is_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    tree = make_tree(tmp_path_factory.mktemp("any"))
    record(tree, "cs", PAGE)
    body, before = page(tree).body, page(tree).records
    path = export(tree)
    change(path, PARAGRAPH, translate(text))
    imported = take(tree, path)
    if imported.exit_code == 0 and text.strip("\n"):
        assert {s: state for s, state in states(tree).items() if s != PARAGRAPH} == dict.fromkeys(
            (s for s in states(tree) if s != PARAGRAPH), "fresh"
        )
    else:
        assert page(tree).body == body
        assert page(tree).records == before
    assert all(isinstance(entry, Record) for entry in page(tree).records or ())


def test_the_command(tree: Tree, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "edgedocs", "translate", "export", "--language", "cs", "--to", "po"]
    result = subprocess.run([*command, "--json"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == {
        "exported": [
            {
                "path": "po/cs/sizes.po",
                "language": "cs",
                "page": "sizes.md",
                "translated": SEGMENTS,
                "fuzzy": 0,
                "untranslated": 0,
            }
        ],
        "format": "po",
    }
    result = subprocess.run([*command, "none.md"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (result.returncode, "no page 'none.md'" in result.stderr) == (2, True)
