"""How long status and check of a tree of translations take, beside reading it and beside Co-op Translator.

Run it with the environment's Python: ``python benchmarks/translation.py [--pages 500] [--rounds 5] [--json]``. It
prints the goals beside what was reached; ``--record`` also writes benchmarks/results/translation.json, and the table
that the handbook shows.

The tree is built from the corpus of the tests: every page is one of its pages with the sections turned and a mark in
every text, so that no two pages share a text; four languages, each also under names of its regions, make ten. ``--tree
SOURCE TRANSLATIONS`` times a tree of your own instead, of which ``--language`` takes some languages. ``--peer FOLDER``
names a virtual environment with co-op-translator; its plan (``translate --dry-run``) and its review
(``co-op-review``), which need no key, are then timed on the same texts, laid out as it does.

Every figure is a command from start to end; the rounds are interleaved and medians count. "check" keeps nothing from an
earlier run; "check again" finds what a run before kept, and nothing has changed since. Beside the seconds that pass,
those of all its processes on a processor are counted, which other work on the machine changes less. "floor" is Python
reading and hashing every file. The peer's commands take minutes on a large tree: ``--peer-rounds`` makes fewer of
theirs. Where pages are outdated, their plan counts tokens with a vocabulary from the network and waits for it: without
a network leave it out with ``--only``. Nothing is asserted.
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
import textwrap
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgedocs.core.caching import VARIABLE
from edgedocs.core.files import write_json, write_text
from edgedocs.core.provenance import provenance
from edgedocs.translation import Tree, record
from edgedocs.translation.header import find as find_header
from edgedocs.translation.records import find as find_records

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "translation" / "corpus"
PAGES = ("04-gguf.md", "formats.md", "index.md")
LANGUAGES = ("cs", "et", "pl", "sl", "cs-CZ", "et-EE", "pl-PL", "sl-SI", "pl-LT", "sl-AT")
PEER_LANGUAGES = ("cs", "et", "pl", "sl", "bg", "fi", "hr", "lt", "ro", "sk")
"""The peer knows no regions; it does not look at the language of a text."""
RESULTS = ROOT / "benchmarks" / "results" / "translation.json"
SHOWN = ROOT / "snippets" / "speed"
GOALS = {
    "status / floor": "at most 5",
    "peer plan / status": "at least 20",
    "peer review / check": "at least 50",
    "peer review / check again": "at least 50",
}
"""What is aimed at, on trees of 5,000 pairs."""

WAYS = ("floor", "status", "status, no seals", "check", "check again", "peer plan", "peer review")

FLOOR = """
import hashlib, os, sys
apart, *folders = sys.argv[1:]
for folder in folders:
    for below, within, names in os.walk(folder):
        within[:] = [name for name in within if os.path.join(below, name) != apart]
        for name in names:
            if name.endswith((".md", ".ipynb")):
                with open(os.path.join(below, name), "rb") as file:
                    hashlib.md5(file.read()).digest()
