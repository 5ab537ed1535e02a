"""The staged tree: what is in it, what never is, and the errors that keep it from being written."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from edgedocs.core.errors import BadInput
from edgedocs.publishing import notices
from edgedocs.publishing.folder import MARKER
from edgedocs.publishing.piece import state_of
from edgedocs.publishing.staging import Project, Stage, StagingError, stage
from edgedocs.translation import seal
from edgedocs.translation.recording import record
from edgedocs.translation.status import SourcePage, status_of
from edgedocs.translation.translated_page import TranslatedPage
from edgedocs.translation.tree import Tree
from tests.publishing.site import copy_fixture

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["01-numbers", "02-later", "guide/deep", "guide/index", "index"]
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_fixture(tmp_path)


def project(folder: Path, excluded: Callable[[str], bool] = lambda path: False) -> Project:
    return Project(folder / "docs", folder / "snippets", folder / "translations", folder / "staged", excluded=excluded)


def staged(folder: Path) -> tuple[Stage, dict[str, str]]:
    result = stage(project(folder))
    return result, {
        path.relative_to(folder / "staged").as_posix(): path.read_text(encoding="utf-8")
        for path in (folder / "staged").rglob("*")
        if path.is_file()
    }


def errors_of(folder: Path) -> list[str]:
    with pytest.raises(StagingError) as caught:
        stage(project(folder))
    assert not (folder / "staged").exists()
    return [str(error) for error in caught.value.errors]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8", newline="\n")


def record_all(folder: Path, state: str) -> None:
    tree = Tree.open(folder / "docs", folder / "translations")
    for page in tree.translated_pages("cs"):
        record(tree, "cs", page, state)


def test_tree_holds_each_page_in_each_language_and_nothing_else(folder: Path) -> None:
    (folder / "docs" / "__pycache__").mkdir()
    (folder / "docs" / "__pycache__" / "conftest.cpython-311.pyc").write_bytes(b"\0")
    (folder / "docs" / ".hidden.md").write_text("# Hidden\n")
    _, files = staged(folder)
    pages = {f"{language}/{page}.md" for language in ("en", "cs") for page in PAGES}
    assert set(files) == pages | {MARKER, "cs/recorded/01-numbers/bar.svg", "en/recorded/01-numbers/bar.svg"}


def test_states(folder: Path) -> None:
    record_all(folder, "reviewed")
    edit(folder / "docs" / "index.md", "A small documentation.", "A very small documentation.")
    result, files = staged(folder)
    states = {path: page.state for path, page in result.pages.items() if path.startswith("cs/")}
    assert states == {
        "cs/01-numbers.md": "translated",
        "cs/02-later.md": "untranslated",
        "cs/guide/deep.md": "untranslated",
        "cs/guide/index.md": "untranslated",
        "cs/index.md": "stale",
    }
    assert "edgedocs-notice" not in files["cs/01-numbers.md"]
    assert "Originál se změnil." in files["cs/index.md"]
    assert "Tato stránka není přeložena." in files["cs/02-later.md"]
    assert not any("edgedocs-notice" in text for path, text in files.items() if path.startswith("en/"))


def test_machine_translation_is_called_so(folder: Path) -> None:
    record_all(folder, "machine")
    result, files = staged(folder)
    assert result.pages["cs/01-numbers.md"].state == "machine"
    assert "Tuto stránku přeložil stroj." in files["cs/01-numbers.md"]


def test_notice_follows_the_first_heading(folder: Path) -> None:
    _, files = staged(folder)
    lines = [line for line in files["cs/02-later.md"].splitlines() if line]
    assert lines[0] == "# Later { #later }"
    assert lines[1].startswith('<div class="edgedocs-notice')
    assert lines[-1].startswith("Not translated yet: [71.9%](01-numbers.md#halve")


def test_values_in_each_language(folder: Path) -> None:
    _, files = staged(folder)
    english, czech = files["en/01-numbers.md"], files["cs/01-numbers.md"]
    for text in ("[71.9%](#halve ", "[1,234,567](#halve ", r"[Q4\_0](#halve ", f"[1.2{NBSP}×{NBSP}10⁻⁵](#halve "):
        assert text in english
    for text in (f"[71,9{NBSP}%](#halve ", f"[1{NBSP}234{NBSP}567](#halve ", f"[1,2{NBSP}×{NBSP}10⁻⁵](#halve "):
        assert text in czech
    assert "In code, `[[halve.saving|.1%]]` stays; a literal 5 % is bare." in english
    assert f"| úspora | [72{NBSP}%](#halve " in czech
    assert "[71.9%](01-numbers.md#halve " in files["en/index.md"]
    assert "[0.72](../01-numbers.md#halve " in files["en/guide/deep.md"]


def test_attributes_for_the_verification_are_dropped(folder: Path) -> None:
    _, files = staged(folder)
    opening = next(line for line in files["en/01-numbers.md"].splitlines() if "{#halve" in line)
    assert opening.startswith('```python {#halve title="halve.py" hl_lines="2" data-edgedocs-kind="python" data-copy="')
    for dropped in ("facts", "rtol", "requires", "output="):
        assert dropped not in opening
    assert "Needs `numpy`" in files["en/01-numbers.md"]
    assert "Potřebuje `numpy`" in files["cs/01-numbers.md"]


def test_output_says_when_and_where_it_was_verified(folder: Path) -> None:
    _, files = staged(folder)
    assert "\nVerified on 21 November 2026 · Processor 9000, Linux x86_64, Python 3.11.9\n" in files["en/01-numbers.md"]
    assert "\nOvěřeno 21. listopadu 2026 · Processor 9000, " in files["cs/01-numbers.md"]
    edit(folder / "docs" / "01-numbers.md", 'output="approx" rtol="1e-3"', 'output="environment" reason="varies"')
    _, files = staged(folder)
    assert "\nMeasured on 21 November 2026; another machine gives other figures · " in files["en/01-numbers.md"]


def test_output_without_a_record_claims_nothing(folder: Path) -> None:
    _, files = staged(folder)
    output = '```text {.edgedocs-output data-edgedocs-kind="output"}\n    1\n    ```\n'
    after = files["en/01-numbers.md"].partition(output)[2]
    assert after.startswith("\nA session, and a doctest:")


def test_reason_of_a_block_that_is_not_run_is_visible(folder: Path) -> None:
    _, files = staged(folder)
    assert '\n    Shown, not run: needs a compiler & a "board"\n' in files["en/01-numbers.md"]
    reason = '<span lang="en">needs a compiler & a "board"</span>'
    assert f"\n    Jen na ukázku, nespouští se: {reason}\n" in files["cs/01-numbers.md"]
    assert '\n    ```python {#quantize}\n    --8<-- "04-gguf/quantize.py"\n    ```\n' in files["en/01-numbers.md"]


def test_reason_is_shown_in_the_language_that_has_words_for_it(folder: Path) -> None:
    language = folder / "translations" / "cs" / "language.toml"
    edit(language, "[site]", """[reasons]\n'needs a compiler & a "board"' = "chybí překladač"\n\n[site]""")
    _, files = staged(folder)
    assert "\n    Jen na ukázku, nespouští se: chybí překladač\n" in files["cs/01-numbers.md"]


def test_code_of_a_translation_comes_from_the_source(folder: Path) -> None:
    page = folder / "translations" / "cs" / "01-numbers.md"
    edit(page, ">>> for x in range(2):", ">>> for x in range(2000):")
    edit(page, "```python {#halve facts", "```python {#halve-that-is-gone facts")
    _, files = staged(folder)
    assert "range(2000)" not in files["cs/01-numbers.md"]
    assert "halve-that-is-gone" not in files["cs/01-numbers.md"]
    assert ">>> for x in range(2):" in files["cs/01-numbers.md"]


def test_crlf_sources_stage_the_same_tree(folder: Path) -> None:
    _, before = staged(folder)
    for path in [*folder.rglob("*.md"), *(folder / "snippets").rglob("*.py"), *(folder / "snippets").rglob("*.out")]:
        if "staged" not in path.parts:
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    _, after = staged(folder)
    assert after == before


def test_localized_picture_replaces_the_sources(folder: Path) -> None:
    for place, content in (("docs", "english"), ("translations/cs", "czech"), ("translations/cs/..", "nobody's")):
        (folder / place / "plan.svg").write_text(content)
    (folder / "translations" / "cs" / "notes.txt").write_text("not a picture of the source")
    _, files = staged(folder)
    assert (files["en/plan.svg"], files["cs/plan.svg"]) == ("english", "czech")
    assert "cs/notes.txt" not in files


def test_excluded_pages_are_not_published(folder: Path) -> None:
    stage(project(folder, excluded=lambda path: path == "02-later.md"))
    assert not list((folder / "staged").rglob("02-later.md"))


def test_translation_of_an_excluded_page_is_not_published_either(folder: Path) -> None:
    stage(project(folder, excluded=lambda path: path == "01-numbers.md"))
    assert not list((folder / "staged").rglob("01-numbers.md"))


def test_unchanged_files_are_left_alone_and_old_ones_removed(folder: Path) -> None:
    staged(folder)
    times = {path: path.stat().st_mtime_ns for path in (folder / "staged").rglob("*.md")}
    edit(folder / "docs" / "guide" / "deep.md", "From a folder", "From some folder")
    (folder / "docs" / "02-later.md").unlink()
    staged(folder)
    changed = {
        path.relative_to(folder / "staged").as_posix()
        for path, time in times.items()
        if not path.exists() or path.stat().st_mtime_ns != time
    }
    assert changed == {f"{language}/{name}.md" for language in ("en", "cs") for name in ("02-later", "guide/deep")}


def test_one_language_needs_no_translations(folder: Path) -> None:
    result = stage(Project(folder / "docs", folder / "snippets", None, folder / "staged"))
    assert [language.code for language in result.languages] == ["en"]
    assert set(result.pages) == {f"en/{page}.md" for page in PAGES}


DEEP, NUMBERS, CZECH = "docs/guide/deep.md", "docs/01-numbers.md", "translations/cs/language.toml"
SHOWN = "```cpp {#never shown='needs a compiler & a \"board\"'}"


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (DEEP, "halve.saving|", "halve.savings|", ":3: unknown fact 01-numbers#halve.savings; expected one of halve."),
        (DEEP, "saving|.2f", "saving|.2q", ":3: fact 01-numbers#halve.saving: unknown format '.2q'; expected"),
        (DEEP, "saving|.2f", "name|.2f", ":3: fact 01-numbers#halve.name: format '.2f' is for numbers"),
        (DEEP, "[[01-numbers#halve.saving|.2f]]", "[[what is this]]", ":3: cannot read '[[what is this]]'"),
        (DEEP, "bar.svg", "foo.svg", ":5: no file '../../snippets/01-numbers/foo.svg'"),
        (NUMBERS, 'halve.py"\n', 'double.py"\n', ":10: the include '01-numbers/double.py' does not exist"),
        (NUMBERS, "parts.py:second", "parts.py:third", ":40: no section 'third' in 01-numbers/parts.py"),
        (NUMBERS, SHOWN, "```cpp", ":66: "),
        (NUMBERS, "{ #bits }", "{ #halve }", ":27: the id 'halve' is taken"),
        ("translations/cs/index.md", "halve.saving", "halve.saved", ":4: unknown fact 01-numbers#halve.saved"),
        (CZECH, "untranslated", "untransleted", ": 'notices.untranslated' is missing"),
        (CZECH, "{date}", "{day}", " [site]: label 'verified' has a placeholder that the English text lacks"),
        (CZECH, "permalink =", "permalinks =", " [site]: unknown label 'permalinks'"),
        ("snippets/01-numbers/halve.facts.json", '"exact"', '"guess"', ": cannot read the fact 'saving'"),
        (
            DEEP,
            "# Deep { #deep }",
            "---\ntags: [a]\ndescription: On this: that\n---\n\n# Deep { #deep }",
            ":3: the front matter is no YAML: mapping",
        ),
        (DEEP, "# Deep { #deep }", "---\nonly words\n---\n\n# Deep { #deep }", ":1: the front matter has no keys"),
        (
            DEEP,
            "# Deep { #deep }",
            "---\nday: 2026-02-31\n---\n\n# Deep { #deep }",
            ":1: the front matter cannot be read",
        ),
    ],
)
def test_errors_name_file_and_line(folder: Path, file: str, old: str, new: str, message: str) -> None:
    edit(folder / file, old, new)
    with pytest.raises((BadInput, StagingError)) as caught:
        stage(project(folder))
    assert f"{file}{message}" in str(caught.value)
    assert not (folder / "staged").exists()


def test_error_in_a_translation_counts_the_lines_of_its_header(folder: Path) -> None:
    record_all(folder, "reviewed")
    page = folder / "translations" / "cs" / "index.md"
    edit(page, "halve.saving", "halve.saved")
    line = next(n for n, text in enumerate(page.read_text(encoding="utf-8").splitlines(), 1) if "halve.saved" in text)
    assert line > 10
    assert any(f"translations/cs/index.md:{line}: unknown fact" in error for error in errors_of(folder))


def test_all_errors_of_all_languages_are_reported_at_once(folder: Path) -> None:
    edit(folder / "docs" / "guide" / "deep.md", "halve.saving", "halve.savings")
    edit(folder / "translations" / "cs" / "index.md", "halve.saving", "halve.saved")
    errors = errors_of(folder)
    # The English page stands in the Czech part as well, for want of a translation: one error all the same.
    assert [error.partition(": ")[0] for error in errors] == ["docs/guide/deep.md:3", "translations/cs/index.md:4"]


def test_translation_of_a_page_that_is_gone(folder: Path) -> None:
    (folder / "translations" / "cs" / "09-gone.md").write_text("# Pryč { #gone }\n", encoding="utf-8")
    assert "translations/cs/09-gone.md: a translation of a page that does not exist" in errors_of(folder)[0]


def test_page_that_is_not_utf8(folder: Path) -> None:
    (folder / "docs" / "02-later.md").write_bytes(b"# Later { #later }\n\n\xe8esky\n")
    assert "02-later.md:3: byte 20 (0xe8) is not UTF-8" in errors_of(folder)[0]


def test_staging_never_touches_files_of_somebody_else(folder: Path) -> None:
    (folder / "staged").mkdir()
    (folder / "staged" / "mine.txt").write_text("keep")
    with pytest.raises(BadInput, match="holds files that staging did not write"):
        stage(project(folder))
    assert (folder / "staged" / "mine.txt").read_text() == "keep"


@pytest.mark.parametrize("place", ["docs", "docs/staged", "."])
def test_staging_folder_must_not_overlap_the_sources(folder: Path, place: str) -> None:
    target = (folder / place).resolve()
    with pytest.raises(BadInput, match="overlaps"):
        stage(Project(folder / "docs", folder / "snippets", folder / "translations", target))
    assert (folder / "docs" / "index.md").is_file()


def test_a_seal_that_holds_tells_readers_what_comparing_would() -> None:
    tree = Tree.open(ROOT / "docs", ROOT / "translations")
    told = Counter[str]()
    for name in tree.pages():
        source = SourcePage.load(ROOT / "docs" / name)
        for language in tree.languages():
            path = tree.translation_path(language, name)
            if path.is_file():
                text = path.read_text(encoding="utf-8")
                page = TranslatedPage.parse(text, name)
                assert seal.held(text, source.hash) is not None, path
                state = state_of(source, page, text, name)
                assert state == notices.state_of(status_of(source, page, name)), path
                told[state] += 1
                edited = SourcePage(source.path, source.text.replace(" { #", "x { #", 1))
                assert state_of(edited, page, text, name) == "stale", path
    assert told["machine"] > 0
