"""How much ``import edgedocs`` and ``edgedocs --help`` add to Python's own start; the goal is 0.3 s at most.

Run it with the environment's Python: ``python benchmarks/startup.py [ROUNDS]``. The rounds are interleaved, and the
median counts.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from importlib.metadata import version

BASELINE = "python -c pass"
HELP = "import sys; sys.argv = ['edgedocs', '--help']; from edgedocs.cli import main; main()"
COMMANDS = {
    BASELINE: [sys.executable, "-c", "pass"],
    "import edgedocs": [sys.executable, "-c", "import edgedocs"],
    "edgedocs --help": [sys.executable, "-c", HELP],
}


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def measure(rounds: int) -> dict[str, float]:
    """Median seconds of each command, after one round that warms the file cache."""
    samples: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for round_number in range(rounds + 1):
        for name, command in COMMANDS.items():
            taken = seconds(command)
            if round_number:
                samples[name].append(taken)
    return {name: statistics.median(values) for name, values in samples.items()}


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    medians = measure(rounds)
    baseline = medians[BASELINE]
    report = {
        "machine": platform.machine(),
        "system": platform.system(),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "edgedocs": version("edgedocs"),
        "rounds": rounds,
        "seconds": {name: round(value, 4) for name, value in medians.items()},
        "seconds_more_than_python": {name: round(value - baseline, 4) for name, value in medians.items()},
        "ratio_to_python": {name: round(value / baseline, 2) for name, value in medians.items()},
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
