"""The advisor: each leaf is reached and its commands run, sizes are as published, bad input is told."""

from __future__ import annotations

import itertools
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from edgedocs import advisor, converters, runners
from edgedocs.advisor import advise
from edgedocs.artifact import size_of
from edgedocs.checkpoint import Checkpoint
from edgedocs.cli import cli
from edgedocs.core.errors import BadInput
from edgedocs.measurement.memory_formulas import Shape
from tests.requirements import require

LLAMA_2_7B = Shape("Llama 2 7B", 32, 4096, 11008, 32, 32, 128, 32000, tied=False)
PUBLISHED = {
    "q3_k_s": 3.50,
    "q3_k_m": 3.91,
    "q3_k_l": 4.27,
    "q4_k_s": 4.58,
    "q4_k_m": 4.84,
    "q5_k_s": 5.52,
    "q5_k_m": 5.68,
    "q6_k": 6.56,
}
"""Bits a weight of Llama 2 7B, from the README of llama.cpp's quantize."""


@pytest.mark.parametrize("name", PUBLISHED)
def test_bits_are_those_that_llama_cpp_publishes(name: str) -> None:
    assert LLAMA_2_7B.weights == 6_738_415_616  # as its model card has it
    assert LLAMA_2_7B.bits_per_weight(name) == pytest.approx(PUBLISHED[name], abs=0.0051)


def test_the_cache_by_hand() -> None:
    # 32 layers, keys and values of 4096 numbers of 2 bytes: 512 KiB a token, 2 GiB for 4096 tokens.
    assert LLAMA_2_7B.cache_bytes(4096) == 2 * 2**30
    assert LLAMA_2_7B.cache_bytes(1, item_bytes=4) == 2**20


def test_the_shapes_have_the_weights_of_their_names() -> None:
    published = [494e6, 1.236e9, 3.213e9, 7.242e9, 8.030e9, 14.77e9, 32.76e9, 70.55e9]  # their model cards
    shapes = [Shape(**one) for one in advisor._document()["shapes"]]
    for shape, weights in zip(shapes, published, strict=True):
        assert shape.weights == pytest.approx(weights, rel=0.005), shape.name


def test_what_is_computed_takes_what_llama_cpp_sets_aside(tmp_path: Path) -> None:
    require("llama_cpp")
    shape = Shape.of("tiny", Checkpoint.open("tiny").spec)
    path = converters.convert("tiny", tmp_path / "tiny.gguf", type="q4_0").path
    with runners.load(path, backend="llama_cpp", threads=1) as runner:
        logged = runner._buffers["compute"]
    assert logged <= shape.compute_bytes(512, 512) <= 2 * logged


@pytest.mark.parametrize("type_name", ["f16", "q8_0", "q4_k_m", "q2_k"])
def test_the_size_of_tiny_is_what_is_written(type_name: str, tmp_path: Path) -> None:
    shape = Shape.of("tiny", Checkpoint.open("tiny").spec)
    artifact = converters.convert("tiny", tmp_path / "tiny.gguf", type=type_name)
    expected = shape.weights * shape.bits_per_weight(type_name) / 8
    # The file has the tokenizer too.
    assert 0 <= artifact.size_bytes - expected < 200_000


QUESTIONS = list(itertools.product(advisor.devices(), advisor.tasks(), ["1B", "7B"]))


def test_every_leaf_is_reached_and_every_node_leads_to_leaves() -> None:
    reached = {advise("512GB", device, task, params).leaf for device, task, params in QUESTIONS}
    assert reached == advisor.leaves().keys()


@pytest.mark.parametrize(("device", "task", "params"), QUESTIONS)
def test_more_memory_never_advises_fewer_bits(device: str, task: str, params: str) -> None:
    bits = 0.0
    for ram in (2, 4, 8, 16, 32, 64, 128):
        found = advise(f"{ram}GB", device, task, params)
        assert json.loads(json.dumps(found.as_dict())) == found.as_dict()
        assert found.fits == (found.memory.total <= found.usable) == bool(found.commands)
        assert found.reasons
        if found.fits:
            assert found.bits_per_weight >= bits
            bits = found.bits_per_weight


