"""The weights of an OpenVINO model: the constants that its XML file names, with their scales and zero points."""

from __future__ import annotations

from math import prod
from pathlib import Path
from xml.etree import ElementTree

from edgedocs.containers.layouts import OPENVINO
from edgedocs.containers.mapping import REMEDY
from edgedocs.core.errors import BadInput
from edgedocs.inspection.tensors import TensorSummary, add_bytes, without

LARGEST = 2**28
"""Bytes of the XML file; a model of a hundred layers has a hundredth of it."""
BELONGING = ("/scale", "/zero_point")
ROTARY_TABLES = "rotary."
UNNAMED = "Constant"
"""How the names of constants start that belong to the graph and are no weights."""

COUNTS = ("I64", "I32", "BOOLEAN")
"""Types of constants that say how long something is, or which."""


def weights_of(folder: Path) -> tuple[TensorSummary, ...]:
    """The weights of a folder's model, in the order of its graph.

    Raises:
        BadInput: if the XML file is damaged or names bytes that the file of weights does not have.
    """
    path = folder / OPENVINO
    if path.stat().st_size > LARGEST:
        raise BadInput(f"larger than {LARGEST} bytes", where=path, expected="an OpenVINO model's XML file")
    data = path.with_suffix(".bin")
    room = data.stat().st_size if data.is_file() else 0
    found: dict[str, TensorSummary] = {}
    try:
        for _, layer in ElementTree.iterparse(path):
            if layer.tag == "layer" and layer.get("type") == "Const":
                _add(_constant(layer, data, room), found)
            if layer.tag == "layer":
                layer.clear()
    except (ElementTree.ParseError, ValueError, KeyError) as error:
        raise BadInput(f"no OpenVINO model: {error}", where=path, remedy=REMEDY) from error
    return tuple(found.values())


def _constant(layer: ElementTree.Element, data: Path, room: int) -> TensorSummary:
    values = layer.find("data")
    if values is None:
        raise ValueError(f"constant {layer.get('name')!r} has no data")
    shape = tuple(int(one) for one in values.attrib["shape"].split(",") if one.strip())
    offset, size = int(values.attrib["offset"]), int(values.attrib["size"])
    name = layer.get("name", "").removesuffix("_compressed")
    if min(offset, size, *shape, 0) < 0 or offset + size > room:
        raise BadInput(
            f"tensor {name!r} is not whole", where=data, expected=f"{size} bytes from byte {offset}", remedy=REMEDY
        )
    return TensorSummary(name, values.attrib["element_type"].upper(), shape, size)


def _add(one: TensorSummary, found: dict[str, TensorSummary]) -> None:
    base = without(one.name, BELONGING)
    if base in found:
        add_bytes(found, base, one.size_bytes)
    elif not one.name.startswith((ROTARY_TABLES, UNNAMED)) and one.type not in COUNTS and prod(one.shape) > 1:
        found[one.name] = one
