"""Weights of 8 and 4 bits for OpenVINO, by NNCF; data-aware where there is a text to calibrate with."""

from __future__ import annotations

import contextlib
import io
import logging
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edgedocs.checkpoint import Checkpoint
from edgedocs.converters.openvino_model import BEAM, POSITIONS, TABLE
from edgedocs.core import files, telemetry
from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.core.extras import install_remedy
from edgedocs.core.signals import stack_kept

INT8, INT4 = "int8", "int4"
WINDOW, WINDOWS = 128, 32
"""Tokens that are run at a time, and how many such pieces of the text count at most."""
LEAST_GROUP = 16
"""What NNCF may make a group smaller to where none was asked for and rows are no multiple of its usual size."""


@dataclass(frozen=True)
class Compression:
    """How weights are compressed.

    Attributes:
        kind: ``int8`` or ``int4``.
        symmetric: whether there is no zero point.
        group_size: neighbours in a row that share a scale, -1 for whole rows; None for NNCF's usual, 128.
        ratio: the share of the weights that gets 4 bits, the most sensitive of the others 8.
        calibration: a text to find out with which weights matter.
    """

    kind: str
    symmetric: bool = False
    group_size: int | None = None
    ratio: float | None = None
    calibration: Path | None = None

    def __post_init__(self) -> None:
        if self.kind != INT4:
            for name in ("group_size", "ratio", "calibration"):
                if getattr(self, name) is not None:
                    raise BadInput(f"{name} is {getattr(self, name)} for {self.kind}", expected=f"none, or {INT4}")
        if self.ratio is not None and not (math.isfinite(self.ratio) and 0 <= self.ratio <= 1):
            raise BadInput(f"ratio is {self.ratio}", expected="0 to 1, the share of the weights that gets 4 bits")
        if self.group_size is not None and self.group_size != -1 and self.group_size < 2:
            raise BadInput(f"group_size is {self.group_size}", expected="2 or more, or -1 for whole rows")

    def apply(self, model: Any, checkpoint: Checkpoint) -> Any:
        """Compress the weights of an OpenVINO model; tables of positions stay as they are.

        Raises:
            BadInput: if the text is empty, or the group size does not divide the rows.
            CannotRun: if NNCF does not start, or fails.
        """
        nncf = _library()
        settings: dict[str, Any] = {
            "mode": getattr(nncf.CompressWeightsMode, f"{self.kind.upper()}_{'SYM' if self.symmetric else 'ASYM'}"),
            "ignored_scope": nncf.IgnoredScope(patterns=[rf"{TABLE}\..*"], validate=False),
        }
        if self.kind == INT4:
            settings |= self._four_bits(nncf)
            if self.calibration is not None:
                windows = [_inputs(model, tokens) for tokens in _windows(checkpoint, self.calibration)]
                settings |= {"dataset": nncf.Dataset(windows), "subset_size": len(windows)}
                # Its estimation of scales gives wrong weights where matrices are [inputs, outputs], as in ONNX.
                settings |= {"awq": True}
        try:
            # It draws bars of progress on standard output.
            with stack_kept(), contextlib.redirect_stdout(io.StringIO()):
                compressed = nncf.compress_weights(model, **settings)
        except nncf.errors.InvalidGroupSizeError as error:
            raise BadInput(
                f"group_size is {self.group_size}, which does not divide the rows: {error}",
                where=checkpoint.path,
                expected="a size that divides the rows of every matrix, or none",
            ) from error
        except Exception as error:  # what else it raises is not specified
            raise CannotRun(f"NNCF fails: {error}", where=checkpoint.path) from error
        return compressed

    def _four_bits(self, nncf: Any) -> dict[str, Any]:
        modes = nncf.GroupSizeFallbackMode
        fallback = modes.ADJUST if self.group_size is None else modes.ERROR
        return {
            "ratio": self.ratio,
            "group_size": self.group_size,
            "advanced_parameters": nncf.AdvancedCompressionParameters(
                group_size_fallback_mode=fallback, min_adjusted_group_size=LEAST_GROUP
            ),
        }


def _library() -> Any:
    telemetry.off()
    try:
        import nncf
        import nncf.errors
    except ImportError as error:
        raise CannotRun(f"NNCF does not start: {error}", remedy=install_remedy("openvino")) from error
    nncf.set_log_level(logging.ERROR)
    return nncf


def _windows(checkpoint: Checkpoint, path: Path) -> list[list[int]]:
    from tokenizers import Tokenizer

    text = files.read_text(path)
    try:
        tokenizer = Tokenizer.from_file(os.fspath(checkpoint.tokenizer_json))
    except Exception as error:  # the binding raises plain Exception
        raise BadInput(f"no tokenizer: {error}", where=checkpoint.tokenizer_json) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokens: list[int] = tokenizer.encode(text).ids
    if not text.strip() or not tokens:
        raise BadInput("the calibration text is empty", where=path, expected="some pages of text of the usual kind")
    length = min(WINDOW, checkpoint.spec.context_length)
    return [tokens[start : start + length] for start in range(0, min(len(tokens), WINDOWS * length), length)]


def _inputs(model: Any, tokens: list[int]) -> dict[str, np.ndarray[Any, Any]]:
    given = np.array([tokens], np.int64)
    known: dict[str, np.ndarray[Any, Any]] = {
        "input_ids": given,
        "attention_mask": np.ones_like(given),
        POSITIONS: np.arange(given.size, dtype=np.int64)[np.newaxis],
        "token_type_ids": np.zeros_like(given),
        BEAM: np.zeros(1, np.int32),
    }
    return {one.get_any_name(): known[one.get_any_name()] for one in model.inputs}