LEAVES = [(leaf, one["name"]) for leaf, found in advisor.leaves().items() for one in found["types"]]


@pytest.mark.parametrize(("leaf", "type_name"), LEAVES)
def test_the_commands_of_every_leaf_are_possible(leaf: str, type_name: str) -> None:
    """Up to what the machine has: converter, type, runner and command exist."""
    found = advisor.leaves()[leaf]
    _require_in_catalog(found)
    if found["target"]:
        assert type_name in converters.registry.get(found["target"]).types
        assert found["target"] in runners.registry.get(found["runner"]).formats
    for command in advisor.commands_of(leaf, type_name, "tiny", 4096):
        program, *arguments = shlex.split(command)
        if program != "edgedocs":
            continue
        if arguments[0] not in cli.commands:
            pytest.skip(f"there is no command `edgedocs {arguments[0]}` yet")
        cli.commands[arguments[0]].make_context(arguments[0], arguments[1:])


@pytest.mark.parametrize("leaf", advisor.leaves())
def test_the_commands_of_every_leaf_run_on_tiny(leaf: str, tmp_path: Path) -> None:
    found: dict[str, Any] = advisor.leaves()[leaf]
    _require_in_catalog(found)
    if found["target"]:
        for package in converters.registry.get(found["target"]).requires:
            require(package.replace("-", "_"))
    for command in advisor.commands_of(leaf, found["types"][-1]["name"], "tiny", 4096):
        program, verb, *arguments = shlex.split(command)
        if program != "edgedocs" or verb not in ("convert", "run"):
            pytest.skip(f"`{program} {verb}` runs until it is stopped; its parts are checked above")
        if verb == "run" and not (state := runners.registry.get(found["runner"]).available()).ok:
            pytest.skip(f"converted; to run it: {state.reason}")
        done = subprocess.run(
            [sys.executable, "-m", "edgedocs", verb, *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        if verb == "convert":
            assert size_of(tmp_path / arguments[1]) > 10**6
        else:
            assert done.stdout.startswith("The")  # with 3 bits, tiny does not always end the word
            assert len(done.stdout.split()) > 5


def _require_in_catalog(leaf: dict[str, Any]) -> None:
    if leaf["target"] and leaf["target"] not in converters.registry:
        pytest.skip(f"there is no converter {leaf['target']} in the catalog yet")
    if leaf["runner"] not in runners.registry:
        pytest.skip(f"there is no runner {leaf['runner']} in the catalog yet")


def test_a_model_counts_with_its_own_shape() -> None:
    found = advise("8GB", "cpu", "chat", model="tiny")
    assert found.type == "q8_0"
    assert found.memory.weights == pytest.approx(4196608 * 8.51 / 8, rel=0.001)
    assert found.commands[0] == "edgedocs convert tiny tiny-q8_0.gguf --to gguf --type q8_0"


def test_what_does_not_fit_is_said() -> None:
    found = advise("8GB", "cpu", "chat", "70B")
    assert (found.fits, found.type, found.commands) == (False, None, ())
    assert found.reasons[-1].startswith("not even q2_k fits: it takes ")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"ram": "8"}, r"ram is '8'; expected a number with a unit, such as 8GB"),
        ({"ram": "-8GB"}, "ram is '-8GB'"),
        ({"ram": "nanGB"}, "ram is 'nanGB'"),
        ({"params": "many"}, "params is 'many'"),
        ({"params": "0B"}, "params is '0B'"),
        ({"device": "toaster"}, "unknown device 'toaster'; expected one of apple"),
        ({"task": "dance"}, "unknown task 'dance'; expected one of chat"),
        ({"params": None}, "give the number of weights or a model"),
        ({"model": "tiny"}, "give the number of weights or a model"),
        ({"params": None, "model": "nowhere"}, "no such checkpoint"),
    ],
)
def test_bad_input_is_told(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        advise(**({"ram": "8GB", "device": "cpu", "task": "chat", "params": "7B"} | change))
