"""Whole models, quantized here and by llama.cpp."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from edgedocs.containers.imatrix import ImportanceMatrix
from edgedocs.converters.gguf_plan import Plan, PlannedChoice
from edgedocs.converters.gguf_source import SourceModel
from edgedocs.core.errors import BadInput
from edgedocs.quantizers import recipes
from edgedocs.quantizers.recipes import Options
from tests.oracles import llama
from tests.quantizers.models import Matrices


def bytes_of(planned: PlannedChoice) -> np.ndarray[Any, Any]:
    """The bytes of one tensor, which may come piece by piece."""
    encoded = planned.encode()
    pieces = [encoded] if isinstance(encoded, np.ndarray) else [make() for make in encoded]
    return np.concatenate([np.ascontiguousarray(piece).reshape(-1).view(np.uint8) for piece in pieces])


def assert_as_llama(
    folder: Path,
    source: Path,
    recipe: str,
    importance: Matrices | None = None,
    options: Options | None = None,
    **parameters: Any,
) -> dict[str, str]:
    """The same file tensor by tensor, or a refusal by both; returns the types, none if refused."""
    options = options or Options()
    chosen = recipes.recipe(recipe)
    theirs = folder / "theirs.gguf"
    accepted = llama.quantize(
        source, theirs, chosen.file_type, importance=importance, tensor_types=options.tensor_types, **parameters
    )
    matrix = None if importance is None else ImportanceMatrix(source, importance)
    allow = parameters.get("allow_requantize", False)
    try:
        plan = Plan.make(SourceModel.from_gguf(source), chosen, options, matrix, allow_requantize=allow)
        encoded = {one.tensor.info.name: bytes_of(one) for one in plan.tensors}
    except BadInput:
        assert not accepted, f"only ours refuses {recipe}"
        return {}
    assert accepted, f"only llama.cpp refuses {recipe}"
    expected = llama.read(theirs)
    types = {one.tensor.info.name: one.choice.format for one in plan.tensors}
    assert types == {name: tensor.type for name, tensor in expected.tensors.items()}
    for name, tensor in expected.tensors.items():
        np.testing.assert_array_equal(encoded[name], tensor.data, name)
    assert options.copy or plan.file_type == expected.file_type
    return types
