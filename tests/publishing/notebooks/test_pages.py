"""Pages that are shown as notebooks: mkdocs-jupyter renders them in each language, and an error is never published."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from edgedocs.core.errors import BadInput
from edgedocs.publishing.checking import building
from edgedocs.publishing.checking.site import check_site
from edgedocs.publishing.dom import code_blocks, parse
from edgedocs.publishing.memory import Memory
from edgedocs.publishing.notebooks.rendered import read_cells
from edgedocs.publishing.serving import build_again
from tests.publishing.fresh import Builder, told
from tests.publishing.site import build, copy_fixture
from tests.publishing.test_rebuilding import contents
from tests.requirements import require

if TYPE_CHECKING:
    from pathlib import Path
    from subprocess import CompletedProcess

NBSP = "\N{NO-BREAK SPACE}"
PAGE = """# Lab & more {{ #lab }}

See [the numbers](01-numbers.md#bits), ![a bar](../snippets/01-numbers/bar.svg) and [[01-numbers#halve.saving|.1%]].

## Add `up` {{ #add }}

```python {{#sum}}
{code}
```

```text {{output-of="sum"}}
{output}
```

```console {{#hello}}
$ echo "a < b"
a < b
```

### Below {{ #below }}

The end.
"""
TRANSLATED = {"# Lab & more": "# Laboratoř", "The end.": "Konec.", "See [the numbers]": "Viz [čísla]"}
PLUGIN = "  - mkdocs-jupyter: {include: [03-lab.ipynb], execute: false, allow_errors: false, cache: false}\n"


def with_lab(folder: Path, plugin: str = PLUGIN, *, code: str = "print(1 +\t1)", output: str = "2") -> Path:
    """A copy of the fixture with one more page, in two languages, that is shown as a notebook."""
    require("mkdocs_jupyter")
    project = copy_fixture(folder)
    text = PAGE.format(code=code, output=output)
    (project / "docs" / "03-lab.md").write_text(text, encoding="utf-8", newline="\n")
    for english, czech in TRANSLATED.items():
        text = text.replace(english, czech)
    (project / "translations" / "cs" / "03-lab.md").write_text(text, encoding="utf-8", newline="\n")
    later = project / "docs" / "02-later.md"
    linked = later.read_text(encoding="utf-8") + "\nSee [it](03-lab.md#below), [that](03-lab.md#sum).\n"
    later.write_text(linked, encoding="utf-8", newline="\n")
    configure(project, "  - edgedocs\n", f"  - edgedocs: {{notebooks: [03-lab.md]}}\n{plugin}")
    return project


def configure(project: Path, old: str, new: str) -> None:
    path = project / "mkdocs.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8", newline="\n")


def refused(result: CompletedProcess[str], *words: str) -> None:
    assert result.returncode != 0
    for word in words:
        assert word in result.stderr, result.stderr
    assert "Traceback" not in result.stderr


def test_the_page_is_the_notebook_in_each_language(tmp_path: Path) -> None:
    project = with_lab(tmp_path)
    result = build(project)
    assert result.returncode == 0, result.stderr
    for language, folder, title in (("en", "", "Lab &amp; more"), ("cs", "cs/", "Laboratoř")):
        html = (project / "site" / folder / "03-lab" / "index.html").read_text(encoding="utf-8")
        article = html[html.index("<article") : html.index("</article>")]
        assert re.search(rf'<html lang="{language}"', html)
        assert [(block.kind, block.language, block.id, block.text.strip()) for block in code_blocks(parse(html))] == [
            ("python", "python", "sum", "print(1 +   1)"),
            ("output", "text", None, "2"),
            ("console", "console", "hello", '$ echo "a < b"\na < b'),
        ]
        assert [block.copy for block in code_blocks(parse(html))] == ["print(1 +\t1)\n", None, 'echo "a < b"']
        assert f'<div class="edgedocs-prompt" data-search-exclude>In{NBSP}[1]:</div>' in article
        assert f'<h1 id="lab">{title}<a class="headerlink" href="#lab"' in article
        assert re.findall(r'<h[1-6] id="([^"]+)"', article) == ["lab", "add", "below"]
        assert re.findall(r'<a href="#([^"]+)" class="md-nav__link">', html)[:2] == ["add", "below"]
        assert 'src="../recorded/01-numbers/bar.svg"' in article  # each language has its own labels
        assert 'href="../01-numbers/#bits"' in article
        assert 'class="edgedocs-fact" href="../01-numbers/#halve"' in article
        assert '<a href="../03-lab.ipynb" download>' in article
        for left_out in ("jp-", "jupyter", "mathjax", "require.js", "<style", "clipboard-copy", "<script"):
            assert left_out not in article.lower(), left_out
        cells = json.loads((project / "site" / folder / "03-lab.ipynb").read_text(encoding="utf-8"))["cells"]
        assert [cell["source"] for cell in cells if cell["cell_type"] == "code"] == [["print(1 +\t1)"]]
    assert re.search(r'<div class="edgedocs-notice edgedocs-notice-stale" [^>]*lang="cs"', article)
    assert 'class="edgedocs-source" href="../../03-lab/" hreflang="en"' in article
    assert "Konec." in (project / "site" / "search" / "cs.js").read_text(encoding="utf-8")
    assert not (project / ".cache").exists()


def test_numbers_of_an_output_have_bars_and_a_wrong_name_fails_the_build(tmp_path: Path) -> None:
    project = with_lab(tmp_path, code='print("n  1 < 2")\nprint("n  4 > 3")', output="n  1 < 2\nn  4 > 3")
    page = project / "docs" / "03-lab.md"
    text = page.read_text(encoding="utf-8")
    named = text.replace('{output-of="sum"}', '{output-of="sum" bars="n"}')
    page.write_text(named, encoding="utf-8", newline="\n")
    result = build(project)
    assert result.returncode == 0, result.stderr
    for folder in ("", "cs/"):
        html = (project / "site" / folder / "03-lab" / "index.html").read_text(encoding="utf-8")
        assert re.findall(r'edgedocs-bar" style="--part:([\d.]+%)">( *\d)</span> (?:&lt;|&gt;)', html) == [
            ("25.0%", " 1"),
            ("100.0%", " 4"),
        ]
    page.write_text(named.replace('bars="n"', 'bars="m"'), encoding="utf-8", newline="\n")
    line = named[: named.index("```text")].count("\n") + 1
    refused(build(project), f"docs/03-lab.md:{line}: no bars for 'm'")


ADMONITIONS = """
!!! tip "With `code` & more"
    See [it](02-later.md).

    - one
    - two

    ??? note
        Deep.

After.

!!! note "1. It *saves* [[01-numbers#halve.saving|.1%]], says [it](02-later.md)"
    Indeed.

???+ example "Run"
    ```python {#inner}
    print(7)
    ```

    ```text {output-of="inner"}
    7
    ```
"""


def test_an_admonition_has_its_frame_if_no_cell_is_in_it(tmp_path: Path) -> None:
    project = with_lab(tmp_path)
    page = project / "docs" / "03-lab.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("### Below", f"{ADMONITIONS}\n### Below"), encoding="utf-8", newline="\n")
    (project / "translations" / "cs" / "03-lab.md").unlink()
    assert build(project).returncode == 0
    article = parse((project / "site" / "03-lab" / "index.html").read_text(encoding="utf-8")).css_first("article")
    assert article is not None
    tip, saved = article.css("div.admonition")
    assert tip.attributes["class"] == "admonition tip"
    title = tip.css_first("p.admonition-title")
    assert title is not None
    assert title.html == '<p class="admonition-title">With <code>code</code> &amp; more</p>'
    assert [item.text() for item in tip.css("li")] == ["one", "two"]
    assert [link.attributes["href"] for link in tip.css("a")] == ["../02-later/"]
    linked = saved.css_first("p.admonition-title")
    assert linked is not None
    assert linked.text().startswith("1. It saves ")
    assert [(link.attributes["href"] or "").partition("#")[0] for link in linked.css("a")] == [
        "../01-numbers/",
        "../02-later/",
    ]
    (note,) = article.css("details")
    assert note.parent == tip
    assert (note.attributes["class"], "open" in note.attributes) == ("note", False)
    assert note.text().split() == ["Note", "Deep."]
    assert "After." not in tip.text()
    (after,) = [paragraph for paragraph in article.css("p") if paragraph.text() == "After."]
    assert after.parent != tip
    assert [strong.text() for strong in article.css("strong")] == ["Run"]
    assert "inner" in [block.id for block in code_blocks(article.parser)]
    heading = article.css_first("h3#below")
    assert heading is not None
    cells = json.loads((project / "site" / "03-lab.ipynb").read_text(encoding="utf-8"))["cells"]
    assert not any("admonition" in line for cell in cells for line in cell["source"])  # Jupyter has no such style


def test_check_finds_nothing_wrong(tmp_path: Path) -> None:
    findings = [finding for finding in check_site(with_lab(tmp_path) / "mkdocs.yml").findings if "lab" in finding.file]
    assert [finding for finding in findings if finding.check not in ("sources", "outputs")] == []


def test_a_page_that_is_not_translated_shows_the_original_with_its_notice(tmp_path: Path) -> None:
    project = with_lab(tmp_path)
    (project / "translations" / "cs" / "03-lab.md").unlink()
    assert build(project).returncode == 0
    html = (project / "site" / "cs" / "03-lab" / "index.html").read_text(encoding="utf-8")
    assert "edgedocs-notice-untranslated" in html
    assert [block.id for block in code_blocks(parse(html))] == ["sum", None, "hello"]
    assert re.search(r'<article [^>]*lang="en"', html)


@pytest.mark.parametrize(
    ("plugin", "words"),
    [
        ("", "`notebooks` needs the plug-in mkdocs-jupyter"),
        (PLUGIN.replace("allow_errors: false, ", ""), "allow_errors: false"),
        (PLUGIN.replace("03-lab.ipynb", "other.ipynb"), "mkdocs-jupyter does not render the page"),
    ],
)
def test_a_configuration_that_would_not_show_it_or_show_errors_is_refused(
    tmp_path: Path, plugin: str, words: str
) -> None:
    refused(build(with_lab(tmp_path, plugin)), words)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nothing.md", "'nothing.md'"),
        ("02-later.md", "'02-later.md'"),
        ("01-numbers.md", "this block shows a section of a file"),
    ],
)
def test_a_page_that_can_be_no_notebook_is_refused(tmp_path: Path, name: str, words: str) -> None:
    project = with_lab(tmp_path, PLUGIN.replace("03-lab.ipynb", name.replace(".md", ".ipynb")))
    configure(project, "notebooks: [03-lab.md]", f"notebooks: [{name}]")
    refused(build(project), words)


def test_a_cell_that_fails_while_the_site_is_built_fails_the_build(tmp_path: Path) -> None:
    require("ipykernel")
    running = PLUGIN.replace("execute: false", "execute: true")
    result = build(with_lab(tmp_path, running, code='raise ValueError("broken on purpose")'))
    assert result.returncode != 0
    assert "broken on purpose" in result.stderr
    assert not (tmp_path / "project" / "site" / "03-lab" / "index.html").exists()


def test_a_cell_that_prints_something_else_while_the_site_is_built_fails_the_proof(tmp_path: Path) -> None:
    require("ipykernel")
    running = PLUGIN.replace("execute: false", "execute: true")
    words = "docs/03-lab.md:11: this output block is in the inventory and is not rendered", "begins with '3'"
    refused(build(with_lab(tmp_path, running, output="3")), *words)


def rendered(folder: Path, output: dict[str, Any]) -> str:
    """What mkdocs-jupyter makes of a notebook whose one cell has the output."""
    require("mkdocs_jupyter")
    from mkdocs_jupyter import convert

    cell = {
        "cell_type": "code",
        "execution_count": 1,
        "id": "a",
        "metadata": {},
        "outputs": [output],
        "source": ["f()"],
    }
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    document = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path = folder / "failed.ipynb"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(convert.nb2html(str(path), allow_errors=True))


@pytest.mark.parametrize(
    "output",
    [
        {"output_type": "error", "ename": "ValueError", "evalue": "bad", "traceback": ["ValueError: bad"]},
        {"output_type": "stream", "name": "stderr", "text": ["warned"]},
    ],
)
def test_an_error_in_a_notebook_is_never_taken_for_an_output(tmp_path: Path, output: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="a cell of the notebook failed"):
        read_cells(rendered(tmp_path, output), [], [], "", "docs/lab.md")


def test_an_output_is_taken(tmp_path: Path) -> None:
    html = rendered(tmp_path, {"output_type": "stream", "name": "stdout", "text": ["fine"]})
    assert "fine" in read_cells(html, [], [], "", "docs/lab.md").content
    with pytest.raises(BadInput, match="0 headings"):
        read_cells(html, [], ["missing"], "", "docs/lab.md")


def test_built_again_it_is_that_of_a_new_build(tmp_path: Path) -> None:
    project, memory = with_lab(tmp_path), Memory()
    again, fresh, builder = tmp_path / "again", tmp_path / "fresh", Builder()
    page = project / "docs" / "03-lab.md"

    def replace(path: Path, old: str, new: str) -> None:
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8", newline="\n")

    edits = (
        lambda: None,
        lambda: replace(page, "The end.", "Another end."),
        lambda: replace(project / "translations" / "cs" / "03-lab.md", "Konec.", "Jiný konec."),
        lambda: replace(page, "## Add `up` { #add }", "## Added { #added }"),
        lambda: configure(project, "allow_errors: false", "no_prompt: true, allow_errors: false"),
    )
    for number, edit in enumerate(edits):
        edit()
        built = build_again(building.load(project / "mkdocs.yml", again), memory)
        assert (told(built), built.complete) == builder.build(project, fresh), number
        assert contents(again) == contents(fresh), number
    builder.processes.shutdown()


def test_no_other_page_is_read_in_search_of_notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    project = with_lab(tmp_path)
    monkeypatch.setattr("jupytext.read", lambda path, *_: read.append(str(path)))
    assert building.build(building.load(project / "mkdocs.yml", tmp_path / "site")).findings == []
    assert read == []
