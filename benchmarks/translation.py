"""How long status and check of a tree of translations take, beside reading it and beside Co-op Translator.

Run it with the environment's Python: ``python benchmarks/translation.py [--pages 500] [--rounds 5] [--json]``. The tree
is built from the corpus of the tests: every page is one of its pages with the sections turned and a mark in every text,
so that no two pages share a text; four languages, each also under names of its regions, make ten. ``--tree SOURCE
TRANSLATIONS`` times a tree of your own instead. ``--peer FOLDER`` names a virtual environment with co-op-translator;
its plan (``translate --dry-run``) and its review (``co-op-review``), which need no key, are then timed on the same
texts, laid out as it does. Every figure is a process from start to end; the rounds are interleaved and medians count.
"floor" is Python reading and hashing every file. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgedocs.core.provenance import provenance
from edgedocs.translation import Tree, record
from edgedocs.translation.header import find as find_header
from edgedocs.translation.records import find as find_records

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "translation" / "corpus"
PAGES = ("04-gguf.md", "formats.md", "index.md")
LANGUAGES = ("cs", "et", "pl", "sl", "cs-CZ", "et-EE", "pl-PL", "sl-SI", "pl-LT", "sl-AT")
PEER_LANGUAGES = ("cs", "et", "pl", "sl", "bg", "fi", "hr", "lt", "ro", "sk")
"""The peer knows no regions; it does not look at the language of a text."""
WAYS = ("floor", "status", "status, no seals", "check", "peer plan", "peer review")

FLOOR = """
import hashlib, os, sys
for folder in sys.argv[1:]:
    for below, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".md"):
                with open(os.path.join(below, name), "rb") as file:
                    hashlib.md5(file.read()).digest()
