"""``python -m tests.fuzz PARSER --seconds 60``: look for input that a parser does not stand, with atheris.

What is found lies in the working directory as ``crash-*``; put it into ``corpus/PARSER/`` when the bug is mended.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
PARSERS = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem[:2] != "__" and path.stem[:5] != "test_")


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m tests.fuzz")
    arguments.add_argument("parser", choices=PARSERS)
    arguments.add_argument("--seconds", type=int, default=60)
    options = arguments.parse_args()
    import atheris

    with atheris.instrument_imports(include=["edgedocs"]):
        target = importlib.import_module(f"tests.fuzz.{options.parser}")
    corpus = FOLDER / "corpus" / options.parser
    limits = [f"-max_total_time={options.seconds}", "-timeout=5", "-rss_limit_mb=2048"]
    new = Path(".cache") / "fuzz" / options.parser
    new.mkdir(parents=True, exist_ok=True)
    atheris.Setup([sys.argv[0], *limits, str(new), str(corpus)], target.fuzz_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
