"""How long converting a checkpoint to GGUF takes beside copying its bytes, and how much memory it takes.

Makes random checkpoints of the Llama kind in a temporary folder, the same weights in F16, BF16 and F32. Copying the
file in 16 bits and converting each take turns, each in a fresh process, each flushed to disk; the median counts. So
what is copied is as many bytes as a conversion to 16 bits writes. The goals: F16 in at most 1.3 times the time of
copying, and a peak of memory of at most the largest tensor as float32 and 300 MB.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import ml_dtypes
import numpy as np
import safetensors.numpy

from edgedocs import converters
from edgedocs.checkpoint import Checkpoint
from edgedocs.core import files
from edgedocs.core.provenance import provenance

RECORD = Path(__file__).parent / "results" / "convert.json"
COPY = "copy"
CASES = (("f16", "f16"), ("bf16", "f16"), ("f32", "f16"), ("bf16", "bf16"), ("bf16", "q8_0"))
"""What is converted: the type of the checkpoint, and that of the GGUF file."""
COPIES = (("f16", COPY), ("f32", COPY))
"""What is copied: as many bytes as a conversion to 16 bits writes, the measure of all; the largest source."""
DTYPES = {"f16": np.float16, "bf16": ml_dtypes.bfloat16, "f32": np.float32}
CONFIG = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "vocab_size": 32000,
    "hidden_size": 2048,
    "intermediate_size": 5632,
    "num_attention_heads": 16,
    "num_key_value_heads": 4,
    "max_position_embeddings": 4096,
    "rms_norm_eps": 1e-5,
    "tie_word_embeddings": True,
    "rope_theta": 10000.0,
}
LAYER_BYTES = 90_000_000
ALLOWANCE = 300_000_000


def make_checkpoints(folder: Path, megabytes: int) -> None:
    """The same random weights in every type, at least as many megabytes in 16 bits as asked for; with a tokenizer."""
    embedding = CONFIG["vocab_size"] * CONFIG["hidden_size"] * 2
    layers = max(1, -(-(megabytes * 10**6 - embedding) // LAYER_BYTES))
    config = CONFIG | {"num_hidden_layers": layers}
    architecture = Checkpoint.open("tiny").architecture
    roles = architecture.tensors(architecture.spec(config))
    for name, dtype in DTYPES.items():
        (folder / name).mkdir()
        files.write_json(folder / name / "config.json", config)
        for document in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copyfile(Checkpoint.open("tiny").path / document, folder / name / document)
        generator = np.random.default_rng(0)
        tensors = {
            role.name: (generator.standard_normal(role.shape, np.float32) * np.float32(0.02)).astype(dtype)
            for role in roles
        }
        safetensors.numpy.save_file(tensors, folder / name / "model.safetensors")


def work(task: str, source: Path, target: Path) -> None:
    """One measured turn, in a process of its own; prints its seconds and its peak of memory.

    Loading Python modules is not measured.
    """
    converters.registry.get("gguf")
    start, busy = time.perf_counter(), time.process_time()
    if task == COPY:
        shutil.copyfile(source / "model.safetensors", target)
        with target.open("rb+") as stream:
            os.fsync(stream.fileno())
    else:
        converters.convert(source, target, to="gguf", type=task)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "processor": time.process_time() - busy, "peak": peak()}))


def peak() -> int:
    """The most memory that this process has had, in bytes, files that it maps included."""
    status = Path("/proc/self/status")
    if status.is_file():  # what getrusage gives on Linux is inherited from the parent process
        return next(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def turn(source: str, task: str, folder: Path) -> dict[str, float]:
    target = folder / f"{task}.gguf"
    command = [sys.executable, __file__, "--work", task, str(folder / source), str(target)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for written in folder.glob(f"{task}.gguf*"):
        written.unlink()
    return dict(json.loads(answer))


def measure(folder: Path, rounds: int) -> dict[str, object]:
    turns: dict[tuple[str, str], list[dict[str, float]]] = {case: [] for case in (*COPIES, *CASES)}
    for source in DTYPES:  # so that none is the first to read its file
        (folder / source / "model.safetensors").read_bytes()
    for _ in range(rounds):
        for case, found in turns.items():
            found.append(turn(*case, folder))
    seconds = {case: statistics.median(one["seconds"] for one in found) for case, found in turns.items()}
    tensors = Checkpoint.open(folder / "f32").tensors.values()
    largest = max(tensor.nbytes for tensor in tensors)
    copying = seconds[COPIES[0]]
    results = [
        {
            "source": source,
            "type": task,
            "seconds": round(seconds[source, task], 3),
            "ratio": round(seconds[source, task] / copying, 2),
            "least_and_most_seconds": [round(pick(one["seconds"] for one in found), 3) for pick in (min, max)],
            "processor_seconds": round(statistics.median(one["processor"] for one in found), 3),
            "peak_megabytes": round(max(one["peak"] for one in found) / 1e6),
        }
        for (source, task), found in turns.items()
    ]
    return {
        "megabytes": round((folder / "f16" / "model.safetensors").stat().st_size / 1e6),
        "largest_tensor_as_float32_megabytes": round(largest / 1e6),
        "allowed_peak_megabytes": round((largest + ALLOWANCE) / 1e6),
        "rounds": rounds,
        "load_average": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "results": results,
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=500, help="size in 16 bits, at least (500)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured, at least 5 (5)")
    parser.add_argument("--folder", type=Path, help="where to make the temporary folder; by default the system's")
    parser.add_argument("--json", action="store_true", help="print JSON with the machine and the versions")
    parser.add_argument("--record", action="store_true", help=f"write {RECORD.parent.name}/{RECORD.name} too")
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.rounds < 5:
        parser.error("a median needs at least 5 rounds")
    return given


def main() -> None:
    given = arguments()
    if given.work:
        task, folder, target = given.work
        work(task, Path(folder), Path(target))
        return
    with tempfile.TemporaryDirectory(prefix="edgedocs-", dir=given.folder) as name:
        make_checkpoints(Path(name), given.megabytes)
        found = {"provenance": provenance("numpy", "ml-dtypes"), **measure(Path(name), given.rounds)}
    if given.record:
        RECORD.parent.mkdir(exist_ok=True)
        files.write_json(RECORD, found)
    if given.json:
        print(json.dumps(found, indent=2))
        return
    print(
        f"{found['provenance']['processor']}, {found['provenance']['cores']} cores; median of {found['rounds']} turns"
    )
    print(f"{found['megabytes']} MB in 16 bits; largest tensor as float32: ", end="")
    print(f"{found['largest_tensor_as_float32_megabytes']} MB, allowed peak: {found['allowed_peak_megabytes']} MB\n")
    print(f"{'from':<5} {'to':<5} {'seconds':>8} {'x copy':>7} {'CPU s':>7} {'peak MB':>8}")
    for one in found["results"]:
        cells = (one["seconds"], one["ratio"], one["processor_seconds"], one["peak_megabytes"])
        print(f"{one['source']:<5} {one['type']:<5} {cells[0]:>8} {cells[1]:>7} {cells[2]:>7} {cells[3]:>8}")


if __name__ == "__main__":
    main()
