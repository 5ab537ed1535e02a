"""``python -m edgedocs``, and the command ``edgedocs``: the command line, whose modules take a moment to be read."""

from __future__ import annotations

import sys

INTERRUPTED = 130
"""The exit code after Ctrl-C."""


def main() -> None:
    """Run the command line; Ctrl-C ends it without a traceback, from the first moment on."""
    try:
        from edgedocs.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
