"""How fast formats are encoded and decoded, beside ggml and gguf-py.

Run it with an environment that has llama-cpp-python: ``python benchmarks/quantize.py --threads 1``. All sides make a
new array from an array, in turns, and the median counts. With one thread the time is that of the processor, so that
other processes disturb it less; with several it is that of the clock, ggml gets as many threads, and another column
tells how much of that many times one thread's speed ours reaches. A ratio above 1 means that ours is faster.

Where the C library is glibc, all sides use memory again that was freed; else it is chance who waits for fresh pages.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gguf
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from edgedocs import quantizers
from edgedocs.core.provenance import provenance
from edgedocs.quantizers import kernels
from edgedocs.quantizers.base import Quantizer
from tests.oracles import ggml

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
SHOWN = ROOT / "snippets" / "speed"
COLUMNS = 4096
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # of malloc.h

Result = dict[str, Any]
Work = Callable[[], object]


def medians(rounds: int, functions: dict[str, Work], clock: Callable[[], float]) -> dict[str, float]:
    """Median seconds of each function, called in turns, after one round that warms up and compiles."""
    samples: dict[str, list[float]] = {name: [] for name in functions}
    for number in range(rounds + 1):
        for name, function in functions.items():
            start = clock()
            function()
            if number:
                samples[name].append(clock() - start)
    return {name: statistics.median(sample) for name, sample in samples.items()}


class Peers:
    """What the others do, with as many threads."""

    def __init__(self, name: str, threads: int) -> None:
        self.name, self.threads = name, threads
        self.pool = ThreadPoolExecutor(threads)

    def ggml_encode(self, weights: np.ndarray, importance: np.ndarray | None) -> Work:
        parts = np.array_split(weights, self.threads)
        return lambda: list(self._map(lambda part: ggml.quantize(self.name, part, importance), parts))

    def ggml_decode(self, encoded: np.ndarray) -> Work:
        parts = np.array_split(encoded, self.threads)
        return lambda: list(self._map(lambda part: ggml.dequantize(self.name, part), parts))

    def gguf_py(self, function: Callable[..., object], given: np.ndarray) -> Work | None:
        """None where that package lacks the format; it knows no threads."""
        kind = getattr(gguf.GGMLQuantizationType, self.name, None)
        try:
            function(given[:1], kind)
        except (NotImplementedError, AttributeError, KeyError):
            return None
        return lambda: function(given, kind)

    def _map(self, work: Callable[[np.ndarray], object], parts: list[np.ndarray]) -> Any:
        return map(work, parts) if self.threads == 1 else self.pool.map(work, parts)


def measure(quantizer: Quantizer, weights: np.ndarray, rounds: int, threads: int) -> list[Result]:
    """The results of the format's tasks: encode, encode with importance (``weighted``), decode."""
    peers = Peers(quantizer.name, threads)
    even = np.ones(weights.shape[-1], np.float32)
    given: list[tuple[str, np.ndarray | None]] = [] if quantizer.needs_importance else [("encode", None)]
    given += [("weighted", even)] if quantizer.uses_importance else []
    tasks: dict[str, dict[str, Work | None]] = {
        task: {
            "ours": lambda importance=importance: quantizer.quantize(weights, importance, threads),
            "ggml": peers.ggml_encode(weights, importance),
            "gguf_py": peers.gguf_py(gguf.quants.quantize, weights) if task == "encode" else None,
            "one_thread": lambda importance=importance: quantizer.quantize(weights, importance, 1),
        }
        for task, importance in given
    }
    encoded = quantizer.quantize(weights, even if quantizer.needs_importance else None)
    if quantizer.name in ggml.DECODERS:
        tasks["decode"] = {
            "ours": lambda: quantizer.dequantize(encoded, threads=threads),
            "ggml": peers.ggml_decode(encoded),
            "gguf_py": peers.gguf_py(gguf.quants.dequantize, encoded),
            "one_thread": lambda: quantizer.dequantize(encoded, threads=1),
        }
    return [result(quantizer.name, task, weights.size, sides, rounds, threads) for task, sides in tasks.items()]


