"""Calibration: the ranges of what matrices are multiplied with, found by running a text through the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from edgedocs.checkpoint import Checkpoint
from edgedocs.containers.onnx_writer import MODEL, OnnxWriter
from edgedocs.converters.onnx_matrices import FLOAT, INTEGER
from edgedocs.core import telemetry
from edgedocs.core.errors import BadInput, CannotRun

WINDOW, WINDOWS = 256, 32
"""Tokens that are run at a time, and how many such pieces of the text count at most."""
EXTREMES = {"least": "ReduceMin", "greatest": "ReduceMax"}


def observe(writer: OnnxWriter, names: Iterable[str]) -> None:
    """Append outputs that give the least and the greatest number in each of some values, 0 among them."""
    flat = writer.constant("observed.flat", np.array([-1], INTEGER))
    zero = writer.constant("observed.zero", np.zeros(1, FLOAT))
    for name in dict.fromkeys(names):
        values = writer.node("Reshape", [name, flat], f"{name}.observed")
        values = writer.node("Concat", [values, zero], f"{name}.observed_with_zero", axis=0)
        for kind, operator in EXTREMES.items():
            writer.output(f"{name}.{kind}", FLOAT, [])
            writer.node(operator, [values], f"{name}.{kind}", keepdims=0)


def ranges(
    folder: Path, checkpoint: Checkpoint, text: str, names: Iterable[str], where: Path
) -> dict[str, tuple[float, float]]:
    """The range of each value that :func:`observe` was told of; none for those that the text never reaches.

    Args:
        folder: holds the model.
        checkpoint: what it was made of.
        text: to calibrate with.
        names: of the values.
        where: the text's file, for messages.

    Raises:
        BadInput: if the text is empty.
        CannotRun: if ONNX Runtime fails.
    """
    names = list(dict.fromkeys(names))
    session = _session(folder / MODEL)
    wanted = [f"{name}.{kind}" for kind in EXTREMES for name in names]
    least, greatest = np.zeros(len(names), FLOAT), np.zeros(len(names), FLOAT)
    for tokens in _windows(checkpoint, text, where):
        try:
            found = np.array(session.run(wanted, _inputs(session, tokens)), FLOAT)
        except Exception as error:  # the binding raises classes of its own
            raise CannotRun(f"calibration fails: {error}", where=where) from error
        least = np.minimum(least, found[: len(names)])
        greatest = np.maximum(greatest, found[len(names) :])
    spans = zip(names, least.tolist(), greatest.tolist(), strict=True)
    return {name: (low, high) for name, low, high in spans if low != high}


def _windows(checkpoint: Checkpoint, text: str, where: Path) -> Iterator[list[int]]:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(checkpoint.tokenizer_json))
    except Exception as error:  # the binding raises plain Exception
        raise BadInput(f"no tokenizer: {error}", where=checkpoint.tokenizer_json) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokens = tokenizer.encode(text).ids
    if not text.strip() or not tokens:
        raise BadInput("the calibration text is empty", where=where, expected="some pages of text of the usual kind")
    if max(tokens) >= checkpoint.spec.vocabulary:
        raise BadInput(
            f"the tokenizer gives token {max(tokens)}",
            where=checkpoint.tokenizer_json,
            expected=f"less than vocab_size, {checkpoint.spec.vocabulary}",
        )
    length = min(WINDOW, checkpoint.spec.context_length)
    for start in range(0, min(len(tokens), WINDOWS * length), length):
        yield tokens[start : start + length]


def _session(path: Path) -> Any:
    telemetry.off()
    try:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the binding raises classes of its own
        raise CannotRun(f"ONNX Runtime does not run the model: {error}", remedy="pip install onnxruntime") from error


def _inputs(session: Any, tokens: list[int]) -> dict[str, np.ndarray[Any, Any]]:
    given = np.array([tokens], INTEGER)
    known = {
        "input_ids": given,
        "attention_mask": np.ones_like(given),
        "position_ids": np.arange(given.size, dtype=INTEGER)[None],
        "token_type_ids": np.zeros_like(given),
    }
    feeds = {}
    for one in session.get_inputs():
        if one.name in known:
            feeds[one.name] = known[one.name]
        else:
            _, heads, _, size = one.shape
            feeds[one.name] = np.zeros((1, heads, 0, size), FLOAT)
    return feeds
