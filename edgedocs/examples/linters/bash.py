"""Shell scripts: ``bash -n`` reads them and runs nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache

from edgedocs.examples.linters.base import Finding, Linter

_PATIENCE = 10
_MESSAGE = re.compile(r"^.*?: line (?P<line>\d+): (?:`(?P<quoted>.*)'$)?(?P<what>.*)$")


class BashLinter(Linter):
    """Asks the bash that is installed."""

    languages = ("bash", "sh")

    def absent(self) -> str | None:
        """See the base class."""
        return None if _bash() else "bash"

    def parse(self, text: str) -> list[Finding]:
        """See the base class."""
        program = _bash()
        assert program is not None, "whoever lints asks first what is absent"
        try:
            finished = _run([program, "--norc", "--noprofile", "-n"], text)
        except subprocess.TimeoutExpired:
            return [Finding(1, f"bash -n did not end within {_PATIENCE} s")]
        # A warning (a here-document that does not end, say) leaves the status at 0.
        matches = [_MESSAGE.match(line) for line in finished.stderr.splitlines()]
        # bash repeats the line at fault in quotes; the message before it says what is wrong.
        found = [Finding(int(match["line"]), match["what"]) for match in matches if match and match["what"]]
        if finished.returncode and not found:
            return [Finding(1, finished.stderr.strip() or f"bash -n exited with {finished.returncode}")]
        return found


def _run(command: list[str], text: str) -> subprocess.CompletedProcess[str]:
    # Without the caller's variables: BASH_ENV names a file that bash would run.
    return subprocess.run(
        command,
        input=text,
        env={"LC_ALL": "C", "PATH": ""},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=_PATIENCE,
        check=False,
    )


@cache
def _bash() -> str | None:
    """The program, if it is one: on Windows ``bash`` may be a launcher of something that is not installed."""
    program = shutil.which("bash")
    if program is None:
        return None
    try:
        return program if _run([program, "--version"], "").stdout.startswith("GNU bash") else None
    except (OSError, subprocess.TimeoutExpired):
        return None


LINTER = BashLinter()
