"""Repetition: a key that stands twice in a configuration, of which YAML's reader takes the last without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from edgedocs.core.files import read_text
from edgedocs.publishing.checking.finding import Finding

if TYPE_CHECKING:
    from pathlib import Path


def repeated_keys(config_file: Path) -> list[Finding]:
    """A finding for each key that stands twice in one mapping, at its second place.

    Args:
        config_file: a file that YAML can read.
    """
    found: list[Finding] = []
    root = yaml.compose(read_text(config_file), Loader=yaml.SafeLoader)
    pending, seen = [root], set()
    while pending:
        node = pending.pop()
        if node is None or id(node) in seen:  # an alias leads to a node again
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            pending += node.value
        if isinstance(node, yaml.MappingNode):
            pending += [value for _, value in node.value]
            found += _repeated(node, config_file.name)
    return found


def _repeated(mapping: yaml.MappingNode, file: str) -> list[Finding]:
    first: dict[str, int] = {}
    found = []
    for key, _ in mapping.value:
        name, line = str(key.value), key.start_mark.line + 1
        if first.setdefault(name, line) != line:
            message = f"the key {name!r} stands in line {first[name]} already, and only this one counts"
            found.append(Finding(file, line, "configuration", message, "put what both say under one key"))
    return found
