"""How long a site takes to build: ours beside plain Material for MkDocs with mkdocs-static-i18n on the same pages.

Run it with the environment's Python: ``python benchmarks/site.py [--pages 12 200] [--rounds 5] [--json]``. It prints
the goals beside what was reached; ``--record`` also writes benchmarks/results/site.json and the table that the
handbook shows.

The pages are generated: prose, lists, tables and code in five languages, each language with a folder. Both sides have
the same Markdown, theme, extensions and languages. "without" is without search and notebooks on both sides; "with" has
Material's search on both, and ours also its keys in every language and a notebook of each page. A build is a whole
``mkdocs build`` in a process of its own; the rounds are interleaved and medians count. Beside the seconds that pass,
those on a processor are counted, which other work on the machine changes less. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgedocs.core.files import write_json, write_text
from edgedocs.core.provenance import provenance
from edgedocs.translation import Tree, record

if TYPE_CHECKING:
    from collections.abc import Sequence

LANGUAGES = {"en": "English", "cs": "Čeština", "et": "Eesti", "pl": "Polski", "sl": "Slovenščina"}
TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"
RESULTS = Path(__file__).resolve().parent / "results" / "site.json"
SHOWN = TRANSLATIONS.parent / "snippets" / "speed" / "site.txt"
GOALS = {"without": 1.15, "with": 1.5}
"""The most that ours may take, the peer being 1."""

CONFIGURATION = """
site_name: Benchmark
site_url: https://example.org/
theme: {{name: material, font: false, features: [content.code.copy]}}
plugins:
{plugins}  - i18n:
      docs_structure: folder
      languages:
{languages}
markdown_extensions:
  - admonition
  - attr_list
  - md_in_html
  - tables
  - toc: {{permalink: true}}
  - pymdownx.superfences
