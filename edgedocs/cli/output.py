"""Printing results: JSON on standard output, nothing else beside it."""

from __future__ import annotations

import json
from typing import Any

import click


def emit_json(document: Any) -> None:
    """Print a JSON document, indented by two."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))