"""
_SEAL = re.compile(rb',\r?\n  "edgedocs_seal": "[^"]*"')
_WIDTH = 100
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


def pairs_of(tree: Tree, languages: Sequence[str]) -> int:
    """How many pairs of pages a tree has."""
    pages = set(tree.pages())
    return sum(len(pages & set(tree.translated_pages(language))) for language in languages)


def our_ways(tree: Tree, without_seals: Tree | None, languages: Sequence[str]) -> list[Way]:
    """What of ours is timed, after the floor."""
    command = (sys.executable, "-m", "edgedocs", "translate")
    chosen = [option for language in languages for option in ("--language", language)]
    folders = ("--source", str(tree.source.resolve()), "--translations", str(tree.translations.resolve()), *chosen)
    pairs, here = pairs_of(tree, languages), tree.translations
    source, translations = str(tree.source.resolve()), tree.translations.resolve()
    read = (str(translations), source, *(str(translations / language) for language in languages))
    ways = [
        Way("floor", (sys.executable, "-c", FLOOR, *read), here, pairs),
        Way("status", (*command, "status", *folders, "--json"), here, pairs),
    ]
    if without_seals:
        other = ("--source", str(without_seals.source), "--translations", str(without_seals.translations))
        ways.append(Way("status, no seals", (*command, "status", *other, "--json"), here, pairs))
    check = (*command, "check", *folders, "--json")
    return [*ways, Way("check", (*check, "--no-cache"), here, pairs), Way("check again", check, here, pairs)]


def peer_ways(peer: Path, root: Path, translations: Path, languages: tuple[str, ...], pairs: int) -> list[Way]:
    """What of the peer is timed: commands that need no key and write nothing."""
    scripts = peer / ("Scripts" if os.name == "nt" else "bin")
    folders = ("--root-dir", str(root), "--translations-dir", str(translations))
    codes = " ".join(languages)
    plan = (str(scripts / "translate"), "-l", codes, "-md", *folders, "--dry-run", "--yes")
    review = (str(scripts / "co-op-review"), "-l", codes, *folders, "--format", "json")
    return [Way("peer plan", plan, root, pairs), Way("peer review", review, root, pairs)]


def processor_seconds() -> float:
    """What finished child processes have taken of the processors, their own children included."""
    times = os.times()
    return times.children_user + times.children_system


def seconds(way: Way, environment: dict[str, str]) -> tuple[tuple[float, float], subprocess.CompletedProcess[bytes]]:
    """How long a command takes, by the clock and on processors, and what it gave; findings are no failure."""
    start, before = time.perf_counter(), processor_seconds()
    done = subprocess.run(
        way.command, cwd=way.folder, env=environment, capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    taken = time.perf_counter() - start, processor_seconds() - before
    if done.returncode not in (0, 1) or b"Traceback" in done.stderr:
        sys.exit(f"{way.name} failed: {done.stderr.decode(errors='replace')[-2000:]}")
    return taken, done


def measure(
    ways: list[Way], rounds: int, peer_rounds: int, cache: Path
) -> tuple[dict[str, dict[str, float]], dict[str, bytes]]:
    """Median seconds of each way, by the clock and on processors, and what each printed last.

    Before the first round every file is read once, so that all are in the system's cache, and findings are kept in the
    folder ``cache``.
    """
    environment = {**os.environ, VARIABLE: str(cache)}
    samples: dict[str, list[tuple[float, float]]] = {way.name: [] for way in ways}
    printed = {}
    for number in range(rounds + 1):
        for way in ways:
            if way.name.startswith("peer") and not 0 < number <= peer_rounds:
                continue
            taken, done = seconds(way, environment)
            printed[way.name] = done.stdout
            if number:
                samples[way.name].append(taken)
    kinds = ("clock", "processors")
    medians = {
        kind: {name: statistics.median(pair[place] for pair in values) for name, values in samples.items()}
        for place, kind in enumerate(kinds)
    }
    return medians, printed


def report(given: argparse.Namespace) -> dict[str, Any]:
    """What was measured, as JSON-ready data."""
    with tempfile.TemporaryDirectory(prefix="edgedocs-") as temporary:
        if given.tree:
            tree, without, root = Tree.open(*given.tree), None, given.tree[0]
            translations, languages = given.tree[1].resolve(), tuple(given.language or tree.languages())
        else:
            tree, without, root = build(Path(temporary).resolve(), given.pages)
            translations, languages = root / "translations", PEER_LANGUAGES
        ours = languages if given.tree else LANGUAGES
        ways = our_ways(tree, without, ours)
        if given.peer:
            ways += peer_ways(given.peer.absolute(), root.resolve(), translations, languages, ways[0].pairs)
        ways = [way for way in ways if way.name in (given.only or WAYS)]
        peer_rounds = given.rounds if given.peer_rounds is None else given.peer_rounds
        medians, printed = measure(ways, given.rounds, peer_rounds, Path(temporary) / "cache")
        found = json.loads(printed["check"])["findings"] if "check" in printed else []
        return {
            "provenance": {**provenance("py3langid", "simplemma"), "peer": peer_version(given.peer)},
            "command": " ".join(["python", "benchmarks/translation.py", *shown(sys.argv[1:])]),
            "rounds": given.rounds,
            "peer rounds": peer_rounds if given.peer else None,
            "load": [round(load, 2) for load in os.getloadavg()] if hasattr(os, "getloadavg") else None,
            "pages": len(tree.pages()),
            "languages": len(ours),
            "pairs": ways[0].pairs,
            "findings": dict(sorted(Counter(f"{f['check']}, {f['severity']}" for f in found).items())),
            "peer findings": peer_findings(printed.get("peer review")),
            "seconds": {
                kind: {name: round(value, 3) for name, value in some.items()} for kind, some in medians.items()
            },
            "ratios": {kind: ratios(some) for kind, some in medians.items()},
            "goals": GOALS,
        }


def peer_findings(printed: bytes | None) -> int | None:
    """How many issues the peer's review lists, if it was run."""
    if not printed:
        return None
    try:
        document = json.loads(printed)
    except ValueError:
        return None
    issues = document.get("issues") if isinstance(document, dict) else None
    return len(issues) if isinstance(issues, list) else None


