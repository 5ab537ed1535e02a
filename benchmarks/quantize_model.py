"""How fast whole models are quantized, beside ``llama_model_quantize`` with the same number of threads.

Run it with an environment that has llama-cpp-python: ``python benchmarks/quantize_model.py --types q4_k_m,iq4_xs``. It
makes a model of random weights in F16, then both sides quantize it in turns, each time in a new process, and the median
counts. Ours is the whole command ``edgedocs quantize``, from the start of Python to its end, with the new file's bytes
on the disk and both files hashed for the manifest. Theirs is the call alone; its second figure is with the bytes on
the disk, as ours. A ratio above 1 means that ours is faster.

Memory is the greatest resident memory that is not a mapping of a file.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from edgedocs.core.processors import processors
from edgedocs.core.provenance import provenance
from edgedocs.quantizers import recipes
from tests.oracles import llama

WIDTH, INNER, VOCABULARY = 2048, 5632, 32000
ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "quantize_model.json"
SHOWN = ROOT / "snippets" / "speed" / "quantize_model.txt"


def write_source(path: Path, megabytes: int) -> dict[str, int]:
    """A model of the shape of small Llamas, as many layers as make up the size; returns what it holds."""
    random = np.random.default_rng(0)
    sample = (random.standard_normal(1 << 24, np.float32) * np.float32(0.02)).astype(np.float16)

    def weights(rows: int, columns: int) -> np.ndarray:
        start = int(random.integers(0, 1 << 20))
        return np.resize(sample[start:], rows * columns).reshape(rows, columns)

    layer = 2 * (2 * WIDTH * WIDTH + 2 * WIDTH * WIDTH // 4 + 3 * WIDTH * INNER)
    layers = max(1, -(-(megabytes * 10**6 - 2 * VOCABULARY * WIDTH) // layer))
    tensors: dict[str, np.ndarray] = {
        "token_embd.weight": weights(VOCABULARY, WIDTH),
        "output_norm.weight": np.ones(WIDTH, np.float32),
    }
    for number in range(layers):
        shapes = {"attn_q": (WIDTH, WIDTH), "attn_k": (WIDTH // 4, WIDTH), "attn_v": (WIDTH // 4, WIDTH)}
        shapes |= {"attn_output": (WIDTH, WIDTH), "ffn_gate": (INNER, WIDTH), "ffn_up": (INNER, WIDTH)}
        shapes |= {"ffn_down": (WIDTH, INNER)}
        tensors |= {f"blk.{number}.{name}.weight": weights(*shape) for name, shape in shapes.items()}
        tensors |= {f"blk.{number}.{name}.weight": np.ones(WIDTH, np.float32) for name in ("attn_norm", "ffn_norm")}
    llama.write_model(path, tensors, layers=layers, heads=16, key_heads=4)
    return {
        "bytes": path.stat().st_size,
        "weights": sum(one.size for one in tensors.values()),
        "largest_tensor_as_float32_bytes": max(4 * one.size for one in tensors.values()),
    }


class Memory:
    """The greatest anonymous resident memory of this process, looked at every few milliseconds; Linux only."""

    def __init__(self) -> None:
        self.peak = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.005):
            try:
                lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
            except OSError:
                return
            self.peak = max(self.peak, *(1024 * int(line.split()[1]) for line in lines if line.startswith("RssAnon")))


def ours(source: Path, target: Path, kind: str, threads: int) -> dict[str, Any]:
    from edgedocs.cli import main

    with Memory() as memory:
        sys.argv = ["edgedocs", "quantize", str(source), str(target), "--type", kind, "--threads", str(threads)]
        try:
            main()
        except SystemExit as end:
            if end.code:
                raise
    return {"memory": memory.peak}


def theirs(source: Path, target: Path, kind: str, threads: int) -> dict[str, Any]:
    with Memory() as memory:
        start = time.perf_counter()
        assert llama.quantize(source, target, recipes.recipe(kind).file_type, nthread=threads)
        seconds = time.perf_counter() - start
        with target.open("rb+") as stream:
            os.fsync(stream.fileno())
        return {"seconds": seconds, "durable_seconds": time.perf_counter() - start, "memory": memory.peak}


def child(side: str, source: Path, target: Path, kind: str, threads: int) -> dict[str, Any]:
    """One run in a new process."""
    command = [sys.executable, __file__, "--child", side, str(source), str(target), "--types", kind]
    # Python keeps what it has compiled, as it does wherever nobody forbids it.
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    done = subprocess.run(
        [*command, "--threads", str(threads)], capture_output=True, text=True, check=False, env=surroundings
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{side} failed:\n{done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    target.unlink()
    return {"seconds": seconds, "durable_seconds": seconds} | result


def measure(source: Path, kind: str, threads: int, rounds: int) -> dict[str, Any]:
    samples: dict[str, list[dict[str, Any]]] = {"ours": [], "theirs": []}
    child("ours", source, source.with_name("ours.gguf"), kind, threads)  # which compiles
    for _ in range(rounds):
        for side, sample in samples.items():
            sample.append(child(side, source, source.with_name(f"{side}.gguf"), kind, threads))
    middle = {
        side: {key: statistics.median(one[key] for one in sample) for key in sample[0]}
        for side, sample in samples.items()
    }
    return {
        "type": kind,
        "ours_seconds": round(middle["ours"]["seconds"], 3),
        "llama_seconds": round(middle["theirs"]["seconds"], 3),
        "llama_durable_seconds": round(middle["theirs"]["durable_seconds"], 3),
        "ratio": round(middle["theirs"]["seconds"] / middle["ours"]["seconds"], 2),
        "durable_ratio": round(middle["theirs"]["durable_seconds"] / middle["ours"]["seconds"], 2),
        "ours_memory_bytes": int(max(one["memory"] for one in samples["ours"])),
        "llama_memory_bytes": int(max(one["memory"] for one in samples["theirs"])),
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--types", default="q4_k_m,q5_k_m,q3_k_m,q6_k,iq4_xs,q8_0,q4_0", help="recipes, by commas")
    parser.add_argument("--threads", type=int, default=processors(), help="of both (all processors)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured, at least 5 (5)")
    parser.add_argument("--megabytes", type=int, default=520, help="of the model at least (520)")
    parser.add_argument("--json", action="store_true", help="print JSON with the machine and the versions")
    parser.add_argument("--record", action="store_true", help="write the results for the handbook as well")
    parser.add_argument("--child", nargs=3, metavar=("SIDE", "SOURCE", "TARGET"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.rounds < 5:
        parser.error("a median needs at least 5 rounds")
    return given


def run(given: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="edgedocs-") as folder:
        source = Path(folder) / "source.gguf"
        model = write_source(source, given.megabytes)
        results = []
        for kind in given.types.split(","):
            results.append(measure(source, kind, given.threads, given.rounds))
            print(".", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
    return {
        "provenance": provenance("numpy", "numba", "llama-cpp-python"),
        "command": f"python benchmarks/quantize_model.py --types {given.types} --threads {given.threads} "
        f"--megabytes {given.megabytes}",
        "threads": given.threads,
        "rounds": given.rounds,
        "model": model,
        "results": results,
    }


def table(document: dict[str, Any]) -> str:
    machine, model = document["provenance"], document["model"]
    packages = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    lines = [
        f"{machine['processor']}, {machine['system']}, {document['threads']} threads, {machine['date'][:10]}",
        packages,
        f"{model['weights']:,} weights in F16, {model['bytes']:,} bytes;",
        f"largest tensor as float32 {model['largest_tensor_as_float32_bytes']:,} bytes;",
        f"median of {document['rounds']} rounds in turns",
        "",
        f"{'type':<8} {'ours s':>7} {'llama s':>8} {'on disk s':>10} {'ratio':>6} {'on disk':>8} "
        f"{'ours MB':>8} {'llama MB':>9}",
    ]
    for one in document["results"]:
        lines.append(
            f"{one['type']:<8} {one['ours_seconds']:>7.2f} {one['llama_seconds']:>8.2f} "
            f"{one['llama_durable_seconds']:>10.2f} {one['ratio']:>6.2f} {one['durable_ratio']:>8.2f} "
            f"{one['ours_memory_bytes'] / 1e6:>8.0f} {one['llama_memory_bytes'] / 1e6:>9.0f}"
        )
    return "\n".join(lines)


def main() -> None:
    given = arguments()
    if given.child:
        side, source, target = given.child
        run_side = {"ours": ours, "theirs": theirs}[side]
        print(json.dumps(run_side(Path(source), Path(target), given.types, given.threads)))
        return
    document = run(given)
    if given.record:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        SHOWN.parent.mkdir(exist_ok=True)
        SHOWN.write_text(table(document) + "\n", encoding="utf-8")
    print(json.dumps(document) if given.json else table(document))


if __name__ == "__main__":
    main()
