"""Reference pages: made from the catalog, the commands and the modules, of this project and of another."""

import json
import re
import textwrap
from pathlib import Path

import pytest

from edgedocs.core.errors import BadInput
from edgedocs.pages.page import Page
from edgedocs.publishing.reference.commands import commands_page
from edgedocs.publishing.reference.interface import interface_pages
from edgedocs.publishing.reference.pages import ReferenceSources
from tests.publishing.site import ROOT, build, copy_fixture

MODULE = '''
"""Rounding: numbers with fewer digits.

Both ``up`` and :func:`down` are here.

>>> down(2.7)
2
"""

from os import sep

__all__ = ["Grid", "STEPS", "down", "sep"]

STEPS = (1, 2)
"""What is usual."""


def down(number: float, *, digits: int = 0) -> int:
    """Round down.

    Args:
        number: what is rounded; 1 | 2 are *both* fine.
        digits: how many stay.

    Returns:
        A whole number.

    Raises:
        ValueError: if there are ``too many`` digits.
    """


class Grid:
    """A grid of [[numbers]]."""

    def __init__(self, step: float) -> None:
        self.step = step

    def snap(self, number: float) -> float:
        """The nearest point."""

    def _hidden(self) -> None:
        """Not shown."""
'''
COMMANDS = """
    import click

    @click.group()
    def cli():
        '''A tool.'''

    @cli.command()
    @click.argument("name")
    @click.option("--loud", is_flag=True, help="With | a bar.")
    @click.option("--times", default=3, show_default=True, help="How often.")
    def greet(name, loud, times):
        '''Greet NAME.

        \\b
        Examples:
          tool greet Ann
          tool greet Ann --loud
        '''
"""


def text(page: str) -> str:
    """What readers see of Markdown with entities."""
    page = re.sub(r"&#(\d+);", lambda match: chr(int(match[1])), page)
    return re.sub(r"</?code>", "`", page).replace("&nbsp;", " ")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "rounding"
    folder.mkdir()
    (folder / "__init__.py").write_text(MODULE.lstrip(), encoding="utf-8")
    return tmp_path


def test_module_page_has_what_is_public_and_nothing_else(package: Path) -> None:
    ((page, summary),) = interface_pages(package, ["rounding"])
    shown = text(page.text)
    assert summary == "Rounding: numbers with fewer digits."
    assert (page.name, page.origin) == ("reference/rounding", "rounding/__init__.py")
    assert "Both `up` and `down` are here." in shown
    assert "`down(number: float, *, digits: int = 0) -> int`" in shown
    assert "| `number` | `float` | what is rounded; 1 | 2 are *both* fine. |" in shown
    assert "| `ValueError` | if there are `too many` digits. |" in shown
    assert "| `down(2.7)` | `2` |" in shown
    assert "`class Grid(step: float)`" in shown
    assert "`STEPS = (1, 2)`" in shown
    assert "`snap(number: float) -> float`" in shown
    assert "`sep` is `os.sep`." in shown
    assert "_hidden" not in shown


def test_generated_pages_have_ids_and_no_code_blocks_and_no_markup_of_their_sources(package: Path) -> None:
    pages = ReferenceSources(
        ROOT, "edgedocs/catalog.json", "edgedocs.cli:cli", ["edgedocs", "edgedocs.checkpoint"]
    ).pages()
    pages += [page for page, _ in interface_pages(package, ["rounding"])]
    assert len(pages) == 7
    for made in pages:
        page = Page(ROOT, made.name, made.shown, made.text)
        identifiers = [heading.id for heading in page.headings]
        assert None not in identifiers, made.name
        assert len(identifiers) == len(set(identifiers)), made.name
        assert page.fences == [], made.name
        assert not [block for block in page.blocks if block.kind == "code"], made.name
        assert "[[" not in made.text
        assert "8<--" not in made.text


def test_index_says_what_each_module_is_without_the_markup_of_docstrings(package: Path) -> None:
    (package / "rounding" / "__init__.py").write_text(
        '"""Numbers; see :mod:`rounding.up` and ``x``."""\n', encoding="utf-8"
    )
    index, module = ReferenceSources(package, modules=["rounding"]).pages()
    assert "Numbers; see `rounding.up` and `x`." in text(index.text)
    assert 'description: "Numbers; see rounding.up and x."' in module.text