def result(name: str, task: str, weights: int, sides: dict[str, Work | None], rounds: int, threads: int) -> Result:
    functions = {side: work for side, work in sides.items() if work and (side != "one_thread" or threads > 1)}
    seconds = medians(rounds, functions, time.thread_time if threads == 1 else time.perf_counter)
    found: Result = {"format": name, "task": task}
    for side in ("ours", "ggml", "gguf_py"):
        found[f"{side}_megaweights_per_second"] = round(weights / seconds[side] / 1e6, 1) if side in seconds else None
    found["ratio"] = round(seconds["ggml"] / seconds["ours"], 2)
    if "one_thread" in seconds:
        found["of_linear"] = round(seconds["one_thread"] / seconds["ours"] / threads, 2)
    return found


def table(document: dict[str, Any]) -> str:
    machine = document["provenance"]
    packages = [f"{name} {version}" for name, version in machine["versions"].items()]
    lines = [
        f"{machine['processor']}, {machine['system']}, {document['threads']} of {machine['cores']} cores, "
        f"{document['weights']:,} weights, {machine['date'][:10]}",
        f"{', '.join(packages[:3])},",
        f"{', '.join(packages[3:])}, Python {machine['python']}; engine {document['engine']};",
        f"median of {document['rounds']} rounds in turns; million weights a second",
        "",
        f"{'format':<8} {'task':<8} {'ours':>8} {'ggml':>8} {'gguf-py':>8} {'ours/ggml':>10}"
        + (f" {'of linear':>10}" if document["threads"] > 1 else ""),
    ]
    for one in document["results"]:
        numbers = [one[f"{side}_megaweights_per_second"] for side in ("ours", "ggml", "gguf_py")]
        cells = " ".join(f"{'' if number is None else number:>8}" for number in numbers)
        linear = f" {one['of_linear']:>10.2f}" if "of_linear" in one else ""
        lines.append(f"{one['format']:<8} {one['task']:<8} {cells} {one['ratio']:>10.2f}{linear}")
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    every = [name for name in quantizers.names() if name != "f32"]  # which only copies
    parser.add_argument("formats", nargs="*", default=every, help="formats to measure (all of them)")
    parser.add_argument("--threads", type=int, default=1, help="of ours and of ggml (1)")
    parser.add_argument("--rounds", type=int, default=7, help="how often each is measured, at least 5 (7)")
    parser.add_argument("--rows", type=int, help=f"rows of {COLUMNS} weights (256; with several threads 8192)")
    parser.add_argument("--json", action="store_true", help="print JSON with the machine and the versions")
    parser.add_argument("--record", action="store_true", help="write the results for the handbook as well")
    given = parser.parse_args()
    if given.rounds < 5:
        parser.error("a median needs at least 5 rounds")
    given.rows = given.rows or (256 if given.threads == 1 else 8192)
    return given


def keep_memory() -> None:
    """Have glibc keep what is freed."""
    if hasattr(library := ctypes.CDLL(None), "gnu_get_libc_version"):
        library.mallopt(_MMAP_MAX, 0)
        library.mallopt(_TRIM_THRESHOLD, -1)


def main() -> None:
    given = arguments()
    if os.name == "posix":
        keep_memory()
    # What is measured is what a large model gets: kernels from the first weight on, where there are kernels.
    os.environ[kernels.VARIABLE] = kernels.engine()
    weights = np.random.default_rng(0).standard_normal((given.rows, COLUMNS), np.float32) * np.float32(0.02)
    results: list[Result] = []
    for name in given.formats:
        results += measure(quantizers.get(name), weights, given.rounds, given.threads)
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    document = {
        "provenance": provenance("numpy", "numba", "llama-cpp-python", "gguf"),
        "command": " ".join(["python", "benchmarks/quantize.py", *sys.argv[1:]]),
        "engine": kernels.engine(),
        "threads": given.threads,
        "rounds": given.rounds,
        "weights": weights.size,
        "results": results,
    }
    if given.record:
        name = "quantize" if given.threads == 1 else "quantize-threads"
        (RESULTS / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        (SHOWN / f"{name}.txt").write_text(table(document) + "\n", encoding="utf-8")
    print(json.dumps(document) if given.json else table(document))


if __name__ == "__main__":
    main()
