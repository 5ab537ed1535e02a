"""Advisor: which framework, format and type suit a model, a device and a task; the tree of questions is data.

``advisor.toml`` beside this module holds the tree, the leaves, what tasks need and the shapes of published models.
Here are the walk through the tree and the arithmetic.
"""

from __future__ import annotations

import math
import shlex
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from edgedocs.architectures.base import DecoderSpec
from edgedocs.checkpoint import SHIPPED, Checkpoint
from edgedocs.core.errors import BadInput
from edgedocs.measurement.memory_formulas import Shape

LEAF = "leaf:"
UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "b": 10**9, "t": 10**12}
BYTES = {"mb": 10**6, "gb": 10**9, "tb": 10**12, "mib": 2**20, "gib": 2**30, "tib": 2**40}
PROMPT = "The"


@dataclass(frozen=True)
class Memory:
    """What a model takes in memory, by formula, in bytes.

    Attributes:
        weights: the converted model.
        cache: keys and values of the task's context, for all users, in float16.
        overhead: the process, and what is computed while a prompt is read.
    """

    weights: int
    cache: int
    overhead: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.cache + self.overhead


@dataclass(frozen=True)
class Advice:
    """What to do.

    Attributes:
        leaf: the leaf of the tree.
        framework: what runs the model.
        target: the converter, an empty text if the checkpoint is used as it is.
        runner: the runner.
        type: the type to convert to; None if none fits.
        bits_per_weight: what that type takes.
        memory: the expected memory; of the smallest type if none fits.
        usable: bytes that the model can have.
        fits: whether it fits.
        reasons: why, as sentences.
        commands: what to run.
    """

    leaf: str
    framework: str
    target: str
    runner: str
    type: str | None
    bits_per_weight: float
    memory: Memory
    usable: int
    fits: bool
    reasons: tuple[str, ...]
    commands: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The advice as JSON-ready data."""
        return {
            "framework": self.framework,
            "format": self.target or "checkpoint",
            "runner": self.runner,
            "type": self.type,
            "fits": self.fits,
            "bits_per_weight": self.bits_per_weight,
            "size_bytes": self.memory.weights,
            "memory": {
                "weights_bytes": self.memory.weights,
                "cache_bytes": self.memory.cache,
                "overhead_bytes": self.memory.overhead,
                "total_bytes": self.memory.total,
                "usable_bytes": self.usable,
            },
            "reasons": list(self.reasons),
            "commands": list(self.commands),
            "leaf": self.leaf,
        }


def advise(ram: str, device: str, task: str, params: str | None = None, model: str | Path | None = None) -> Advice:
    """Choose a framework, a format and the best type that fits.

    Args:
        ram: the memory of the device, such as ``"8GB"`` or ``"16GiB"``.
        device: one of :func:`devices`.
        task: one of :func:`tasks`.
        params: the number of weights, such as ``"7B"`` or ``"500M"``.
        model: a checkpoint instead, whose own shape counts and whose name stands in the commands.

    Raises:
        BadInput: if an argument cannot be right, or neither or both of ``params`` and ``model`` are given.

    Example:
        >>> found = advise("8GB", "cpu", "chat", params="7B")
        >>> found.framework, found.type, found.fits
        ('llama.cpp', 'q5_k_m', True)
    """
    known = _document()
    _check(device, "device", known["devices"])
    _check(task, "task", known["tasks"])
    if (params is None) == (model is None):
        raise BadInput("give the number of weights or a model", expected="one of params and model")
    shape, weights = _nearest(_number(params, UNITS, "params")) if params is not None else _of_model(str(model))
    name, reasons = _walk({"device": device, "task": task, "params": weights})
    return _at_leaf(name, reasons, shape, weights, _number(ram, BYTES, "ram"), device, task, model)


def devices() -> list[str]:
    """The devices that can be asked for."""
    return list(_document()["devices"])


def tasks() -> list[str]:
    """The tasks that can be asked for."""
    return list(_document()["tasks"])


def leaves() -> dict[str, dict[str, Any]]:
    """The leaves of the tree, as the data file has them."""
    found: dict[str, dict[str, Any]] = _document()["leaves"]
    return found


def commands_of(leaf: str, type_name: str, model: str, context: int) -> tuple[str, ...]:
    """What a leaf says to run.

    Args:
        leaf: its name.
        type_name: one of its types.
        model: what the commands convert.
        context: tokens for a server.
    """
    values = {
        "model": shlex.quote(model),
        "name": shlex.quote(Path(model).name or "model"),
        "type": type_name,
        "prompt": PROMPT,
        "context": str(context),
    }
    return tuple(command.format(**values) for command in leaves()[leaf]["commands"])


def _walk(properties: dict[str, Any]) -> tuple[str, list[str]]:
    """The leaf that the answers lead to, and the answers that a number decided, in words."""
    known = _document()
    at: str = known["start"]["node"]
    reasons = []
    while not at.startswith(LEAF):
        node = known["nodes"][at]
        value = properties[node["question"]]
        if "answers" in node:
            at = node["answers"][value]
            continue
        limit = next((one for one in node["at_most"] if value <= one["limit"]), None)
        at = node["otherwise"] if limit is None else limit["to"]
        edge = node["at_most"][-1]["limit"] if limit is None else limit["limit"]
        reasons.append(f"{_short(value)} weights are {'more than' if limit is None else 'at most'} {_short(edge)}")
    return at.removeprefix(LEAF), reasons


def _at_leaf(
    name: str,
    reasons: list[str],
    shape: Shape,
    weights: float,
    ram: float,
    device: str,
    task: str,
    model: str | Path | None,
) -> Advice:
    known = _document()
    leaf, need, share = known["leaves"][name], known["tasks"][task], known["devices"][device]
    context = need["context"] * need["users"]
    usable = int(ram * share["share"])
    allowed = [
        (one["name"], bits, _memory(shape, weights, bits, context))
        for one in leaf["types"]
        if (bits := one.get("bits") or shape.bits_per_weight(one["name"])) >= need["least_bits"]
    ]
    fitting = [one for one in allowed if one[2].total <= usable]
    type_name, bits, memory = fitting[0] if fitting else allowed[-1]
    why = [
        *leaf["reasons"],
        *reasons,
        f"{share['share']:.0%} of the memory can be the model's; the rest is for {share['rest']}",
        f"{task} needs {need['context']:,} tokens of context for {need['users']} at a time, "
        f"and no fewer than {need['least_bits']:g} bits a weight",
        f"sizes are those of {shape.name}, scaled to {_short(weights)} weights",
    ]
    if fitting and fitting[0] is not allowed[0]:
        why.append(f"{allowed[allowed.index(fitting[0]) - 1][0]} would not fit, {type_name} is the best that does")
    if not fitting:
        why.append(
            f"not even {type_name} fits: it takes {_gigabytes(memory.total)}, and {_gigabytes(usable)} are usable"
        )
    commands = commands_of(name, type_name, str(model or "MODEL"), need["context"]) if fitting else ()
    return Advice(
        name,
        leaf["framework"],
        leaf["target"],
        leaf["runner"],
        type_name if fitting else None,
        bits,
        memory,
        usable,
        bool(fitting),
        tuple(why),
        commands,
    )


def _memory(shape: Shape, weights: float, bits: float, context: int) -> Memory:
    overhead = _document()["overhead"]
    computing = shape.compute_bytes(context, overhead["chunk"])
    return Memory(math.ceil(weights * bits / 8), shape.cache_bytes(context), overhead["runtime_bytes"] + computing)


def _nearest(weights: float) -> tuple[Shape, float]:
    shapes = [Shape(**one) for one in _document()["shapes"]]
    return min(shapes, key=lambda one: abs(math.log(one.weights / weights))), weights


def _of_model(model: str) -> tuple[Shape, float]:
    checkpoint = Checkpoint.open(SHIPPED if model == SHIPPED else Path(model))
    if not isinstance(checkpoint.spec, DecoderSpec):
        raise BadInput("an encoder, which does not generate text", where=model, expected="a decoder")
    weights = sum(math.prod(tensor.shape) for tensor in checkpoint.tensors.values())
    return Shape.of(checkpoint.name, checkpoint.spec), weights


def _number(text: str, units: dict[str, int], name: str) -> float:
    compact = text.replace(" ", "").lower()
    digits = compact.rstrip("abcdefghijklmnopqrstuvwxyz")
    try:
        value = float(digits) * units[compact[len(digits) :]]
    except (ValueError, KeyError):
        value = math.nan
    if not (math.isfinite(value) and value >= 1):
        example = "8GB or 16GiB" if units is BYTES else "7B or 500M"
        raise BadInput(f"{name} is {text!r}", expected=f"a number with a unit, such as {example}")
    return value


def _check(value: str, noun: str, known: dict[str, Any]) -> None:
    if value not in known:
        raise BadInput(f"unknown {noun} {value!r}", expected=f"one of {', '.join(known)}")


def _short(weights: float) -> str:
    return f"{weights / 1e9:.3g}B" if weights >= 1e9 else f"{weights / 1e6:.3g}M"


def _gigabytes(nbytes: int) -> str:
    return f"{nbytes / 1e9:.2f} GB"


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads(resources.files("edgedocs").joinpath("advisor.toml").read_text(encoding="utf-8"))
