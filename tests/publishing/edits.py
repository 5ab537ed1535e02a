"""Edits of a small documentation, as somebody makes them while it is served; a number tells one from the next."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

from tests.publishing.site import copy_fixture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Edit = Callable[[Path, int], None]

MODULE = '"""A tool."""\n\n\ndef use(number: int) -> int:\n    """Use it."""\n'
CODE = """# Code { #code }

See [the beginning](index.md).

```python {#triple}
--8<-- "05-code/triple.py"
```

```text {output-of="triple"}
--8<-- "05-code/triple.out"
```
"""
"""A page whose notebook holds no pictures, and so is kept."""

CATALOG = {
    "formats": [{"name": "Q4_0", "block_size": 32, "block_bytes": 18, "bits_per_weight": 4.5}],
    "recipes": ["q4_0"],
    "architectures": [{"name": "llama", "model_types": ["llama"]}],
    "converters": [{"name": "gguf", "types": ["q4_0"], "requires": []}],
    "runners": [{"name": "llama_cpp", "formats": ["gguf"], "requires": ["llama_cpp"]}],
}


def prepare(folder: Path) -> Path:
    """A copy of the fixture with a reference, definitions in two languages, a template, and links for editing."""
    project = copy_fixture(folder)
    replace(
        project / "mkdocs.yml",
        "strict: true",
        "strict: true\nrepo_url: https://git.example.org/project\nedit_uri: edit/docs/",
    )
    replace(project / "mkdocs.yml", "features: [", "features: [content.action.edit, ")
    replace(project / "mkdocs.yml", "  name: material", "  name: material\n  custom_dir: overrides")
    replace(project / "mkdocs.yml", "  - edgedocs\n", "  - edgedocs: {catalog: catalog.json, modules: [tool]}\n")
    write(project / "catalog.json", json.dumps(CATALOG))
    write(project / "tool.py", MODULE)
    write(project / "overrides" / "partials" / "copyright.html", "<p>Template</p>\n")
    write(project / "definitions.tsv", "term\tdefinition\nbytes\tEight bits each\n")
    write(project / "translations" / "cs" / "definitions.tsv", "term\tdefinition\nbytes\tPo osmi bitech\n")
    write(project / "translations" / "cs" / "glossary.tsv", "term\ttranslation\tnote\nbytes\tbajtů\t\n")
    write(project / "docs" / "05-code.md", CODE)
    write(project / "docs" / "03-added-first.md", "# Added { #added }\n")
    write(project / "docs" / "style.css", "p { color: black }\n")
    write(project / "docs" / "06-plain.md", "---\ntitle: Plain\n---\n\nNo heading.\n")
    write(project / "snippets" / "05-code" / "triple.py", "print(3)\n")
    write(project / "snippets" / "05-code" / "triple.out", "3\n")
    return project


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def append(path: Path, text: str) -> None:
    write(path, path.read_text(encoding="utf-8") + text)


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, (path, old)
    write(path, text.replace(old, new, 1))


def rewrite(path: Path, pattern: str, new: str) -> None:
    text, count = re.subn(pattern, new, path.read_text(encoding="utf-8"), count=1)
    assert count == 1, (path, pattern)
    write(path, text)


def nothing(project: Path, number: int) -> None:
    pass


def page(project: Path, number: int) -> None:
    append(project / "docs" / "guide" / "deep.md", f"\nParagraph {number}.\n")


def heading(project: Path, number: int) -> None:
    """The navigation of all pages changes."""
    rewrite(project / "docs" / "02-later.md", r"(?m)^# .*?( \{|$)", rf"# Later {number}\1")


def title(project: Path, number: int) -> None:
    """Of front matter, on a page that has no heading."""
    rewrite(project / "docs" / "06-plain.md", r"title: .*", f"title: Plain {number}")


def kept_out_of_search(project: Path, number: int) -> None:
    path = project / "docs" / "01-numbers.md"
    text = path.read_text(encoding="utf-8")
    if "search:" in text:
        write(path, text.replace("search: {exclude: true}\n", ""))
    else:
        replace(path, "---\n", "---\nsearch: {exclude: true}\n")


def snippet(project: Path, number: int) -> None:
    append(project / "snippets" / "01-numbers" / "halve.py", f"# {number}\n")


def other_snippet(project: Path, number: int) -> None:
    append(project / "snippets" / "05-code" / "triple.py", f"# {number}\n")


def output(project: Path, number: int) -> None:
    append(project / "snippets" / "01-numbers" / "parts.out", f"more {number}\n")


def block_before(project: Path, number: int) -> None:
    """The blocks after it have other numbers."""
    text = f'```text {{shown="edit {number}"}}\nfirst\n```\n'
    replace(project / "docs" / "05-code.md", "```python {#triple}", f"{text}\n```python {{#triple}}")


def own_glossary(project: Path, number: int) -> None:
    """The documentation has a page of that name, so that none is made and terms lead nowhere."""
    write(project / "docs" / "glossary.md", f"# Words {number} {{ #words }}\n")


def fact(project: Path, number: int) -> None:
    rewrite(project / "snippets" / "01-numbers" / "halve.facts.json", r"0\.\d+", f"0.{number + 1}25")


def picture(project: Path, number: int) -> None:
    append(project / "snippets" / "01-numbers" / "bar.svg", f"<!-- {number} -->\n")


def translation(project: Path, number: int) -> None:
    append(project / "translations" / "cs" / "index.md", f"\nPřidáno {number}.\n")


def translating(project: Path, number: int) -> None:
    """Add a translation, or remove it."""
    path = project / "translations" / "cs" / "guide" / "deep.md"
    if path.exists():
        path.unlink()
    else:
        write(path, f"# Hluboko {number} {{ #deep }}\n\nZe složky.\n")


def label(project: Path, number: int) -> None:
    """A label that the conversion is told of."""
    rewrite(project / "translations" / "cs" / "language.toml", r'permalink = ".*"', f'permalink = "Odkaz {number}"')


def notice(project: Path, number: int) -> None:
    """A label that stands in pages."""
    rewrite(project / "translations" / "cs" / "language.toml", r'untranslated = ".*"', f'untranslated = "Ne {number}."')


def definition(project: Path, number: int) -> None:
    write(project / "definitions.tsv", f"term\tdefinition\nbytes\tEight bits, {number}\n")


def translated_definition(project: Path, number: int) -> None:
    write(project / "translations" / "cs" / "definitions.tsv", f"term\tdefinition\nbytes\tOsm bitů, {number}\n")


def add_term(project: Path, number: int) -> None:
    append(project / "definitions.tsv", "paragraph\tA part of a text\n")
    append(project / "translations" / "cs" / "glossary.tsv", "paragraph\todstavec\t\n")


def remove_term(project: Path, number: int) -> None:
    rewrite(project / "definitions.tsv", r"paragraph\t.*\n", "")


def remove_definitions(project: Path, number: int) -> None:
    for folder in (project, project / "translations" / "cs"):
        (folder / "definitions.tsv").unlink()


def plot_label(project: Path, number: int) -> None:
    rewrite(project / "translations" / "cs" / "plots.tsv", r"polovina.*\t", rf"polovina {number}\t")


def catalog(project: Path, number: int) -> None:
    write(project / "catalog.json", json.dumps({**CATALOG, "recipes": ["q4_0", f"q4_{number + 1}"]}))


def module(project: Path, number: int) -> None:
    rewrite(project / "tool.py", r'"""Use .*"""', f'"""Use {number}."""')


def template(project: Path, number: int) -> None:
    write(project / "overrides" / "partials" / "copyright.html", f"<p>Template {number}</p>\n")


def new_template(project: Path, number: int) -> None:
    """A template of the theme is overridden, or is not any more."""
    path = project / "overrides" / "partials" / "footer.html"
    if path.exists():
        path.unlink()
    else:
        write(path, f"<footer>Footer {number}</footer>\n")


def site_name(project: Path, number: int) -> None:
    rewrite(project / "mkdocs.yml", r"site_name: .*", f"site_name: Site {number}")


def site_address(project: Path, number: int) -> None:
    rewrite(project / "mkdocs.yml", r"site_url: .*", f"site_url: https://example.org/handbook{number}/")


def directories(project: Path, number: int) -> None:
    """Addresses end in .html, or do not any more."""
    path = project / "mkdocs.yml"
    text = path.read_text(encoding="utf-8")
    line = "use_directory_urls: false\n"
    write(path, text.replace(line, "") if line in text else line + text)


def extension_option(project: Path, number: int) -> None:
    rewrite(project / "mkdocs.yml", r"  - toc: .*", f'  - toc: {{permalink: "{number}"}}')


def extension(project: Path, number: int) -> None:
    path = project / "mkdocs.yml"
    text = path.read_text(encoding="utf-8")
    line = "  - nl2br\n"
    write(path, text.replace(line, "") if line in text else text.replace("  - tables\n", f"  - tables\n{line}"))


def plugin_option(project: Path, number: int) -> None:
    """The reference has one module more, or less."""
    path = project / "mkdocs.yml"
    write(project / f"tool{number}.py", MODULE.replace("A tool", f"Tool {number}"))
    rewrite(path, r"modules: \[.*?\]", f"modules: [tool, tool{number}]")


def add_page(project: Path, number: int) -> None:
    write(project / "docs" / f"03-added-{number}.md", f"# Added {number} {{ #added }}\n\nSee [it](index.md).\n")
    append(project / "docs" / "guide" / "index.md", f"\nAnd [a new page](../03-added-{number}.md).\n")


def rename_page(project: Path, number: int) -> None:
    """Keeps its text; whatever else links to it."""
    for path in added_pages(project)[-1:]:
        renamed = path.with_name(f"04-added-{number}.md")
        path.rename(renamed)
        linking = project / "docs" / "guide" / "index.md"
        write(linking, linking.read_text(encoding="utf-8").replace(path.name, renamed.name))


def remove_page(project: Path, number: int) -> None:
    for path in added_pages(project)[:1]:
        path.unlink()
        linking = project / "docs" / "guide" / "index.md"
        lines = linking.read_text(encoding="utf-8").splitlines()
        write(linking, "\n".join([*(line for line in lines if path.name not in line), ""]))


def added_pages(project: Path) -> list[Path]:
    return sorted((project / "docs").glob("*-added-*.md"))


def twins(project: Path, number: int) -> None:
    """Two pages with the same text, whose link leads to an anchor from one of them alone."""
    for folder in ("docs", "docs/guide"):
        write(project / folder / f"twin-{number}.md", f"# Twin {{ #twin }}\n\n{number}, see [it](index.md#fixture).\n")


def move_documents(project: Path, number: int) -> None:
    _move(project, "docs", f"pages{number}")
    append(project / "mkdocs.yml", f"docs_dir: pages{number}\n")


def move_snippets(project: Path, number: int) -> None:
    """The pictures that pages show by their path are not there any more, and that is told."""
    _move(project, "snippets", f"recorded{number}")
    replace(project / "mkdocs.yml", "edgedocs: {", f"edgedocs: {{snippets: recorded{number}, ")


def _move(project: Path, name: str, other: str) -> None:
    shutil.move(project / name, project / other)


def lead_nowhere(project: Path, number: int) -> None:
    """A link that nobody is told of."""
    append(project / "docs" / "guide" / "deep.md", "\nSee [it](nowhere.md).\n")
    rewrite(project / "mkdocs.yml", r"not_found: \w+", "not_found: ignore")


def validation(project: Path, number: int) -> None:
    rewrite(project / "mkdocs.yml", r"not_found: \w+", "not_found: warn")


def lead_somewhere(project: Path, number: int) -> None:
    write(project / "docs" / "guide" / "nowhere.md", "# Somewhere { #somewhere }\n")


def foreign(project: Path, number: int) -> None:
    append(project / "docs" / "02-later.md", '\n<p><img alt="Broken:" src="https://example.net/x.png"></p>\n')


def foreign_style(project: Path, number: int) -> None:
    append(project / "docs" / "style.css", 'p { background: url("https://example.net/y.png") } /* Broken: */\n')


def wrong_fact(project: Path, number: int) -> None:
    append(project / "docs" / "02-later.md", "\nBroken: [[01-numbers#halve.nothing]].\n")


def wrong_link(project: Path, number: int) -> None:
    append(project / "docs" / "02-later.md", "\nBroken: [nowhere](nowhere.md).\n")


def wrong_anchor(project: Path, number: int) -> None:
    append(project / "translations" / "cs" / "index.md", "\nBroken: [nic](01-numbers.md#nothing).\n")


def wrong_block(project: Path, number: int) -> None:
    append(project / "docs" / "02-later.md", "\n<div>Broken: <pre>nobody runs this</pre></div>\n")


def mend(project: Path) -> None:
    """Take away what the edits of ``BREAKING`` have added."""
    docs = project / "docs"
    for path in [*docs.glob("0*.md"), docs / "style.css", project / "translations" / "cs" / "index.md"]:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "Broken:" not in line]
        write(path, "\n".join([*lines, ""]))


MEANT: tuple[Edit, ...] = (
    page,
    heading,
    title,
    kept_out_of_search,
    snippet,
    other_snippet,
    output,
    fact,
    picture,
    translation,
    translating,
    label,
    notice,
    definition,
    translated_definition,
    plot_label,
    catalog,
    module,
    template,
    new_template,
    site_name,
    extension_option,
    extension,
    plugin_option,
    add_page,
    rename_page,
    remove_page,
)
"""What leaves a documentation that is right."""

BREAKING: tuple[Edit, ...] = (wrong_fact, wrong_link, wrong_anchor, wrong_block, foreign, foreign_style)
"""What is told, until it is mended."""
