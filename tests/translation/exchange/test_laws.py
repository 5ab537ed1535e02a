"""Page, PO file and source meet on import. Whatever changed where, no person's text is lost."""

import polib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgedocs.translation import record
from edgedocs.translation.exchange.po import export_po, import_po
from edgedocs.translation.status import SourcePage, status_of
from edgedocs.translation.translated_page import TranslatedPage
from tests.translation.trees import edit, make_tree

WORDS = ("apple", "bread", "cheese", "dates", "eggs", "figs")
TREES = ("jablko", "chléb", "sýr", "datle", "vejce", "fíky")
CHANGES = st.lists(
    st.tuples(st.booleans(), st.booleans(), st.booleans()),
    min_size=len(WORDS),
    max_size=len(WORDS),
)


def paragraphs(words: tuple[str, ...], before: str) -> str:
    return "# A { #a }\n\n" + "\n\n".join(f"{before} {word} here." for word in words) + "\n"


@settings(max_examples=60, deadline=None)
@given(changes=CHANGES, newline=st.sampled_from(["\n", "\r\n"]))
def test_import_against_page_and_source(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[bool, bool, bool]], newline: str
) -> None:
    czech = paragraphs(TREES, "To je").replace("\n", newline)
    tree = make_tree(tmp_path_factory.mktemp("law"), {"a.md": paragraphs(WORDS, "This is")}, {"a.md": czech})
    record(tree, "cs", "a.md")
    path = tree.translation_path("cs", "a.md")
    catalog = export_po(tree, "cs", "a.md", tree.source.parent / "po").path
    document = polib.pofile(str(catalog))
    expected, conflicts, states = [], 0, []
    for number, (in_page, in_catalog, in_source) in enumerate(changes):
        word, tree_word = WORDS[number], TREES[number]
        if in_catalog:
            entry = next(entry for entry in document if word in entry.msgid)
            entry.msgstr = f"Tady je {tree_word}."
        if in_page:
            edit(path, f"To je {tree_word} here.", f"Zde leží {tree_word}.")
        if in_source:
            edit(tree.source_path("a.md"), f"This is {word} here.", f"That was {word} here.")
        taken = in_catalog and not in_page and not in_source
        conflicts += in_catalog and not taken
        after_page = f"Zde leží {tree_word}." if in_page else f"To je {tree_word} here."
        expected.append(f"Tady je {tree_word}." if taken else after_page)
        if in_page:
            states.append("needs-review" if in_source else "edited")
        else:
            states.append("stale" if in_source else "edited" if taken else "fresh")
    document.save()
    (imported,) = import_po(tree, [catalog])
    assert [finding.check for finding in imported.findings] == ["conflict"] * conflicts
    page = TranslatedPage.parse(path.read_bytes().decode(), "a.md")
    assert page.body == ("# A { #a }\n\n" + "\n\n".join(expected) + "\n").replace("\n", newline)
    if any(in_page and in_source for in_page, _, in_source in changes):
        return  # Where source and translation both changed, which belongs to which is known by neighbours only.
    found = status_of(SourcePage.load(tree.source_path("a.md")), page, "a.md").segments
    assert [status.state for status in found][1:] == states


@settings(max_examples=60, deadline=None)
@given(missing=st.sets(st.integers(0, len(WORDS) - 1)), bullets=st.booleans(), newline=st.sampled_from(["\n", "\r\n"]))
def test_what_is_missing_comes_to_its_place(
    tmp_path_factory: pytest.TempPathFactory, missing: set[int], bullets: bool, newline: str
) -> None:
    mark, gap = ("- ", "\n") if bullets else ("", "\n\n")
    english = "# A { #a }\n\n" + gap.join(f"{mark}This is {word} here." for word in WORDS) + "\n\nThe end.\n"
    whole = "# A { #a }\n\n" + gap.join(f"{mark}To je {word}." for word in TREES) + "\n\nKonec.\n"
    tree = make_tree(tmp_path_factory.mktemp("law"), {"a.md": english}, {"a.md": whole.replace("\n", newline)})
    record(tree, "cs", "a.md")
    path = tree.translation_path("cs", "a.md")
    catalog = export_po(tree, "cs", "a.md", tree.source.parent / "po").path
    text = path.read_bytes().decode()
    for number in sorted(missing):
        line = f"{mark}To je {TREES[number]}.{gap}".replace("\n", newline)
        last = f"{gap}{mark}To je {TREES[number]}.".replace("\n", newline)
        text = text.replace(line, "") if line in text else text.replace(last, "")
    path.write_bytes(text.encode())
    (imported,) = import_po(tree, [catalog])
    assert imported.findings == ()
    assert TranslatedPage.parse(path.read_bytes().decode(), "a.md").body == whole.replace("\n", newline)
