"""The handbook of this repository: built strictly, and what is rendered is what is verified."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edgedocs.examples.inventory import Inventory
from edgedocs.examples.project import Project
from edgedocs.publishing.checking.site import check_site
from edgedocs.publishing.dom import RenderedBlock, code_blocks, parse
from tests.publishing.site import ROOT, serving


@pytest.fixture
def site(handbook: Path) -> Path:
    return handbook


def languages() -> list[str]:
    return sorted(path.parent.name for path in (ROOT / "translations").glob("*/language.toml"))


def address(page: str) -> str:
    """The folder of the page that ``docs/04-gguf.md`` becomes."""
    return page.removeprefix("docs/").removesuffix(".md").removesuffix("index").rstrip("/")


def rendered(site: Path, page: str) -> list[RenderedBlock]:
    return code_blocks(parse((site / address(page) / "index.html").read_text(encoding="utf-8")))


def test_each_page_in_each_language(site: Path) -> None:
    sources = [path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")]
    assert {"docs/index.md", "docs/04-gguf.md"} <= set(sources)
    assert "cs" in languages()
    for source in sources:
        for folder in (site, *(site / language for language in languages())):
            assert (folder / address(source) / "index.html").is_file(), (folder, source)


def test_rendered_is_what_the_inventory_lists(site: Path) -> None:
    inventory = Inventory.of(Project.open(ROOT / "docs"))
    assert inventory.problems == []
    pages = {entry.page for entry in inventory.entries}
    shown = [code_blocks(parse(path.read_text(encoding="utf-8"))) for path in site.rglob("*.html")]
    rendered_once = inventory.as_dict()["summary"]["rendered"]
    assert sum(len(blocks) for blocks in shown) == rendered_once * (1 + len(languages())) > 0
    assert "docs/04-gguf.md" in pages
    for page in pages:
        entries = [entry for entry in inventory.entries if entry.page == page]
        for part in ("", *languages()):
            blocks = rendered(site / part, page)
            assert [block.kind for block in blocks] == [entry.kind for entry in entries], (part, page)
            assert None not in [block.number for block in blocks], (part, page)


def test_copy_button_gives_the_file_that_is_run(site: Path) -> None:
    compared = 0
    for snippet in (ROOT / "snippets").rglob("*.py"):
        page = f"docs/{snippet.parent.relative_to(ROOT / 'snippets').as_posix()}.md"
        for part in ("", *languages()):
            blocks = [block for block in rendered(site / part, page) if block.id == snippet.stem]
            assert len(blocks) == 1, (part, snippet)
            expected = snippet.read_text(encoding="utf-8").replace("\r\n", "\n")
            assert blocks[0].copy == expected, (part, snippet)
            compared += 1
    assert compared == len(list((ROOT / "snippets").rglob("*.py"))) * (1 + len(languages())) > 0


def test_no_words_are_missing_in_any_language(site: Path) -> None:
    """English labels on a Czech page would be a defect that a strict build reports; so is a fact left unrendered."""
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        article = text[text.find("<article") : text.find("</article>")]
        article = re.sub(r'<code>.*?</code>|data-copy="[^"]*"', "", article, flags=re.DOTALL)
        assert "[[" not in article, path
        assert "8<--" not in article, path


def test_check_finds_nothing_wrong_in_any_language(site: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"  # it stages pages, and the folder beside the site is that of all tests
    shutil.copytree(site.parent, project, ignore=shutil.ignore_patterns(site.name, ".edgedocs"))
    report = check_site(project / "mkdocs.yml")
    assert report.findings == []
    assert report.counts["languages"] == 1 + len(languages())
    made = sum(len(list((site / folder).rglob("index.html"))) for folder in ("reference", "glossary"))
    assert report.counts["pages"] == (len(list((ROOT / "docs").rglob("*.md"))) + made) * report.counts["languages"]
    assert made > 10
    assert report.counts["links"] > 1000


def test_snippet_runs_on_a_machine_that_has_only_the_site(site: Path, tmp_path: Path) -> None:
    """The wheel is installed from the served site, and what the copy button gives runs with it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "EDGEDOCS"))}
    environment["NO_PROXY"] = "127.0.0.1"
    fresh = tmp_path / "fresh"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(fresh)], check=True)
    (python,) = [*fresh.glob("bin/python"), *fresh.glob("Scripts/python.exe")]
    packages = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout.strip()
    # The library's requirements are those of this environment; a .pth in a folder that another .pth names is not read,
    # so the library itself, installed here for editing, is not there.
    visible = [entry for entry in sys.path if entry.endswith("site-packages")]
    (Path(packages) / "visible.pth").write_text("\n".join(visible) + "\n", encoding="utf-8")
    page = (site / "index.html").read_text(encoding="utf-8")
    (wheel,) = re.findall(r'<code data-edgedocs-wheel="([^"]+)" data-edgedocs-before="">', page)
    with serving(site) as host:
        install = ["-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
        subprocess.run([sys.executable, *install, f"{host}/{wheel}"], env=environment, check=True)
    (block,) = [block for block in rendered(site, "docs/index.md") if block.id == "first-run"]
    assert block.copy is not None
    program = f"{block.copy}\nimport edgedocs\nprint(edgedocs.__file__)\n"
    done = subprocess.run(
        [str(python), "-c", program], cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    *printed, place = done.stdout.splitlines()
    assert Path(place).is_relative_to(fresh)
    assert printed == (ROOT / "snippets" / "index" / "first-run.out").read_text(encoding="utf-8").splitlines()


def test_figure_of_blocks_has_its_data_and_its_script_in_every_language(site: Path) -> None:
    for part in ("", *languages()):
        page = site / part / "02-bits" / "index.html"
        text = page.read_text(encoding="utf-8")
        assert (ROOT / "snippets/02-bits/blocks.html").read_text(encoding="utf-8").strip() in text
        script = re.search(r'<script src="([^":]+/blocks\.js)"', text)
        assert script is not None
        assert (page.parent / script[1]).resolve().is_file()
