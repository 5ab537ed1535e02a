"""GitHub: findings as workflow commands, which GitHub shows beside the lines of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgedocs.translation.reporting.places import file_of, relative

if TYPE_CHECKING:
    from edgedocs.translation.checks.base import Finding
    from edgedocs.translation.tree import Tree

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
_IN_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def annotation(tree: Tree, finding: Finding) -> str:
    """A finding as one line that GitHub Actions understands."""
    path, line = file_of(tree, finding)
    properties = {"file": relative(path), "line": str(line or 1), "title": f"{finding.check} ({finding.language})"}
    listed = ",".join(f"{key}={value.translate(_IN_PROPERTY)}" for key, value in properties.items())
    message = f"{finding.message}\nremedy: {finding.remedy}".translate(_IN_MESSAGE)
    return f"::{_COMMANDS[finding.severity]} {listed}::{message}"