def shown(arguments: Sequence[str]) -> list[str]:
    """The arguments without the folders of the machine."""
    return [Path(one).name if Path(one).is_absolute() else one for one in arguments]


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
        "check again / floor": ("check again", "floor"),
        "peer review / check": ("peer review", "check"),
        "peer review / check again": ("peer review", "check again"),
    }
    present = {name: couple for name, couple in couples.items() if set(couple) <= medians.keys()}
    return {name: round(medians[above] / medians[below], 2) for name, (above, below) in present.items()}


def text(found: dict[str, Any]) -> str:
    """The report for people."""
    machine = found["provenance"]
    clock, used = found["seconds"]["clock"], found["seconds"]["processors"]
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}",
        f"edgedocs {machine['versions']['edgedocs']}, peer: {machine['peer'] or 'none'}; "
        f"median of {found['rounds']} rounds in turns"
        + (f", of the peer {found['peer rounds']}" if found["peer rounds"] else ""),
        f"{found['pages']} pages, {found['languages']} languages, {found['pairs']} pairs\n",
        f"{'seconds':<29} {'clock':>9} {'processors':>11}",
        *(f"{name:<29} {clock[name]:>9.3f} {used[name]:>11.3f}" for name in clock),
        "",
        f"{'ratios':<29} {'clock':>9} {'processors':>11}",
        *(
            f"{name:<29} {value:>9.2f} {found['ratios']['processors'][name]:>11.2f}"
            + (f"   goal: {GOALS[name]}" if name in GOALS else "")
            for name, value in found["ratios"]["clock"].items()
        ),
    ]
    counts = "; ".join(f"{count} {name}" for name, count in found["findings"].items())
    if "check" in clock:
        lines += ["", *textwrap.wrap(f"findings: {counts or 'none'}", _WIDTH)]
    return "\n".join(lines)


def write_result(found: dict[str, Any]) -> None:
    """Put the result beside that of the other tree."""
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    is_built = "--tree" not in found["command"]
    write_json(RESULTS, {**known, "built tree" if is_built else "real pages": found})
    write_text(SHOWN / f"translation-{'built' if is_built else 'real'}.txt", text(found) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=500, help="pages of the tree that is built (500)")
    parser.add_argument("--tree", nargs=2, type=Path, metavar=("SOURCE", "TRANSLATIONS"), help="time this tree")
    parser.add_argument("--language", action="append", help="of that tree, this language; may be given several times")
    parser.add_argument("--record", action="store_true", help="also write the results for the handbook")
    parser.add_argument("--peer", type=Path, help="virtual environment with co-op-translator")
    parser.add_argument("--only", action="append", choices=WAYS, help="measure this alone; may be given several times")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured, at least 5 (5)")
    parser.add_argument("--peer-rounds", type=int, help="how often the peer's are measured, at least 1 (as ours)")
    parser.add_argument("--json", action="store_true", help="print JSON with the machine and the versions")
    given = parser.parse_args()
    if given.rounds < 5:
        parser.error("a median needs at least 5 rounds")
    if given.peer_rounds is not None and not 1 <= given.peer_rounds <= given.rounds:
        parser.error("the peer has at least one round, and no more than ours")
    found = report(given)
    if given.record:
        write_result(found)
    print(json.dumps(found, indent=2) if given.json else text(found))


if __name__ == "__main__":
    main()
