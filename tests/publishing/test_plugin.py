"""Builds as MkDocs runs them: what a reader and a search engine get, and how failure looks."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tests.publishing.site import build, copy_fixture

PAGES = ["", "01-numbers/", "02-later/", "guide/", "guide/deep/"]
HOST = "https://example.org/handbook/"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = copy_fixture(tmp_path_factory.mktemp("plugin"))
    result = build(project)
    assert result.returncode == 0, result.stderr
    return project / "site"


def html(site: Path, address: str) -> str:
    return (site / address / "index.html").read_text(encoding="utf-8")


def announced(text: str) -> dict[str, str]:
    return {code: link for link, code in re.findall(r'<link rel="alternate " href="([^"]+)" hreflang="([^"]+)">', text)}


def test_each_page_in_each_language_and_nothing_else(site: Path) -> None:
    pages = {f"{language}{page}index.html" for language in ("", "cs/") for page in PAGES}
    assert {path.relative_to(site).as_posix() for path in site.rglob("index.html")} == pages
    assert not [path for path in site.rglob("*") if path.suffix in (".py", ".pyc", ".toml", ".tsv")]


def test_language_of_interface_and_of_text(site: Path) -> None:
    assert '<html lang="en"' in html(site, "01-numbers")
    assert '<html lang="cs"' in html(site, "cs/01-numbers")
    assert '<article class="md-content__inner md-typeset">' in html(site, "cs/01-numbers")
    fallback = html(site, "cs/02-later")
    assert '<html lang="cs"' in fallback
    assert '<article class="md-content__inner md-typeset" lang="en" dir="ltr">' in fallback
    assert re.search(r'<div class="edgedocs-notice [^"]+" dir="ltr" lang="cs" role="note">', fallback)


def test_search_engines_are_told_the_truth(site: Path) -> None:
    both = {"en": f"{HOST}01-numbers/", "cs": f"{HOST}cs/01-numbers/", "x-default": f"{HOST}01-numbers/"}
    for address in ("01-numbers", "cs/01-numbers"):
        assert announced(html(site, address)) == both
        assert f'<link rel="canonical" href="{HOST}{address}/">' in html(site, address)
    for address in ("02-later", "cs/02-later"):
        assert announced(html(site, address)) == {}
        assert f'<link rel="canonical" href="{HOST}02-later/">' in html(site, address)


def test_sitemap_lists_pages_in_their_own_language_once(site: Path) -> None:
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    root = ElementTree.parse(site / "sitemap.xml").getroot()
    places = [place.text for place in root.iter(f"{space}loc")]
    assert sorted(str(place) for place in places) == sorted(
        [f"{HOST}{page}" for page in PAGES] + [f"{HOST}cs/", f"{HOST}cs/01-numbers/"]
    )


def test_search_finds_an_untranslated_page_once_in_each_language(site: Path) -> None:
    english, czech = ((site / "search" / f"{code}.js").read_text(encoding="utf-8") for code in ("en", "cs"))
    assert english.count('"02-later/"') == 1
    assert '"cs/' not in english
    assert czech.count('"cs/02-later/"') == 1
    assert '"cs/01-numbers/"' in czech
    assert '["02-later/"' not in czech


def test_navigation_in_file_order_with_the_pages_own_titles(site: Path) -> None:
    def titles(address: str) -> list[str]:
        nav = html(site, address).partition('aria-label="Table of contents"')[0]
        found = re.findall(r'class="md-nav__link[^>]*>\s*<span class="md-ellipsis">\s*([^<]+?)\s*</span>', nav)
        return list(dict.fromkeys(found))

    assert titles("") == ["Fixture", "Numbers", "Later", "The guide", "Deep"]
    assert titles("cs/02-later")[:5] == ["Zkouška", "Čísla", "Later", "The guide", "Deep"]


def test_missing_page_answers_in_each_language(site: Path) -> None:
    english, czech = ((site / place).read_text(encoding="utf-8") for place in ("404.html", "cs/404.html"))
    assert "This page does not exist" in english
    assert '<a href="/handbook/">Fixture</a>' in english
    assert "Tato stránka neexistuje" in czech
    assert '<a href="/handbook/cs/">Fixture</a>' in czech


def test_no_reference_is_left_and_no_other_host_is_asked(site: Path) -> None:
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        article = text[text.find("<article") : text.find("</article>")]
        assert "[[" not in re.sub(r"<code>.*?</code>", "", article, flags=re.DOTALL), path
        loaded = re.findall(r'<(?:script|img|iframe|source)[^>]* src="(https?:[^"]+)"', text)
        loaded += re.findall(r'<link rel="(?:stylesheet|preload|preconnect|icon)"[^>]* href="(https?:[^"]+)"', text)
        assert loaded == [], path


def test_recorded_picture_is_one_file_for_all_languages_unless_it_has_labels(site: Path, tmp_path: Path) -> None:
    found = sorted(path.relative_to(site).as_posix() for path in site.rglob("bar.svg"))
    assert found == ["cs/recorded/01-numbers/bar.svg", "recorded/01-numbers/bar.svg"]
    assert 'src="../recorded/01-numbers/bar.svg"' in html(site, "cs/01-numbers")
    project = copy_fixture(tmp_path)
    picture = project / "snippets" / "01-numbers" / "bar.svg"
    text = re.sub(r"<text.*?</text>", "", picture.read_text(encoding="utf-8"), flags=re.DOTALL)
    picture.write_text(text, encoding="utf-8", newline="\n")
    assert build(project).returncode == 0
    other = project / "site"
    assert [path.relative_to(other).as_posix() for path in other.rglob("bar.svg")] == ["recorded/01-numbers/bar.svg"]
    assert 'src="../../recorded/01-numbers/bar.svg"' in html(other, "cs/01-numbers")
    assert 'src="../../../recorded/01-numbers/bar.svg"' in html(other, "cs/guide/deep")


def test_two_builds_give_the_same_bytes(site: Path, tmp_path: Path) -> None:
    project = copy_fixture(tmp_path)
    assert build(project).returncode == 0
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    for name in files - {"sitemap.xml.gz"}:  # gzip notes the time
        assert (project / "site" / name).read_bytes() == (site / name).read_bytes(), name


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("mkdocs.yml", "- edgedocs", "- edgedocs: {snipets: here}", "unknown key; expected one of source_language"),
        ("mkdocs.yml", "folder", "suffix", "the plug-in i18n must lay languages out in folders"),
        ("docs/guide/deep.md", "halve.saving", "halve.savings", "docs/guide/deep.md:3: unknown fact"),
        ("translations/cs/index.md", "#bits", "#bytes", "does not contain an anchor '#bytes'"),
        ("docs/guide/index.md", "deep.md", "shallow.md", "guide/shallow.md' is not found among documentation files"),
        ("translations/cs/language.toml", 'permalink = "Odkaz na tento nadpis"', "", "[site] lacks permalink"),
    ],
)
def test_failed_build_says_why_and_exits_1(tmp_path: Path, file: str, old: str, new: str, message: str) -> None:
    project = copy_fixture(tmp_path)
    text = (project / file).read_text(encoding="utf-8")
    assert old in text
    (project / file).write_text(text.replace(old, new), encoding="utf-8", newline="\n")
    result = build(project)
    assert result.returncode == 1
    assert message in result.stderr + result.stdout
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("docs/x.markdown", "# X {#x}\n\n```python\n1\n```\n", "docs/x.markdown: a page whose name ends in .markdown"),
        (
            "hook.py",
            "from mkdocs import plugins\nfrom mkdocs.structure.files import File\n\n\n"
            "@plugins.event_priority(-1000)\ndef on_files(files, config):\n"
            "    files.append(File.generated(config, 'x.md', content='# X'))\n    return files\n",
            "x.md: a page that comes from no file of the documentation",
        ),
    ],
)
def test_page_that_nobody_verifies_is_refused(tmp_path: Path, file: str, text: str, message: str) -> None:
    project = copy_fixture(tmp_path)
    (project / file).write_text(text, encoding="utf-8")
    if file == "hook.py":
        configuration = project / "mkdocs.yml"
        configuration.write_text(configuration.read_text(encoding="utf-8") + "hooks: [hook.py]\n", encoding="utf-8")
    result = build(project)
    assert result.returncode == 1
    assert message in result.stderr + result.stdout
    assert "Traceback" not in result.stderr


def test_language_without_translations_is_refused(tmp_path: Path) -> None:
    result = build(with_i18n(tmp_path, languages="de"))
    assert result.returncode == 1
    assert "i18n lists the language 'de', which has no folder of translations" in result.stderr + result.stdout


@pytest.mark.parametrize(("only", "languages"), [("cs", "cs"), ("en", "cs"), ("en", "")])
def test_one_language_alone_stays_where_it_is(site: Path, tmp_path: Path, only: str, languages: str) -> None:
    """Its pages are those of the whole site, to the byte."""
    project = with_i18n(tmp_path, f"build_only_locale: {only}", languages)
    result = build(project)
    assert result.returncode == 0, result.stderr
    pages = {path.relative_to(project / "site").as_posix() for path in (project / "site").rglob("index.html")}
    assert pages == {name for name in pages_of(site) if name.startswith("cs/") == (only == "cs")}
    for name in pages:
        assert (project / "site" / name).read_bytes() == (site / name).read_bytes(), name


def pages_of(site: Path) -> set[str]:
    return {path.relative_to(site).as_posix() for path in site.rglob("index.html")}


def with_i18n(folder: Path, option: str = "", languages: str = "") -> Path:
    """A copy of the fixture with a further option of i18n, and a further language in its list."""
    project = copy_fixture(folder)
    text = (project / "mkdocs.yml").read_text(encoding="utf-8")
    english = "        - {locale: en, name: English, default: true}\n"
    assert english in text
    listed = english + (f"        - {{locale: {languages}, name: X}}\n" if languages else "")
    option = f"docs_structure: folder\n      {option}\n"
    text = text.replace("docs_structure: folder\n", option).replace(english, listed)
    (project / "mkdocs.yml").write_text(text, encoding="utf-8", newline="\n")
    return project


def test_building_needs_no_model_library_and_no_test_runner() -> None:
    """A site is built from records, on a machine that could not verify a single example."""
    needless = {
        "gguf",
        "llama_cpp",
        "matplotlib",
        "numpy",
        "onnx",
        "onnxruntime",
        "psutil",
        "pytest",
        "sybil",
        "tokenizers",
    }
    code = "import sys, edgedocs.publishing.plugin; print(*{name.partition('.')[0] for name in sys.modules})"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "mkdocs" in found
    assert needless & set(found) == set()


def test_fact_leads_to_its_example(site: Path) -> None:
    text = html(site, "cs/01-numbers")
    assert 'href="#halve"' in text
    assert text.count('<div id="halve" class="highlight"') == 1
    assert '<a class="edgedocs-fact" href="../01-numbers/#halve"' in html(site, "cs/02-later")
