"""A runner in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

USED = "runner.generate('The', max_tokens=2)"


def used_alone(folder: Path, use: str = USED) -> tuple[int, bytes, bytes]:
    """Exit status, output and errors of a process that loads a model and runs a statement with ``runner``."""
    script = f"import sys\nfrom edgedocs import runners\nwith runners.load(sys.argv[1]) as runner:\n    {use}\n"
    done = subprocess.run([sys.executable, "-c", script, os.fspath(folder)], capture_output=True, timeout=120)
    return done.returncode, done.stdout, done.stderr
