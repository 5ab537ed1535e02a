"""How fast the quantizers are beside ggml's, one thread each; the goal of the NumPy reference is half of ggml's speed.

Run it with an environment that has llama-cpp-python: ``python benchmarks/quantize.py``. Both sides make a new array
from an array, in turns, and the median counts. A ratio above 1 means that ours is faster.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from edgedocs import quantizers
from edgedocs.core.provenance import provenance, versions
from edgedocs.quantizers.base import Quantizer
from tests.oracles import ggml

Result = dict[str, str | float]


def medians(rounds: int, *functions: Callable[[], object]) -> list[float]:
    """Median seconds of each function, called in turns, after one round that warms up."""
    samples: list[list[float]] = [[] for _ in functions]
    for round_number in range(rounds + 1):
        for function, sample in zip(functions, samples, strict=True):
            start = time.perf_counter()
            function()
            if round_number:
                sample.append(time.perf_counter() - start)
    return [statistics.median(sample) for sample in samples]


def result(name: str, task: str, weights: int, seconds: list[float]) -> Result:
    ours, theirs = seconds
    return {
        "format": name,
        "task": task,
        "ours_megaweights_per_second": round(weights / ours / 1e6, 1),
        "ggml_megaweights_per_second": round(weights / theirs / 1e6, 1),
        "ratio": round(theirs / ours, 2),
    }


def measure(quantizer: Quantizer, weights: np.ndarray, rounds: int) -> list[Result]:
    name = quantizer.name
    even = np.ones(weights.shape[-1], np.float32)
    given = [("encode", None)] if not quantizer.needs_importance else []
    if quantizer.uses_importance:
        given.append(("weighted", even))
    results = []
    for task, importance in given:
        encode = medians(
            rounds,
            lambda importance=importance: quantizer.quantize(weights, importance, threads=1),
            lambda importance=importance: ggml.quantize(name, weights, importance),
        )
        results.append(result(name, task, weights.size, encode))
    encoded = quantizer.quantize(weights, even if quantizer.needs_importance else None)
    if name in ggml.DECODERS:
        decode = medians(
            rounds, lambda: quantizer.dequantize(encoded, threads=1), lambda: ggml.dequantize(name, encoded)
        )
        results.append(result(name, "decode", weights.size, decode))
    return results


def table(results: list[Result]) -> str:
    lines = [f"{'format':<8} {'task':<8} {'ours Mw/s':>10} {'ggml Mw/s':>10} {'ratio':>6}"]
    for one in results:
        ours, theirs = one["ours_megaweights_per_second"], one["ggml_megaweights_per_second"]
        lines.append(f"{one['format']:<8} {one['task']:<8} {ours:>10} {theirs:>10} {one['ratio']:>6}")
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("formats", nargs="*", default=quantizers.names(), help="formats to measure (all of them)")
    parser.add_argument("--rounds", type=int, default=9, help="how often each is measured, at least 5 (9)")
    parser.add_argument("--rows", type=int, default=256, help="rows of 4096 weights (256)")
    parser.add_argument("--json", action="store_true", help="print JSON with the machine and the versions")
    given = parser.parse_args()
    if given.rounds < 5:
        parser.error("a median needs at least 5 rounds")
    return given


def main() -> None:
    given = arguments()
    weights = np.random.default_rng(0).standard_normal((given.rows, 4096), np.float32) * np.float32(0.02)
    results = [one for name in given.formats for one in measure(quantizers.get(name), weights, given.rounds)]
    machine = provenance("numpy", "llama-cpp-python")
    if given.json:
        print(json.dumps({"provenance": machine, "weights": weights.size, "rounds": given.rounds, "results": results}))
        return
    packages = ", ".join(
        f"{name} {version}" for name, version in versions("edgedocs", "numpy", "llama-cpp-python").items()
    )
    print(f"{machine['processor']}, {machine['system']}, one thread, {weights.size:,} weights")
    print(f"{packages}, Python {machine['python']}; median of {given.rounds} rounds in turns\n")
    print(table(results))


if __name__ == "__main__":
    main()
