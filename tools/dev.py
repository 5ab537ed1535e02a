"""Everything that is done in this repository, behind one command: ``python3 tools/dev.py help``.

Needs Python 3.11 or newer and nothing else. It makes the environment ``.venv`` and runs the rest inside it.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run one command and return its exit code: 0 clean, 1 findings, 2 usage, 3 could not run."""
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python gets to see this file
        sys.stderr.write(
            "error: EdgeDocs needs Python 3.11 or newer; this is Python {}.{} ({})\n"
            "remedy: install a newer Python and run it by name, for example: python3.13 {}\n".format(
                sys.version_info[0], sys.version_info[1], sys.executable, " ".join(sys.argv)
            )
        )
        return 3
    sys.path.insert(0, str(ROOT))
    from tools.tasks.commands import run

    return run(ROOT, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
