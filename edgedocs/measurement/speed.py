"""Speed: how fast a model reads and generates, how long it takes to begin, and how much memory it needs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from edgedocs import runners
from edgedocs.architectures import for_config
from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.gguf import is_gguf
from edgedocs.containers.gguf_split import open_gguf
from edgedocs.core import files
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.core.progress import Progress
from edgedocs.core.provenance import provenance
from edgedocs.inspection import inspect
from edgedocs.measurement.bandwidth import Spread, bandwidth, roofline
from edgedocs.measurement.fresh_process import FIRST
from edgedocs.measurement.memory_formulas import Shape
from edgedocs.measurement.report import stored_model
from edgedocs.runners import Runner
from edgedocs.runners.base import CHUNK, default_threads
from edgedocs.runners.sources import Source, is_checkpoint, locate

ITEM_BYTES = {"float16": 2, "bfloat16": 2, "float32": 4}
PROCESSES = 3
"""Fresh processes that are started."""
LONGEST_START = 3600.0


def speed(
    source: Source,
    backend: str | None = None,
    prompt: int = 128,
    generate: int = 32,
    repeats: int = 5,
    threads: Sequence[int] | None = None,
    progress: Progress | None = None,
    command: str | None = None,
) -> dict[str, Any]:
    """Measure how fast a model is.

    Args:
        source: an artifact, a checkpoint, the path of one, or ``"tiny"``.
        backend: the runner's name; None takes the first that loads the model.
        prompt: tokens that are read.
        generate: tokens that are generated, one after the other.
        repeats: how often, after once that does not count.
        threads: numbers of threads to try; None is the runners' own number.
        progress: called with the steps done and the steps in all.
        command: the command that asks for this, for the record.

    Returns:
        What ``schema.json`` beside this module calls ``speed``. For each number of threads the median and the
        quartiles of ``prefill`` and ``decode`` in tokens a second and of ``first_token_seconds``, from the prompt to
        the first token; the ``bandwidth`` in bytes a second with as many threads, and the ``roofline``: the tokens a
        second that it allows, if each reads all of ``weights_bytes`` as they are loaded. Of fresh processes
        ``cold_start_seconds``, from their start to the first token, and ``peak_memory_bytes``. ``cache``: the bytes of
        keys and values by formula, for the whole context and for what was held at the end, and as the engine reports
        them: llama.cpp for the context, ONNX Runtime what it holds.

    Raises:
        BadInput: if the model or an option cannot be right.
        CannotRun: if the runner is missing or fails, or a fresh process ends before its time.
    """
    if min(prompt, generate, repeats, *(threads or [1])) < 1:
        raise BadInput("a number of tokens, repeats or threads below 1", expected="1 or more")
    path = locate(source)
    stored = stored_model(path)
    tried = list(dict.fromkeys(threads or [default_threads()]))
    steps, done = len(tried) * (repeats + 1) + PROCESSES, 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, steps)

    sweep = []
    for number in tried:
        with runners.load(path, backend=backend, threads=number) as runner:
            if prompt + generate > runner.context_length:
                raise BadInput(
                    f"{prompt} tokens to read and {generate} to generate",
                    where=path,
                    expected=f"at most {runner.context_length} together, the context length",
                )
            sweep.append(_with_threads(runner, number, prompt, generate, repeats, step))
            name, precision, distribution = runner.name, dict(runner.precision), runner.distribution
            formula, context = cache_formula(runner), runner.context_length
            per_token = inspect(runner.path).tensor_bytes
    fresh = _fresh_processes(path, name, prompt, generate, tried[0], step)
    for one in sweep:
        one["roofline"] = roofline(one["bandwidth"]["median"], per_token)
    return {
        "measurement": "speed",
        **stored,
        "backend": name,
        "precision": precision,
        "prompt_tokens": prompt,
        "generated_tokens": generate,
        "sweep": sweep,
        **fresh["times"],
        "weights_bytes": per_token,
        "cache": {
            "bytes_a_token": formula,
            "context": context,
            "context_bytes": None if formula is None else formula * context,
            "held_tokens": prompt + generate - 1,
            "held_bytes": None if formula is None else formula * (prompt + generate - 1),
            "reported_bytes": fresh["cache_bytes"],
        },
        "command": command,
        "provenance": provenance("numpy", distribution),
    }


def extended(runner: Runner, tokens: Sequence[int], count: int) -> list[float]:
    """Read tokens and generate greedily; seconds that reading and each new token took.

    The text's end does not end it, so that every repetition does the same work.
    """
    times = []
    runner._begin()
    pending = list(tokens)
    for _ in range(count):
        start = time.perf_counter()
        for begin in range(0, len(pending), CHUNK):
            last = runner._forward(pending[begin : begin + CHUNK], every=False)
        pending = [int(last[-1].argmax())]
        times.append(time.perf_counter() - start)
    return times


def cache_formula(runner: Runner) -> int | None:
    """The bytes of the key-value cache a token, by formula; None where the model's shape is not known."""
    item = ITEM_BYTES.get(runner.precision.get("key_value_cache", ""))
    shape = _shape(runner.path)
    return None if item is None or shape is None else shape.cache_bytes(1, item)