def test_formats_and_support_are_those_of_the_catalog() -> None:
    catalog = json.loads((ROOT / "edgedocs" / "catalog.json").read_text(encoding="utf-8"))
    pages = {page.name: text(page.text) for page in ReferenceSources(ROOT, "edgedocs/catalog.json").pages()}
    for one in catalog["formats"]:
        row = f"| `{one['name']}` | {one['block_size']} | {one['block_bytes']} | {one['bits_per_weight']:g} |"
        assert row in pages["reference/formats"]
    # Q4_0 by hand: 32 weights in 16 bytes of nibbles and a scale of 2 bytes, 18 * 8 / 32 = 4.5 bits a weight.
    assert "| `Q4_0` | 32 | 18 | 4.5 |" in pages["reference/formats"]
    matrix = pages["reference/support"].partition("## What each runner loads")[2].partition("\n## ")[0]
    header, _, *rows = [line for line in matrix.splitlines() if line.startswith("|")]
    columns = [cell.strip(" `") for cell in header.strip("|").split("|")]
    found = {}
    for row in rows:
        cells = [cell.strip(" `") for cell in row.strip("|").split("|")]
        found[cells[0]] = {name for name, cell in zip(columns, cells, strict=True) if cell == "yes"}
    assert found == {runner["name"]: set(runner["formats"]) for runner in catalog["runners"]}


def test_every_command_of_the_command_line_is_on_its_page() -> None:
    from edgedocs.cli import cli

    shown = text(commands_page("edgedocs.cli:cli").text)
    for name, command in cli.commands.items():
        for path in [f"edgedocs {name}", *(f"edgedocs {name} {child}" for child in getattr(command, "commands", {}))]:
            assert f" `{path}` {{ #{path.replace(' ', '-')} }}" in shown
    assert "- `edgedocs convert tiny tiny.gguf --to gguf --type q4_0`" in shown


def test_commands_of_another_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "greeting_tool.py").write_text(textwrap.dedent(COMMANDS), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    shown = text(commands_page("greeting_tool:cli").text)
    assert "## `greeting_tool greet` { #greeting_tool-greet }" in shown
    assert "`greeting_tool greet [OPTIONS] NAME`" in shown
    assert "- `tool greet Ann`\n- `tool greet Ann --loud`" in shown
    assert "| `--loud` | With | a bar. |" in shown
    assert "| `--times INTEGER` | How often. [default: 3] |" in shown


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ({"commands": "edgedocs.nothing:cli"}, "no command line 'edgedocs.nothing:cli'"),
        ({"commands": "edgedocs.cli:main"}, "is no click command"),
        ({"modules": ["edgedocs.nothing"]}, "no module 'edgedocs.nothing'"),
        ({"catalog": "catalog.json"}, "no such file"),
    ],
)
def test_what_is_not_there_is_named(tmp_path: Path, sources: dict[str, object], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        ReferenceSources(tmp_path, **sources).pages()


def test_site_with_a_reference_in_both_languages(tmp_path: Path, package: Path) -> None:
    project = copy_fixture(tmp_path)
    (package / "rounding").rename(project / "rounding")
    settings = project / "mkdocs.yml"
    option = "  - edgedocs: {modules: [rounding]}\n"
    settings.write_text(settings.read_text(encoding="utf-8").replace("  - edgedocs\n", option), encoding="utf-8")
    result = build(project)
    assert result.returncode == 0, result.stderr + result.stdout
    for part in ("", "cs/"):
        page = (project / "site" / part / "reference" / "rounding" / "index.html").read_text(encoding="utf-8")
        assert "what is rounded; 1 | 2 are *both* fine." in re.sub(r"&#(\d+);", lambda m: chr(int(m[1])), page)
        assert "A grid of [[numbers]]." in re.sub(r"&#(\d+);", lambda m: chr(int(m[1])), page)
        assert ("Tato stránka není přeložena." in page) == bool(part)
        assert '<link rel="canonical" href="https://example.org/handbook/reference/rounding/">' in page
    assert "cs/reference" not in (project / "site" / "sitemap.xml").read_text(encoding="utf-8")
