"""Print the recall of the checks: ``python -m tests.translation.planting [--json] [--misses] [--record]``."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from edgedocs.core.provenance import provenance
from tests.translation.planting import recall
from tests.translation.planting.corpus import FOLDER, LANGUAGES

RESULTS = FOLDER / "results.json"
PACKAGES = ("py3langid", "simplemma")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON with the machine and the versions")
    parser.add_argument("--misses", action="store_true", help="list what was missed and what was flagged in vain")
    parser.add_argument("--record", action="store_true", help=f"write {RESULTS.name} beside the corpus")
    parser.add_argument("--language", action="append", choices=LANGUAGES, help="only this language")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="edgedocs-") as temporary:
        results = [
            one for language in given.language or LANGUAGES for one in recall.outcomes(Path(temporary), language)
        ]
    rows = recall.table(results)
    document = json.dumps({"provenance": provenance(*PACKAGES), "classes": rows}, indent=2)
    if given.record:
        RESULTS.write_text(f"{document}\n", encoding="utf-8")
    print(document if given.json else recall.text(rows))
    if given.misses:
        print(*(one for one in results if not one.right), sep="\n")


if __name__ == "__main__":
    main()
