"""The OpenVINO model of an ONNX file: with its key-value cache as state, named the same way each time, and saved.

What OpenVINO makes itself is numbered through the process, and the numbers end up in the file; so all such names are
given again, in the order of the computation.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import numpy as np

from edgedocs.core import telemetry
from edgedocs.core.errors import CannotRun

PAST, PRESENT = "past_key_values.", "present."
BEAM = "beam_idx"
"""The input that OpenVINO GenAI reorders the cache with when it searches with beams: for each text which one it
continues."""
POSITIONS = "position_ids"
TABLE = "position_table"
"""What the names of those operations start with that look something up by position."""
_MADE = re.compile(r"[A-Z]\w*_\d+(\.\d+)?")


def library() -> Any:
    """The package openvino, its telemetry off.

    Raises:
        CannotRun: if it does not start.
    """
    telemetry.off()
    # Its tokenizers import transformers, which would remark that there is no PyTorch.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    try:
        import openvino
    except (ImportError, OSError) as error:
        raise CannotRun(
            f"OpenVINO does not start: {error}", remedy="python -m pip install --force-reinstall openvino"
        ) from error
    return openvino


def read_stateful(path: Path) -> Any:
    """Read an ONNX model; inputs called ``past_key_values.…`` and outputs called ``present.…`` become state.

    Raises:
        CannotRun: if OpenVINO cannot read it.
    """
    openvino = library()
    try:
        # A copy: models that are read share some constants, which NNCF does not expect.
        model = openvino.Core().read_model(str(path)).clone()
        _make_stateful(model)
    except RuntimeError as error:
        raise CannotRun(f"OpenVINO cannot read the ONNX model: {error}", where=path) from error
    rename(model)
    return model


def _make_stateful(model: Any) -> None:
    from openvino import opset13 as operations
    from openvino._offline_transformations import apply_make_stateful_transformation

    past = [one for one in model.inputs if one.get_any_name().startswith(PAST)]
    if not past:
        return
    beam = operations.parameter([-1], np.int32, name=BEAM)
    beam.output(0).get_tensor().set_names({BEAM})
    model.add_parameters([beam])
    axis = operations.constant(0, dtype=np.int64)
    for one in past:
        readers = one.get_target_inputs()
        reordered = operations.gather(one.get_node(), beam, axis)
        for reader in readers:
            reader.replace_source_output(reordered.output(0))
    model.validate_nodes_and_infer_types()
    names = [one.get_any_name() for one in past]
    apply_make_stateful_transformation(model, {name: PRESENT + name.removeprefix(PAST) for name in names})


def rename(model: Any) -> None:
    """Give what has a name with a number from OpenVINO one that is the same each time."""
    tables = {operation.get_friendly_name() for operation in _tables(model)}
    for number, operation in enumerate(model.get_ordered_ops()):
        name, new = operation.get_friendly_name(), f"{operation.get_type_name()}.{number}"
        if name in tables:
            operation.set_friendly_name(f"{TABLE}.{number}")
        elif _MADE.fullmatch(name):
            operation.set_friendly_name(new)
        for output in operation.outputs():
            names = output.get_names()
            if any(map(_MADE.fullmatch, names)):
                output.get_tensor().set_names({one for one in names if not _MADE.fullmatch(one)} or {new})


def _tables(model: Any) -> list[Any]:
    """The operations that take rows of a table by position, such as those of rotary positions."""
    positions = [one for one in model.inputs if POSITIONS in one.get_names()]
    readers = [reader.get_node() for one in positions for reader in one.get_target_inputs()]
    return [node for node in readers if node.get_type_name() == "Gather"]


def save(model: Any, path: Path, half: bool) -> None:
    """Write ``path`` (``.xml``) and the weights beside it (``.bin``); ``half`` stores 16-bit floats."""
    rename(model)
    library().save_model(model, str(path), compress_to_fp16=half)