"""
_SEAL = re.compile(rb',\r?\n  "edgedocs_seal": "[^"]*"')
_END = re.compile(r"([.:])(?=\n\n|\n?\Z)")


@dataclass(frozen=True)
class Way:
    """A command that is timed.

    Args:
        name: as the table has it.
        command: what is run.
        folder: where.
        pairs: how many pairs of pages it looks at.
    """

    name: str
    command: tuple[str, ...]
    folder: Path
    pairs: int


def marked(text: str, number: int) -> str:
    """A page of its own: its sections turned, and a mark at the end of each paragraph."""
    blocks = re.split(r"(^ *```.*?^ *```\n)", text, flags=re.DOTALL | re.MULTILINE)
    text = "".join(block if place % 2 else _END.sub(rf" (`p{number}`)\1", block) for place, block in enumerate(blocks))
    first, *sections = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    turned = number % len(sections)
    parts = [part.rstrip("\n") + "\n" for part in (first, *sections[turned:], *sections[:turned])]
    return "\n".join(parts)


def linked(text: str, number: int) -> str:
    """A page whose links go to the chapter that stands nearest to it in the tree."""
    return text.replace("](04-gguf.md", f"](page-{number // len(PAGES) * len(PAGES):04}.md")


def body(path: Path) -> str:
    """A translation of the corpus without header and records."""
    text = path.read_text(encoding="utf-8")
    head, tail = find_header(text), find_records(text)
    return text[head[1] if head else 0 : tail[0] if tail else len(text)]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def build(folder: Path, pages: int) -> tuple[Tree, Tree, Path]:
    """The tree, recorded; the same without seals; and the same texts as the peer lays them out."""
    peer = folder / "peer"
    for target in (folder / "docs", peer, *(peer / "translations" / code for code in PEER_LANGUAGES)):
        shutil.copytree(CORPUS / "docs" / "assets", target / "assets")
        shutil.copytree(CORPUS / "snippets", target.parent / "snippets", dirs_exist_ok=True)
    states: dict[str, dict[str, dict[str, str]]] = {language: {} for language in PEER_LANGUAGES}
    for number in range(pages):
        name, model = f"page-{number:04}.md", PAGES[number % len(PAGES)]
        source = linked(marked((CORPUS / "docs" / model).read_text(encoding="utf-8"), number), number)
        write(folder / "docs" / name, source)
        write(peer / name, source)
        for language, code in zip(LANGUAGES, PEER_LANGUAGES, strict=True):
            text = linked(marked(body(CORPUS / "translations" / language[:2] / model), number), number)
            write(folder / "translations" / language / name, text)
            write(peer / "translations" / code / name, text)
            digest = hashlib.md5(source.encode()).hexdigest()
            entry = {"original_hash": digest, "translation_date": "2026-11-21T00:00:00+00:00"}
            states[code][name] = {**entry, "source_file": name, "language_code": code}
    for code, state in states.items():
        write(peer / "translations" / code / ".co-op-translator.json", json.dumps(state, indent=2))
    for language in LANGUAGES:
        glossary = (CORPUS / "translations" / language[:2] / "glossary.tsv").read_text(encoding="utf-8")
        write(folder / "translations" / language / "glossary.tsv", glossary)
    tree = Tree.open(folder / "docs", folder / "translations")
    for language in tree.languages():
        for page in tree.pages():
            record(tree, language, page)
    return tree, unsealed(tree, folder / "unsealed"), peer


def unsealed(tree: Tree, folder: Path) -> Tree:
    """A copy of a tree whose pages say nothing of the whole, so that status looks at every segment."""
    for origin in (tree.source, tree.translations):
        for path in origin.rglob("*"):
            if path.is_file() and ".locks" not in path.parts:
                target = folder / origin.name / path.relative_to(origin)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(_SEAL.sub(b"", path.read_bytes()))
    return Tree.open(folder / tree.source.name, folder / tree.translations.name)


def pairs_of(tree: Tree) -> int:
    """How many pairs of pages a tree has."""
    pages = set(tree.pages())
    return sum(len(pages & set(tree.translated_pages(language))) for language in tree.languages())


def our_ways(tree: Tree, without_seals: Tree | None) -> list[Way]:
    """What of ours is timed, after the floor."""
    command = (sys.executable, "-m", "edgedocs", "translate")
    folders = ("--source", str(tree.source), "--translations", str(tree.translations))
    pairs, here = pairs_of(tree), tree.translations
    ways = [
        Way("floor", (sys.executable, "-c", FLOOR, str(tree.source), str(tree.translations)), here, pairs),
        Way("status", (*command, "status", *folders, "--json"), here, pairs),
    ]
    if without_seals:
        other = ("--source", str(without_seals.source), "--translations", str(without_seals.translations))
        ways.append(Way("status, no seals", (*command, "status", *other, "--json"), here, pairs))
    return [*ways, Way("check", (*command, "check", *folders, "--json"), here, pairs)]


def peer_ways(peer: Path, root: Path, translations: Path, languages: tuple[str, ...], pairs: int) -> list[Way]:
    """What of the peer is timed: commands that need no key and write nothing."""
    scripts = peer / ("Scripts" if os.name == "nt" else "bin")
    folders = ("--root-dir", str(root), "--translations-dir", str(translations))
    codes = " ".join(languages)
    plan = (str(scripts / "translate"), "-l", codes, "-md", *folders, "--dry-run", "--yes")
    review = (str(scripts / "co-op-review"), "-l", codes, *folders, "--format", "json")
    return [Way("peer plan", plan, root, pairs), Way("peer review", review, root, pairs)]


def seconds(way: Way) -> tuple[float, subprocess.CompletedProcess[bytes]]:
    """How long a command takes, and what it gave; findings are no failure."""
    start = time.perf_counter()
    done = subprocess.run(way.command, cwd=way.folder, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    taken = time.perf_counter() - start
    if done.returncode not in (0, 1) or b"Traceback" in done.stderr:
        sys.exit(f"{way.name} failed: {done.stderr.decode(errors='replace')[-2000:]}")
    return taken, done


def measure(ways: list[Way], rounds: int) -> tuple[dict[str, float], dict[str, bytes]]:
    """Median seconds of each way after one round that warms the file cache, and what each printed last."""
    samples: dict[str, list[float]] = {way.name: [] for way in ways}
    printed = {}
    for number in range(rounds + 1):
        for way in ways:
            taken, done = seconds(way)
            printed[way.name] = done.stdout
            if number:
                samples[way.name].append(taken)
    return {name: statistics.median(values) for name, values in samples.items()}, printed


def report(given: argparse.Namespace) -> dict[str, Any]:
    """What was measured, as JSON-ready data."""
    with tempfile.TemporaryDirectory(prefix="edgedocs-") as temporary:
        if given.tree:
            tree, without, root = Tree.open(*given.tree), None, given.tree[0]
            translations, languages = given.tree[1].resolve(), tuple(tree.languages())
        else:
            tree, without, root = build(Path(temporary).resolve(), given.pages)
            translations, languages = root / "translations", PEER_LANGUAGES
        ways = our_ways(tree, without)
        if given.peer:
            ways += peer_ways(given.peer.absolute(), root.resolve(), translations, languages, ways[0].pairs)
        ways = [way for way in ways if way.name in (given.only or WAYS)]
        medians, printed = measure(ways, given.rounds)
        found = json.loads(printed["check"])["findings"] if "check" in printed else []
        return {
            "provenance": {**provenance("ftfy", "simplemma", "snowballstemmer"), "peer": peer_version(given.peer)},
            "rounds": given.rounds,
            "pages": len(tree.pages()),
            "languages": len(tree.languages()),
            "pairs": ways[0].pairs,
            "findings": dict(sorted(Counter(f"{f['check']}, {f['severity']}" for f in found).items())),
            "seconds": {name: round(value, 3) for name, value in medians.items()},
            "ratios": ratios(medians),
        }


def peer_version(peer: Path | None) -> str | None:
    """The peer's version, if there is a peer."""
    folders = peer.glob("[Ll]ib/**/co_op_translator-*.dist-info") if peer else ()
    return next((folder.name.removesuffix(".dist-info") for folder in folders), None)


