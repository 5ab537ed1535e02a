from pathlib import Path

import pytest

from edgedocs.core.errors import BadInput
from edgedocs.translation import Language, glossary
from edgedocs.translation.glossary import Term
from edgedocs.translation.language import NOTICES
from tests.translation.trees import LANGUAGE, write

TRANSLATIONS = Path(__file__).parents[2] / "translations"
FOLDERS = sorted(path.parent for path in TRANSLATIONS.glob("*/language.toml"))


def test_this_project_has_czech() -> None:
    assert "cs" in [folder.name for folder in FOLDERS]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_languages_of_this_project(folder: Path) -> None:
    language = Language.load(folder)
    assert language.code == folder.name
    assert set(NOTICES) <= set(language.notices)
    terms = glossary.load(folder)
    assert len(terms) >= 50
    assert "quantization" in {term.term for term in terms}


def load(folder: Path, text: str) -> Language:
    write(folder / "cs", {"language.toml": text})
    return Language.load(folder / "cs")


def test_language_is_read(tmp_path: Path) -> None:
    language = load(tmp_path, LANGUAGE.replace("\n", "\r\n") + '[site]\nsearch = "Hledat"\n')
    assert (language.code, language.name, language.direction) == ("cs", "Čeština", "ltr")
    assert language.notices == {"stale": "a", "untranslated": "b", "machine": "c"}
    assert language.site == {"search": "Hledat"}


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('name = "Čeština"\n', "", "'name' is missing"),
        ('"ltr"', '"up"', "direction 'up'"),
        ('machine = "c"', "", "'notices.machine' is missing"),
        ('machine = "c"', "machine = 1", "'notices.machine' is missing or no text"),
        ("name =", "nmae =", "unknown key 'nmae'"),
        ("[notices]", "[notices", "no TOML"),
        ('name = "Čeština"', f"name = {'9' * 5000}", "no TOML"),
        ('name = "Čeština"', f"name = {'[' * 100_000}", "no TOML"),
    ],
)
def test_malformed_language(tmp_path: Path, old: str, new: str, what: str) -> None:
    assert old in LANGUAGE
    with pytest.raises(BadInput, match=what):
        load(tmp_path, LANGUAGE.replace(old, new))


def test_folder_that_is_no_language(tmp_path: Path) -> None:
    write(tmp_path / "czech language", {"language.toml": LANGUAGE})
    with pytest.raises(BadInput, match="no language code"):
        Language.load(tmp_path / "czech language")
    with pytest.raises(BadInput, match="no such file"):
        Language.load(tmp_path / "sl")


def test_glossary_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"glossary.tsv": "term\ttranslation\tnote\r\nscale\tměřítko\t\r\nweights\tváhy\tplural\r\n"})
    assert glossary.load(tmp_path) == (Term("scale", "měřítko", ""), Term("weights", "váhy", "plural"))
    assert glossary.load(tmp_path / "none") == ()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("term\tcs\n", 1),
        ("term\ttranslation\tnote\nscale\tměřítko\n", 2),
        ("term\ttranslation\tnote\nscale\t\t\n", 2),
        ("term\ttranslation\tnote\nscale\ta\t\nscale\tb\t\n", 3),
    ],
)
def test_malformed_glossary(tmp_path: Path, text: str, line: int) -> None:
    write(tmp_path, {"glossary.tsv": text})
    with pytest.raises(BadInput) as caught:
        glossary.load(tmp_path)
    assert caught.value.where == f"{tmp_path / 'glossary.tsv'}:{line}"
