"""Commands that look into models on disk: ``inspect`` and ``diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from edgedocs.cli.output import emit_json, emit_table, json_option, progress_bar

if TYPE_CHECKING:
    from edgedocs.model_diff import Difference

WORST = 20
"""Tensors that ``diff`` shows where not all are asked for."""


@click.command(short_help="Show what a model holds, and what runs it.")
@click.argument("model")
@click.option("--tensors", is_flag=True, help="List every tensor.")
@click.option("--metadata", is_flag=True, help="List the metadata.")
@json_option
def inspect(model: str, tensors: bool, metadata: bool, as_json: bool) -> None:
    """Show what MODEL holds: format, architecture, tensor types, true bits per weight, tokenizer, what runs it.

    MODEL may also be a safetensors or an .onnx file alone, or any part of a GGUF model that is split.

    \b
    Examples:
      edgedocs inspect tiny
      edgedocs inspect tiny-q4_0.gguf --tensors
    """
    from edgedocs.inspection import inspect as inspect_model

    found = inspect_model(model)
    if as_json:
        emit_json(found.as_dict())
        return
    for label, value in found.summary().items():
        click.echo(f"{label:16} {value}")
    click.echo()
    emit_table(("type", "tensors", "weights", "bytes"), found.by_type())
    if tensors:
        click.echo()
        emit_table(("tensor", "type", "shape", "bytes"), [t.row() for t in found.tensors])
    if metadata:
        click.echo()
        emit_table(("key", "value"), [(key, _one_line(value)) for key, value in found.metadata.items()])


@click.command(short_help="Compare the weights and the metadata of two models.")
@click.argument("first")
@click.argument("second")
@click.option(
    "--max-error", type=click.FloatRange(0), help="Greatest error allowed, relative to a tensor's largest weight."
)
@click.option(
    "--min-sqnr", type=float, default=0.0, show_default=True, help="Least signal-to-noise ratio allowed, in decibels."
)
@click.option("--tensors", is_flag=True, help=f"List every tensor, not the worst {WORST} only.")
@json_option
def diff(first: str, second: str, max_error: float | None, min_sqnr: float, tensors: bool, as_json: bool) -> int:
    """Compare the models FIRST and SECOND: error and signal-to-noise ratio of each tensor, metadata, tokenizer.

    Each is a checkpoint folder, `tiny`, a safetensors or a GGUF file. Exits with 1 if a tensor is missing, has another
    shape, holds what is no number, or breaks a bound; metadata are shown and do not count.

    \b
    Examples:
      edgedocs diff tiny tiny-q4_k_m.gguf
      edgedocs diff model-f16.gguf model-q8_0.gguf --min-sqnr 40 --json
    """
    from edgedocs.model_diff import diff as compare

    with progress_bar("compare", hidden=as_json) as progress:
        found = compare(first, second, progress)
    findings = found.findings(max_error, min_sqnr)
    if as_json:
        emit_json({**found.as_dict(), "findings": findings})
    else:
        _report(found, len(found.tensors) if tensors else WORST)
        for finding in findings:
            click.echo(f"finding: {finding}")
    return int(bool(findings))


def _report(found: Difference, shown: int) -> None:
    rows = [one.row() for one in found.tensors[:shown]]
    emit_table(("tensor", "first", "second", "max error", "relative", "SQNR dB"), rows)
    identical = sum(one.identical for one in found.tensors)
    click.echo(
        f"\n{len(found.tensors)} tensors compared, {identical} identical; {min(shown, len(rows))} shown, worst first"
    )
    for label, keys in (("lost", found.lost), ("added", found.added)):
        if keys:
            click.echo(f"metadata {label}: {', '.join(keys)}")
    for key, (before, after) in found.changed.items():
        click.echo(f"metadata changed: {key}: {_one_line(before)} -> {_one_line(after)}")


def _one_line(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 80 else f"{text[:79]}…"