"""
_LIST = """
model weight scale block matrix vector token layer number table value error bit byte file header
format type size memory cache thread server prompt answer text page language source check result measure
"""
WORDS = _LIST.split()
TYPES = ("Q4_0", "Q8_0", "Q4_K", "IQ2_XS")


def page(number: int, pages: int, language: str, *, runs: bool) -> str:
    """A page of about a thousand words; its code is the same in all languages."""
    choose = random.Random(f"{number} {language}")
    here = WORDS if language == "en" else [f"{word}{language}" for word in WORDS]

    def sentence() -> str:
        return " ".join(choose.choices(here, k=14)).capitalize() + "."

    lines = [f"# Page {number} {language} {{ #page-{number} }}", ""]
    for part in range(6):
        lines += [f"## {sentence()[:40].strip()} {{ #part-{part} }}", ""]
        lines += [" ".join(sentence() for _ in range(5)), "", " ".join(sentence() for _ in range(4)), ""]
        lines += [f"- {sentence()}" for _ in range(4)]
        lines += ["", f"| {choose.choice(here)} | {choose.choice(here)} |", "|---|---|"]
        lines += [f"| `{kind}` | {sentence()[:30]} |" for kind in TYPES]
        mark = f"{{#code-{part}}}" if runs else f'{{#code-{part} shown="an example"}}'
        code = [f"for value in range({part + 2}):", "    print(value * 2)"]
        lines += ["", f"```python {mark}", *code, "```", ""]
        if runs:
            printed = [str(value * 2) for value in range(part + 2)]
            lines += [f'```text {{output-of="code-{part}"}}', *printed, "```", ""]
    lines += [f"[{sentence()[:20].strip()}](page-{(number + 1) % pages:03}.md)", ""]
    return "\n".join(lines)


def project(folder: Path, pages: int, *, ours: bool, searched: bool) -> Path:
    """The pages as one of the two sides has them."""
    for language in LANGUAGES:
        target = folder / (
            "docs" if ours and language == "en" else f"translations/{language}" if ours else f"docs/{language}"
        )
        target.mkdir(parents=True)
        for number in range(pages):
            name = "index.md" if number == 0 else f"page-{number:03}.md"
            text = page(number, pages, language, runs=searched).replace("page-000.md", "index.md")
            (target / name).write_text(text, encoding="utf-8", newline="\n")
        if ours and language != "en":
            shutil.copy(TRANSLATIONS / language / "language.toml", target)
    plugins = ["search"] * searched + ["edgedocs"] * ours
    known = {"en": "English"} if ours else LANGUAGES
    languages = "\n".join(
        f"        - {{locale: {code}, name: {name}, default: {str(code == 'en').lower()}}}"
        for code, name in known.items()
    )
    configuration = CONFIGURATION.format(plugins="".join(f"  - {one}\n" for one in plugins), languages=languages)
    (folder / "mkdocs.yml").write_text(configuration, encoding="utf-8")
    if ours:
        tree = Tree.open(folder / "docs", folder / "translations")
        for language in tree.languages():
            for name in tree.pages():
                record(tree, language, name)
    return folder


def build(folder: Path) -> tuple[float, float]:
    """The seconds that a whole build takes: that pass, and on a processor."""
    shutil.rmtree(folder / "site", ignore_errors=True)
    shutil.rmtree(folder / ".edgedocs", ignore_errors=True)
    before, start = os.times(), time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet"],
        cwd=folder,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        check=True,
        capture_output=True,
    )
    taken, after = time.perf_counter() - start, os.times()
    return taken, after.children_user + after.children_system - before.children_user - before.children_system


def measure(pages: int, rounds: int) -> dict[str, Any]:
    """Medians of both sides, without and with search and notebooks."""
    with tempfile.TemporaryDirectory(prefix="edgedocs-") as temporary:
        sides = {
            (kind, side): project(Path(temporary, kind, side), pages, ours=side == "ours", searched=kind == "with")
            for kind in GOALS
            for side in ("peer", "ours")
        }
        samples: dict[tuple[str, str], list[tuple[float, float]]] = {name: [] for name in sides}
        for _ in range(rounds):
            for name, folder in sides.items():
                samples[name].append(build(folder))
    found: dict[str, Any] = {"pages": pages, "languages": len(LANGUAGES)}
    for kind in GOALS:
        wall, processor = (
            {side: statistics.median(sample[place] for sample in samples[kind, side]) for side in ("peer", "ours")}
            for place in (0, 1)
        )
        found[kind] = {
            "seconds": {side: round(value, 3) for side, value in wall.items()},
            "processor_seconds": {side: round(value, 3) for side, value in processor.items()},
            "ratio": round(wall["ours"] / wall["peer"], 3),
            "processor_ratio": round(processor["ours"] / processor["peer"], 3),
            "goal": GOALS[kind],
        }
    return found


def text(found: dict[str, Any]) -> str:
    """The report for people."""
    machine = found["provenance"]
    names = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}",
        f"{names}; median of {found['rounds']} rounds in turns",
        "",
        "      pages  search, notebooks      peer     ours  ratio  on a processor     goal",
    ]
    for size in found["sizes"]:
        for kind in GOALS:
            one = size[kind]
            wall = one["seconds"]
            lines.append(
                f"{size['pages']:>4} x {size['languages']:<4}  {kind:<18} {wall['peer']:>6.2f} s "
                f"{wall['ours']:>6.2f} s {one['ratio']:>6.2f} {one['processor_ratio']:>15.2f} {one['goal']:>8}"
            )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, nargs="+", default=[12, 200], help="pages in each language (12 200)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured, at least 5 (5)")
    parser.add_argument("--json", action="store_true", help="print JSON with the machine and the versions")
    parser.add_argument("--record", action="store_true", help="also write the results for the handbook")
    given = parser.parse_args(arguments)
    if given.rounds < 5:
        parser.error("a median needs at least 5 rounds")
    found = {
        "provenance": provenance("mkdocs", "mkdocs-material", "mkdocs-static-i18n"),
        "rounds": given.rounds,
        "sizes": [measure(pages, given.rounds) for pages in given.pages],
    }
    if given.record:
        write_json(RESULTS, found)
        write_text(SHOWN, text(found) + "\n")
    print(json.dumps(found, indent=2) if given.json else text(found))


if __name__ == "__main__":
    main()