def ratios(medians: dict[str, float]) -> dict[str, float]:
    """The ratios that count: ours to the floor, and the peer to ours."""
    couples = {
        "status / floor": ("status", "floor"),
        "status without seals / floor": ("status, no seals", "floor"),
        "check / floor": ("check", "floor"),
        "peer plan / status": ("peer plan", "status"),
        "peer review / check": ("peer review", "check"),
    }
    present = {name: couple for name, couple in couples.items() if set(couple) <= medians.keys()}
    return {name: round(medians[above] / medians[below], 2) for name, (above, below) in present.items()}


def text(found: dict[str, Any]) -> str:
    """The report for people."""
    machine = found["provenance"]
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}",
        f"edgedocs {machine['versions']['edgedocs']}, peer: {machine['peer'] or 'none'}; "
        f"median of {found['rounds']} rounds in turns",
        f"{found['pages']} pages, {found['languages']} languages, {found['pairs']} pairs\n",
        *(f"{name:<29} {value:>9.3f} s" for name, value in found["seconds"].items()),
        "",
        *(f"{name:<29} {value:>9.2f}" for name, value in found["ratios"].items()),
        "",
        "findings: " + ("; ".join(f"{count} {name}" for name, count in found["findings"].items()) or "none"),
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=500, help="pages of the tree that is built (500)")
    parser.add_argument("--tree", nargs=2, type=Path, metavar=("SOURCE", "TRANSLATIONS"), help="time this tree")
    parser.add_argument("--peer", type=Path, help="virtual environment with co-op-translator")
    parser.add_argument("--only", action="append", choices=WAYS, help="measure this alone; may be given several times")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured, at least 5 (5)")
    parser.add_argument("--json", action="store_true", help="print JSON with the machine and the versions")
    given = parser.parse_args()
    if given.rounds < 5:
        parser.error("a median needs at least 5 rounds")
    found = report(given)
    print(json.dumps(found, indent=2) if given.json else text(found))


if __name__ == "__main__":
    main()
