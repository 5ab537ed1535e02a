"""Models that are split into several GGUF files, as llama.cpp's ``gguf-split`` and its converter do it.

The parts are called ``NAME-00001-of-00003.gguf`` and so on. The first holds the metadata, each says which part it is
(``split.no``, from 0), how many there are and how many tensors there are in all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from gguf.constants import GGUFValueType as ValueType
from gguf.constants import Keys

from edgedocs.containers.gguf import GGUFFile, GGUFTensor
from edgedocs.containers.gguf_fields import ALIGNMENT_KEY, Field
from edgedocs.containers.gguf_writer import Part, PlannedTensor
from edgedocs.containers.mapping import REMEDY
from edgedocs.core.errors import BadInput

NUMBER, COUNT, TENSORS = (
    Keys.Split.LLM_KV_SPLIT_NO,
    Keys.Split.LLM_KV_SPLIT_COUNT,
    Keys.Split.LLM_KV_SPLIT_TENSORS_COUNT,
)
MOST_PARTS = 2**16 - 1
"""``split.count`` has 16 bits."""
_NAME = re.compile(r"(?P<prefix>.+)-(?P<number>[0-9]{5})-of-(?P<count>[0-9]{5})\.gguf", re.DOTALL)
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}


class Sized(Protocol):
    """A tensor to write, of whatever format."""

    @property
    def nbytes(self) -> int:
        """The bytes that it takes."""


T = TypeVar("T", bound=Sized)


@dataclass(frozen=True)
class SplitLimit:
    """When to begin another part. A tensor is never divided, so a part with one large tensor may be larger.

    Attributes:
        size: bytes of tensors in a part; None is no limit.
        tensors: tensors in a part; None is no limit.
    """

    size: int | None = None
    tensors: int | None = None

    def __post_init__(self) -> None:
        for value in (self.size, self.tensors):
            if value is not None and value < 1:
                raise BadInput(f"a part of at most {value}", expected="1 or more")

    def divide(self, tensors: Sequence[T]) -> list[list[T]]:
        """The tensors of each part, in their order."""
        parts: list[list[T]] = [[]]
        size = 0
        for tensor in tensors:
            too_large = self.size is not None and size + tensor.nbytes > self.size
            too_many = self.tensors is not None and len(parts[-1]) >= self.tensors
            if parts[-1] and (too_large or too_many):
                parts.append([])
                size = 0
            parts[-1].append(tensor)
            size += tensor.nbytes
        if len(parts) > MOST_PARTS:
            raise BadInput(f"{len(parts)} parts", expected=f"at most {MOST_PARTS}", remedy="allow larger parts")
        return parts


def parse_size(text: str) -> int:
    """Bytes from a number with a unit, as llama.cpp writes it: ``"500M"`` are 500 million.

    Raises:
        BadInput: if it is something else.

    Example:
        >>> parse_size("2G")
        2000000000
    """
    found = re.fullmatch(r"([0-9]{1,12})([KMG]?)", text, re.ASCII)
    if not found or int(found[1]) == 0:
        raise BadInput(f"the size {text!r}", expected="a number with K, M or G, such as 500M or 2G")
    return int(found[1]) * _UNITS[found[2]]


def part_name(prefix: str, number: int, count: int) -> str:
    """What llama.cpp calls a part (``llama_split_path``); the first has the number 1."""
    return f"{prefix}-{number:05d}-of-{count:05d}.gguf"


def sibling_parts(path: Path) -> tuple[Path, ...]:
    """The paths of all parts of which ``path`` is called one, whether there are such files or not; else itself."""
    found = _NAME.fullmatch(path.name)
    if not found or not 1 <= int(found["number"]) <= int(found["count"]):
        return (path,)
    count = int(found["count"])
    return tuple(path.with_name(part_name(found["prefix"], number, count)) for number in range(1, count + 1))


def planned_parts(
    path: Path, fields: Mapping[str, Field], tensors: Sequence[PlannedTensor], limit: SplitLimit
) -> list[Part]:
    """The files to write instead of ``path``; the file itself if everything fits into one."""
    divided = limit.divide(tensors)
    if len(divided) == 1:
        return [Part(path, fields, tensors)]
    kept = {key: field for key, field in fields.items() if key == ALIGNMENT_KEY}
    parts = []
    for number, part in enumerate(divided):
        split = {
            NUMBER: Field(ValueType.UINT16, number),
            COUNT: Field(ValueType.UINT16, len(divided)),
            TENSORS: Field(ValueType.INT32, len(tensors)),
        }
        target = path.with_name(part_name(path.stem, number + 1, len(divided)))
        parts.append(Part(target, (kept if number else dict(fields)) | split, part))
    return parts


def open_gguf(path: str | Path) -> GGUFFile:
    """Open a model, from whichever of its parts; as :meth:`GGUFFile.open` if it is one file.

    Returns:
        A file with the tensors of all parts; its path is the first part's, and its fields say nothing of the split.

    Raises:
        BadInput: if a part is missing or malformed, or the parts contradict each other.
        CannotRun: if a file cannot be read.
    """
    asked = GGUFFile.open(path)
    count = asked.metadata.get(COUNT, 1)
    if count == 1:
        return asked
    paths = sibling_parts(asked.path)
    if len(paths) != count:
        raise BadInput(
            f"says that it is one of {str(count)[:40]} parts",
            where=asked.path,
            expected="a name such as model-00001-of-00003.gguf, with that number at its end",
            remedy="give the parts the names back that they had",
        )
    tensors: dict[str, GGUFTensor] = {}
    parts = [_part(one, number, paths) for number, one in enumerate(paths)]
    for part in parts:
        if twice := part.tensors.keys() & tensors.keys():
            raise _bad(part.path, f"tensor {min(twice)!r} is in an earlier part too")
        tensors |= part.tensors
    first = parts[0]
    said = first.metadata.get(TENSORS)
    if said != len(tensors):
        raise _bad(first.path, f"{TENSORS} is {str(said)[:40]}, and the parts hold {len(tensors)} tensors")
    fields = {key: field for key, field in first.fields.items() if key not in (NUMBER, COUNT, TENSORS)}
    return GGUFFile(first.path, first.version, fields, tensors, paths)


def _part(path: Path, number: int, paths: Sequence[Path]) -> GGUFFile:
    if not path.is_file():
        raise BadInput(
            f"part {number + 1} of {len(paths)} is missing",
            where=path,
            expected="all parts in one folder",
            remedy=REMEDY,
        )
    part = GGUFFile.open(path)
    said = (part.metadata.get(NUMBER), part.metadata.get(COUNT))
    if said != (number, len(paths)):
        raise _bad(path, f"{NUMBER} and {COUNT} are {str(said)[:80]}, its name says {(number, len(paths))}")
    return part


def _bad(path: Path, what: str) -> BadInput:
    return BadInput(what, where=path, expected="the parts of one model", remedy=REMEDY)
