"""The static variant of a decoder in ONNX: one text of a fixed length, no cache, plain operators alone.

Compilers for neural processors want all shapes when they compile, and know none of ``Attention``, ``RotaryEmbedding``
and ``RMSNormalization``. So these are replaced by the functions that ONNX itself defines them by, the shapes are fixed,
and what no longer depends on the input is computed now: the mask and the rotary positions become constants.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from edgedocs.core import telemetry
from edgedocs.core.errors import BadInput, CannotRun

COMPOSED = ("Attention", "RotaryEmbedding", "RMSNormalization")
OPSET, IR_VERSION = 21, 10
"""What quantization tools and plug-in providers read; all that is left exists there."""
LEAST_SCORE = np.float32(-50)
"""In place of minus infinity in the mask, which has no place in a range of whole numbers; its exponential is nothing
beside 1."""
LARGEST = 2**31 - 2**24
"""Bytes; an ONNX file with its weights in it cannot be larger."""


def static_model(path: Path, length: int, scratch: Path) -> Any:
    """The ONNX model at ``path`` for ``length`` tokens; ``scratch`` is a folder for files on the way.

    Its input is ``input_ids`` [1, length], its output ``logits`` [1, length, vocabulary].

    Raises:
        BadInput: if the model is too large for one file.
        CannotRun: if ONNX Runtime does not compute the constants.
    """
    import onnx
    import onnx.inliner

    weights = path.with_name(path.name + ".data")
    if weights.is_file() and weights.stat().st_size > LARGEST:
        raise BadInput(
            f"{weights.stat().st_size} bytes of weights", where=weights, expected=f"at most {LARGEST}, as one file"
        )
    model = onnx.load(str(path))
    _fix(model, {"batch": 1, "length": length, "total": length, "past": 0})
    _declare(model)
    functions = [("", name) for name in COMPOSED]
    model = onnx.shape_inference.infer_shapes(model, data_prop=True)
    model = onnx.inliner.inline_selected_functions(model, functions, inline_schema_functions=True)
    _bind(model, length)
    _plain_casts(model)
    model = _folded(model, scratch)
    _finite_constants(model)
    _without_nothing(model)
    onnx.checker.check_model(model)
    return model


def _fix(model: Any, sizes: dict[str, int]) -> None:
    for value in [*model.graph.input, *model.graph.output]:
        for dimension in value.type.tensor_type.shape.dim:
            if dimension.dim_param in sizes:
                dimension.dim_value = sizes[dimension.dim_param]


def _declare(model: Any) -> None:
    """Say the types of weights, which the replacement of functions asks for."""
    import onnx

    del model.graph.value_info[:]
    for one in model.graph.initializer:
        model.graph.value_info.append(onnx.helper.make_tensor_value_info(one.name, one.data_type, one.dims))


def _bind(model: Any, length: int) -> None:
    """Make constants of all inputs but the tokens, and drop the cache."""
    import onnx

    graph = model.graph
    given = {"attention_mask": np.ones((1, length), np.int64), "position_ids": np.arange(length)[np.newaxis]}
    for one in graph.input:
        if one.name != "input_ids":
            shape = [dimension.dim_value for dimension in one.type.tensor_type.shape.dim]
            value = given.get(one.name, np.zeros(shape, np.float32))
            graph.initializer.append(onnx.numpy_helper.from_array(value, one.name))
    _keep(graph.input, [one for one in graph.input if one.name == "input_ids"])
    _keep(graph.output, [one for one in graph.output if one.name == "logits"])


def _plain_casts(model: Any) -> None:
    """``CastLike`` as ``Cast``: ONNX Runtime computes only that in advance."""
    import onnx

    _declare(model)
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    types = {one.name: one.type.tensor_type.elem_type for one in [*inferred.value_info, *inferred.input]}
    for node in model.graph.node:
        if node.op_type == "CastLike":
            node.attribute.append(onnx.helper.make_attribute("to", types[node.input[1]]))
            node.op_type = "Cast"
            del node.input[1]
    del model.graph.value_info[:]


def _folded(model: Any, scratch: Path) -> Any:
    """The model with what depends on no input computed, by ONNX Runtime."""
    import onnx

    telemetry.off()
    try:
        import onnxruntime

        before, after = scratch / "before.onnx", scratch / "after.onnx"
        onnx.save(model, str(before))
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.log_severity_level = 4
        options.optimized_model_filepath = str(after)
        onnxruntime.InferenceSession(str(before), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the binding raises classes of its own
        raise CannotRun(f"ONNX Runtime does not run the static model: {error}", where=scratch) from error
    folded = onnx.load(str(after))
    _keep(folded.opset_import, [one for one in folded.opset_import if one.domain == ""])
    folded.opset_import[0].version = OPSET
    folded.ir_version = IR_VERSION
    return onnx.shape_inference.infer_shapes(folded)


def _finite_constants(model: Any) -> None:
    import onnx

    for one in model.graph.initializer:
        value = onnx.numpy_helper.to_array(one)
        if value.dtype == np.float32 and np.isneginf(value).any():
            one.CopyFrom(onnx.numpy_helper.from_array(np.maximum(value, LEAST_SCORE), one.name))


def _without_nothing(model: Any) -> None:
    """Drop what has no elements, such as the empty cache, and the nodes that only join or cut it off."""
    graph = model.graph
    sizes = {one.name: [d.dim_value for d in one.type.tensor_type.shape.dim] for one in graph.value_info}
    sizes |= {one.name: list(one.dims) for one in graph.initializer}
    renamed: dict[str, str] = {}
    nodes = []
    for node in graph.node:
        _replace(node.input, [renamed.get(name, name) for name in node.input])
        ends = node.output if node.op_type == "Split" else node.input if node.op_type == "Concat" else ()
        parts = [name for name in ends if 0 not in sizes.get(name, ())]
        if len(parts) == 1 and len(ends) > 1:
            whole, part = (node.input[0], parts[0]) if node.op_type == "Split" else (parts[0], node.output[0])
            renamed[part] = whole
            continue
        nodes.append(node)
    _keep(graph.node, nodes)
    for number, node in enumerate(graph.node):
        node.name = f"{node.op_type}.{number}"
    used = {name for node in graph.node for name in node.input}
    _keep(graph.initializer, [one for one in graph.initializer if one.name in used])
    del graph.value_info[:]


def _keep(items: Any, kept: Iterable[Any]) -> None:
    kept = [type(one).FromString(one.SerializeToString()) for one in kept]
    del items[:]
    items.extend(kept)


def _replace(names: Any, new: list[str]) -> None:
    del names[:]
    names.extend(new)
