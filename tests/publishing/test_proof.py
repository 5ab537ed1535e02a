"""The proof: a site whose code blocks are not those of the inventory is not built, in no language."""

import subprocess
import sys
from pathlib import Path

import pytest

from edgedocs.core.errors import BadInput
from edgedocs.publishing.built import BuiltSite
from edgedocs.publishing.dom import RenderedBlock, code_blocks, parse
from edgedocs.publishing.expected import ExpectedBlock, ExpectedPage
from edgedocs.publishing.proof import ProofError, compare, prove
from tests.publishing.site import ENVIRONMENT, build, copy_fixture, run_python

PAGE = "docs/02-later.md"
BLIND = """\
import sys
from edgedocs.publishing import {module} as module

found = module.{name}
module.{name} = {replacement}
sys.argv = ["mkdocs", "build", "--strict"]
from mkdocs.__main__ import cli
cli()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_fixture(tmp_path)


def append(path: Path, text: str) -> int:
    """Put text at the end of a page; the line that it begins with."""
    before = path.read_text(encoding="utf-8").rstrip("\n") + "\n\n"
    path.write_text(before + text, encoding="utf-8", newline="\n")
    return before.count("\n") + 1


def build_with(project: Path, module: str, name: str, replacement: str) -> subprocess.CompletedProcess[str]:
    """Build with one function of the publishing put in place of another."""
    code = BLIND.format(module=module, name=name, replacement=replacement)
    return run_python(project, "-c", code)


def test_all_pages_of_all_languages_are_proved(project: Path) -> None:
    result = build(project)
    assert result.returncode == 0, result.stderr
    blocks = len(code_blocks(parse((project / "site/01-numbers/index.html").read_text(encoding="utf-8"))))
    assert blocks == 9
    assert f"edgedocs: {2 * blocks} code blocks on 10 pages are those of the inventory" in result.stderr


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Term\n:   meaning\n\n  text\n\n    indented()\n", "indented()"),
        ("<pre><code>raw_html()</code></pre>\n", "raw_html()"),
        ("<div>\n<pre>raw\nlines</pre>\n</div>\n", "raw"),
        ("<div markdown>\n\n<pre>in_markdown()</pre>\n\n</div>\n", "in_markdown()"),
    ],
)
def test_code_that_is_no_fence_fails_the_build(project: Path, text: str, first: str) -> None:
    line = append(project / PAGE, text)
    line += next(number for number, content in enumerate(text.splitlines()) if first in content)
    result = build(project)
    assert result.returncode == 1
    assert f"{PAGE}:{line}: a code block is rendered that is not in the inventory" in result.stderr
    assert f"(en/02-later.md): {first!r}" in result.stderr
    assert f"(cs/02-later.md): {first!r}" in result.stderr  # the page without a translation shows it too
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("text", "line"),
    [("text\n\n    run()\n", 2), ("!!! note\n\n    text\n\n        run()\n", 4), ("- item\n\n        run()\n", 2)],
)
def test_indented_code_fails_the_build_even_if_the_collector_says_nothing(project: Path, text: str, line: int) -> None:
    line += append(project / PAGE, text)
    result = build(project)
    assert result.returncode == 1
    assert f"{PAGE}:{line}: an indented code block: 'run()'" in result.stderr
    silent = "lambda *arguments: (got := found(*arguments), setattr(got, 'problems', []))[0]"
    result = build_with(project, "piece", "collect", silent)
    assert result.returncode == 1
    assert f"{PAGE}:{line}: a code block is rendered that is not in the inventory" in result.stderr


def test_fence_that_a_file_brings_along_fails_the_build(project: Path) -> None:
    """A page may include a text, and the text may hold a fence that nobody collected."""
    (project / "snippets/text.md").write_text("A text.\n\n```python {#hidden}\nhidden()\n```\n", encoding="utf-8")
    append(project / PAGE, '--8<-- "text.md"\n')
    result = build(project)
    assert result.returncode == 1
    assert "not in the inventory, so nothing verifies it (en/02-later.md): 'hidden()'" in result.stderr


def test_fence_that_the_collector_overlooks_fails_the_build(project: Path) -> None:
    overlook = (
        "lambda *arguments: (got := found(*arguments), "
        "setattr(got, 'blocks', [block for block in got.blocks if block.fence.id != 'never']))[0]"
    )
    result = build_with(project, "piece", "collect", overlook)
    assert result.returncode == 1
    assert "docs/01-numbers.md:67: a code block is rendered that is not in the inventory" in result.stderr


def test_fence_that_the_writer_loses_fails_the_build(project: Path) -> None:
    lose = "lambda *given: (made := found(*given), type(made)(made.text.partition('    ```cpp')[0], made.terms))[1]"
    result = build_with(project, "writer", "write", lose)
    assert result.returncode == 1
    for page in ("docs/01-numbers.md", "translations/cs/01-numbers.md"):
        for line in (66, 72):
            assert f"{page}:{line}: this shown block is in the inventory and is not rendered" in result.stderr


def test_plug_in_that_changes_code_fails_the_build(project: Path) -> None:
    """What comes after ours counts as well: the pages are read when they are written."""
    (project / "hook.py").write_text(
        "def on_post_page(output, page, config):\n    return output.replace('main', 'niam')\n"
    )
    config = project / "mkdocs.yml"
    config.write_text(config.read_text(encoding="utf-8") + "hooks: [hook.py]\n", encoding="utf-8")
    result = build(project)
    assert result.returncode == 1
    assert "docs/01-numbers.md:66: the text of this shown block is rendered as 'int niam()" in result.stderr
    assert "expected 'int main() { return 0; }', as in the inventory" in result.stderr


def test_tabs_and_blank_lines_are_as_markdown_reads_them(project: Path) -> None:
    body = "a\tb\n\n   \n\tc\n"
    append(project / PAGE, f'```make {{shown="tabs"}}\n{body}```\n\n> ```make {{#q shown="tabs"}}\n> x\ty\n> ```\n')
    append(project / PAGE, '- item\n\n    ```make {#i shown="tabs"}\n    all:\n    \ttool\n    ```\n')
    result = build(project)
    assert result.returncode == 0, result.stderr


def test_footnotes_with_code_stand_at_the_end(project: Path) -> None:
    append(project / PAGE, "text[^1]\n\n[^1]: note\n\n    ```json {shown=first #first}\n    1\n    ```\n")
    append(project / PAGE, 'after\n\n```json {#second shown="second"}\n2\n```\n')
    result = build(project)
    assert result.returncode == 0, result.stderr
    blocks = code_blocks(parse((project / "site/02-later/index.html").read_text(encoding="utf-8")))
    assert [(block.id, block.number) for block in blocks] == [("second", 2), ("first", 1)]


def test_extensions_that_the_proof_needs_are_added(project: Path) -> None:
    config = project / "mkdocs.yml"
    text = config.read_text(encoding="utf-8")
    for name in ("  - attr_list\n", "  - pymdownx.superfences\n"):
        assert name in text
        text = text.replace(name, "")
    config.write_text(text, encoding="utf-8")
    result = build(project)
    assert result.returncode == 0, result.stderr
    assert "18 code blocks on 10 pages are those of the inventory" in result.stderr


def test_drafts_are_not_awaited(project: Path) -> None:
    with (project / "mkdocs.yml").open("a", encoding="utf-8") as config:
        config.write("draft_docs: 02-later.md\n")
    result = build(project)
    assert "18 code blocks on 8 pages are those of the inventory" in result.stderr, result.stderr
    assert not (project / "site/02-later").exists()


def test_pages_that_a_dirty_build_leaves_alone_are_compared(project: Path) -> None:
    assert build(project).returncode == 0
    command = [sys.executable, "-m", "mkdocs", "build", "--no-strict", "--dirty"]
    page = project / "site/cs/01-numbers/index.html"
    again = subprocess.run(command, cwd=project, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    page.write_text(page.read_text(encoding="utf-8").replace("main", "niam"), encoding="utf-8")
    again = subprocess.run(command, cwd=project, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert "is rendered as 'int niam() { return 0; }' (cs/01-numbers.md)" in again.stderr


def test_custom_fences_of_a_bundle_of_extensions_are_proved(project: Path) -> None:
    config = project / "mkdocs.yml"
    text = config.read_text(encoding="utf-8")
    fence = "{name: mermaid, class: mermaid, format: !!python/name:pymdownx.superfences.fence_code_format }"
    bundle = f"  - pymdownx.extra:\n      pymdownx.superfences:\n        custom_fences: [{fence}]\n"
    text = text.replace("  - pymdownx.superfences\n", bundle).replace("  - attr_list\n", "")
    config.write_text(text, encoding="utf-8")
    append(project / PAGE, '```mermaid {shown="a graph"}\ngraph LR\n```\n')
    result = build(project)
    assert result.returncode == 0, result.stderr
    (block,) = code_blocks(parse((project / "site/02-later/index.html").read_text(encoding="utf-8")))
    assert (block.number, block.kind, block.language) == (1, "shown", "mermaid")
    assert '<pre data-edgedocs-block="1"' in (project / "site/02-later/index.html").read_text(encoding="utf-8")


def test_lagging_translation_shows_the_blocks_it_knows_and_no_others(project: Path) -> None:
    page = project / "translations/cs/01-numbers.md"
    text = page.read_text(encoding="utf-8")
    start = text.index("```pycon")
    page.write_text(text[:start] + text[text.index("??? success") :], encoding="utf-8", newline="\n")
    append(project / "docs/01-numbers.md", "A new paragraph.\n")
    result = build(project)
    assert result.returncode == 0, result.stderr
    assert "17 code blocks on 10 pages are those of the inventory" in result.stderr
    append(page, "text\n\n    code_of_a_translator()\n")
    result = build(project)
    assert result.returncode == 1
    assert "translations/cs/01-numbers.md:" in result.stderr
    assert "'code_of_a_translator()'" in result.stderr


def expected(number: int, **changes: object) -> ExpectedBlock:
    values = {"kind": "shown", "language": "text", "id": f"b{number}", "text": f"line {number}\n", "copy": None}
    return ExpectedBlock(page="docs/a.md", line=10 * number, **{**values, **changes})  # type: ignore[arg-type]


def shown(number: int | None, of: int | None = None, **changes: object) -> RenderedBlock:
    name = number if of is None else of
    values = {"kind": "shown", "language": "text", "id": f"b{name}", "text": f"line {name}\n", "copy": None}
    return RenderedBlock(number=number, in_footnote=False, **{**values, **changes})  # type: ignore[arg-type]


def differences(rendered: list[RenderedBlock], blocks: int = 3) -> list[str]:
    page = ExpectedPage(
        "docs/a.md", "\n" * 14 + "line 9\n" + "\n" * 20, 0, tuple(expected(number + 1) for number in range(blocks))
    )
    return [str(problem) for problem in compare(page, rendered, "en/a.md")]


def test_equal_pages_have_no_differences() -> None:
    assert differences([shown(1), shown(2), shown(3)]) == []
    assert differences([shown(2, 1), shown(5, 2), shown(8, 3)]) == []  # hidden fences took the other numbers


@pytest.mark.parametrize(
    ("rendered", "message"),
    [
        ([shown(1), shown(3)], "docs/a.md:20: this shown block is in the inventory and is not rendered (en/a.md)"),
        ([shown(1), shown(2), shown(3), shown(4, 9)], "docs/a.md:15: a code block is rendered that is not in the"),
        ([shown(1), shown(2), shown(3), shown(4, 8)], "docs/a.md:30: a code block is rendered that is not in the"),
        ([shown(1), shown(2), shown(None, 9), shown(3)], "docs/a.md:15: a code block is rendered that is not in"),
        ([shown(1), shown(3), shown(2)], "docs/a.md:1: a code block is rendered in another place"),
        ([shown(1), shown(2, kind="python"), shown(3)], "the kind of this shown block is rendered as 'python'"),
        ([shown(1), shown(2, kind=None), shown(3)], "the kind of this shown block is rendered as None"),
        ([shown(1), shown(2, language="c"), shown(3)], "the language of this shown block is rendered as 'c'"),
        ([shown(1), shown(2, id=None), shown(3)], "the id of this shown block is rendered as None"),
        ([shown(1), shown(2, text="line 2 \n"), shown(3)], "the text of this shown block is rendered as 'line 2 '"),
        ([shown(1), shown(2, text="line 2\nx\n"), shown(3)], "rendered as 'x' (en/a.md); expected 'nothing more'"),
    ],
)
def test_each_difference_is_told_once_at_its_line(rendered: list[RenderedBlock], message: str) -> None:
    (problem,) = differences(rendered)
    assert message in problem


def test_two_blocks_in_each_others_place_are_told() -> None:
    assert differences([shown(1, 2), shown(2, 1), shown(3)]) != []
    assert differences([shown(1), shown(1), shown(2), shown(3)]) != []


def test_copied_text_is_the_code_that_ran() -> None:
    page = ExpectedPage("docs/a.md", "", 0, (expected(1, kind="python", copy="whole file\n"),))
    assert compare(page, [shown(1, kind="python", copy="whole file\n")], "en/a.md") == []
    for copy in ("whole file", None):
        (problem,) = compare(page, [shown(1, kind="python", copy=copy)], "en/a.md")
        assert "docs/a.md:10: the copy button of the code block 'b1' does not give what is run" in str(problem)


def test_page_that_was_not_built_is_told_with_all_others(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<pre>x</pre>")
    page = ExpectedPage("docs/a.md", "", 0, ())
    with pytest.raises(ProofError) as failure:
        prove({"en/a.md": page, "cs/a.md": page, "pl/a.md": page}, {"en/a.md": tmp_path / "a.html"}, BuiltSite())
    assert len(failure.value.problems) == 3
    assert all(isinstance(problem, BadInput) for problem in failure.value.problems)


def test_title_of_a_page_does_not_shift_lines_of_a_translation() -> None:
    page = ExpectedPage("translations/cs/a.md", "text\n\nline 9\n", 12, ())
    (problem,) = compare(page, [shown(None, 9)], "cs/a.md")
    assert str(problem).startswith("translations/cs/a.md:15: ")
