import os
import subprocess
import sys
from pathlib import Path

from edgedocs.publishing.scaffolding import scaffold

scaffold(Path("my-docs"), [])
recorded = Path("my-docs/snippets/01-rounding/rounding.out")
text = recorded.read_text(encoding="utf-8")
recorded.write_text(text.replace("0.1386", "0.1387"), encoding="utf-8")  # one digit, on purpose

example = "my-docs/docs/01-rounding.md::01-rounding#rounding"
command = [sys.executable, "-m", "pytest", example, "-q", "-p", "no:cacheprovider"]
surroundings = {name: value for name, value in os.environ.items() if name != "EDGEDOCS_MODEL"}
run = subprocess.run(command, capture_output=True, text=True, check=False, env=surroundings)

for line in run.stdout.splitlines():
    if line.startswith(("1 -", "1 +", "remedy", "FAILED")):
        print(line)
assert run.returncode == 1, "a wrong digit went unnoticed"
