"""JSON of strangers: read within bounds, and without names that come twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from edgedocs.core import files
from edgedocs.core.errors import BadInput

MOST_CONTAINERS = 2**20
"""Objects and lists in a file. The largest tokenizers in use have half of that, a list for each merge."""
MOST_COMMAS = 2**22
"""Items in a file, nearly; the largest tokenizers in use have a third of that. Each becomes an object in memory."""


def read(path: Path) -> Any:
    """The document in a JSON file.

    Raises:
        BadInput: if it is missing, too large, malformed, nested too deeply, holds too many values, or an object in it
            has a name twice.
    """
    text = files.read_text(path)
    for characters, most in (("{[", MOST_CONTAINERS), (",", MOST_COMMAS)):
        if (count := sum(map(text.count, characters))) > most:
            raise BadInput(f"{count} times {' or '.join(characters)}", where=path, expected=f"at most {most}")
    try:
        document = json.loads(text, object_pairs_hook=lambda pairs: _unique(pairs, path))
        if r"\ud" in text or r"\uD" in text:
            json.dumps(document, ensure_ascii=False).encode("utf-8")
        return document
    except UnicodeEncodeError as error:
        raise BadInput("half a character (a lone surrogate)", where=path, expected="text") from error
    except json.JSONDecodeError as error:
        raise BadInput(f"no JSON: {error.msg}", where=f"{path}:{error.lineno}:{error.colno}") from error
    except (RecursionError, ValueError) as error:
        raise BadInput("nested too deeply, or with a number too long", where=path, expected="ordinary JSON") from error


def read_object(path: Path) -> dict[str, Any]:
    """The object in a JSON file; errors as for :func:`read`, and if it is something else."""
    document = read(path)
    if not isinstance(document, dict):
        raise BadInput(f"holds a JSON {type(document).__name__}", where=path, expected="a JSON object")
    return document


def _unique(pairs: list[tuple[str, Any]], path: Path) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen = set()
        for name, _ in pairs:
            if name in seen:
                raise BadInput(f"{name[:80]!r} stands twice in an object", where=path, expected="each name once")
            seen.add(name)
    return found
