"""SARIF: findings in the Static Analysis Results Interchange Format, version 2.1.0, an OASIS standard."""

from __future__ import annotations

import inspect
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from edgedocs.translation.reporting.baseline import fingerprints
from edgedocs.translation.reporting.places import file_of, relative

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from edgedocs.translation.checks.base import Check, Finding, Severity
    from edgedocs.translation.tree import Tree

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "SRCROOT"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_FINGERPRINT = "edgedocs/v1"


def sarif(tree: Tree, findings: Sequence[Finding], checks: Iterable[Check]) -> dict[str, Any]:
    """A SARIF log with one run.

    Args:
        tree: in which the findings are.
        findings: what was found.
        checks: those that ran.
    """
    rules = [_rule(check.name, check.severity, *_described(check)) for check in checks]
    known = {rule["id"] for rule in rules}
    for name in sorted({finding.check for finding in findings} - known):
        rules.append(_rule(name, "error", "A file cannot be read.", "A file cannot be read."))
    places = {rule["id"]: place for place, rule in enumerate(rules)}
    prints = fingerprints(tree, findings)
    results = [_result(tree, f, places[f.check], p) for f, p in zip(findings, prints, strict=True)]
    driver = {"name": "EdgeDocs", "semanticVersion": version("edgedocs"), "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The folder in which the check was run."}}},
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _described(check: Check) -> tuple[str, str]:
    text = inspect.getdoc(type(check)) or check.name
    first = text.partition("\n\n")[0]
    return " ".join(first.split()), " ".join(text.split())


def _rule(name: str, severity: Severity, short: str, full: str) -> dict[str, Any]:
    return {
        "id": name,
        "name": "".join(part.title() for part in name.split("-")),
        "shortDescription": {"text": short},
        "fullDescription": {"text": full},
        "defaultConfiguration": {"level": _LEVELS[severity]},
    }


def _result(tree: Tree, finding: Finding, rule: int, fingerprint: str) -> dict[str, Any]:
    path, line = file_of(tree, finding)
    message = f"{finding.message}. Remedy: {finding.remedy}."
    result: dict[str, Any] = {
        "ruleId": finding.check,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": message},
        "locations": [_location(relative(path), line)],
        "partialFingerprints": {_FINGERPRINT: fingerprint},
        "properties": {"language": finding.language, "page": finding.page},
    }
    if finding.line is not None and finding.source_line is not None:
        source = _location(relative(tree.source / finding.page), finding.source_line)
        result["relatedLocations"] = [{**source, "message": {"text": "the source"}}]
    return result


def _location(path: str, line: int | None) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(path), "uriBaseId": ROOT}}
    if line is not None:
        place["region"] = {"startLine": line}
    return {"physicalLocation": place}