def _shape(path: Path) -> Shape | None:
    if is_gguf(path):
        return _shape_of_gguf(path)
    if is_checkpoint(path):
        return Shape.of(path.name, Checkpoint.open(path).spec)
    if (path / "config.json").is_file():
        config = files.read_json_object(path / "config.json")
        return Shape.of(path.name, for_config(config).spec(config))
    return None


def _shape_of_gguf(path: Path) -> Shape | None:
    metadata: Any = open_gguf(path).metadata
    name = metadata.get("general.architecture")
    if metadata.get(f"{name}.attention.sliding_window"):
        return None  # layers with a window hold fewer tokens
    heads = metadata.get(f"{name}.attention.head_count")
    wanted: dict[str, Any] = {
        "layers": metadata.get(f"{name}.block_count"),
        "hidden": metadata.get(f"{name}.embedding_length"),
        "heads": heads,
        "key_value_heads": metadata.get(f"{name}.attention.head_count_kv", heads),
    }
    if not all(isinstance(one, int) and one > 0 for one in wanted.values()):
        return None  # some families have a number for each layer
    size = metadata.get(f"{name}.attention.key_length", wanted["hidden"] // wanted["heads"])
    return Shape(path.name, **wanted, feed_forward=0, head_size=size, vocabulary=0, tied=True)


def _with_threads(runner: Runner, threads: int, prompt: int, generate: int, repeats: int, step: Any) -> dict[str, Any]:
    tokens = some_tokens(runner, prompt)
    text = runner.detokenize(tokens)
    prefill, decode, first = [], [], []
    for number in range(repeats + 1):
        start = time.perf_counter()
        runner.tokenize(text)
        tokenizing = time.perf_counter() - start
        reading, *generating = extended(runner, tokens, generate + 1)
        step()
        if number == 0:
            continue  # the first has pages to fetch and buffers to make
        prefill.append(prompt / reading)
        decode.append(generate / sum(generating))
        first.append(tokenizing + reading)
    return {
        "threads": threads,
        "prefill": Spread.of(prefill).as_dict(),
        "decode": Spread.of(decode).as_dict(),
        "first_token_seconds": Spread.of(first).as_dict(),
        "bandwidth": bandwidth(threads).as_dict(),
    }


def some_tokens(runner: Runner, count: int) -> list[int]:
    """Tokens to read, the same on every run: spread over the vocabulary, without those that end a text."""
    usable = [token for token in range(min(runner.vocabulary, 4 * count + 64)) if token not in runner.end_tokens]
    return [usable[(number * 7919) % len(usable)] for number in range(count)]


def _fresh_processes(path: Path, backend: str, prompt: int, generate: int, threads: int, step: Any) -> dict[str, Any]:
    # Ids below the vocabulary's size, whatever it is, were checked by the sweep.
    with runners.load(path, backend=backend, threads=threads) as runner:
        tokens = some_tokens(runner, prompt)
    request = {
        "model": str(path.resolve()),
        "backend": backend,
        "options": {"threads": threads},
        "tokens": tokens,
        "generate": generate,
    }
    starts, peaks, cache = [], [], None
    for _ in range(PROCESSES):
        seconds, answer = fresh_process(request)
        starts.append(seconds)
        if answer["peak_memory_bytes"] is not None:
            peaks.append(answer["peak_memory_bytes"])
        cache = answer["cache_bytes"]
        step()
    return {
        "times": {
            "cold_start_seconds": Spread.of(starts).as_dict(),
            "peak_memory_bytes": int(median(peaks)) if peaks else None,
        },
        "cache_bytes": cache,
    }


def fresh_process(request: dict[str, Any]) -> tuple[float, dict[str, Any]]:
    """Seconds from the start of a process to its first token, and what it says of its memory.

    Raises:
        CannotRun: if it ends before its time, as when the system ends it for want of memory.
    """
    command = [sys.executable, "-m", "edgedocs.measurement.fresh_process", json.dumps(request)]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            first = process.stdout.readline().strip()
            seconds = time.perf_counter() - start
            rest = process.stdout.read()
            process.wait(LONGEST_START)
        except BaseException:
            process.kill()
            raise
    if first == FIRST and process.returncode == 0:
        answer: dict[str, Any] = json.loads(rest)
        return seconds, answer
    told = json.loads(first)["error"] if first.startswith("{") else None
    if told is not None:
        raise CannotRun(told["error"], where=told["where"], expected=told["expected"], remedy=told["remedy"])
    raise CannotRun(
        f"a process that loads the model ended with status {process.returncode}",
        where=request["model"],
        remedy="if memory was short, take a smaller type or context",
    )
