"""Commands of the models half. Each imports what it needs when it runs, so that ``--help`` stays quick."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from edgedocs.cli.output import emit_json, emit_table, json_option, progress_bar

CATALOG_FILE = Path(__file__).parent.parent / "catalog.json"


@click.command()
@click.argument("source")
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--to", default="gguf", show_default=True, help="Format to write: gguf or onnx.")
@click.option("--type", "type_name", help="Precision, such as f16, q8_0 or q4_0 for GGUF, f32 for ONNX.")
@json_option
def convert(source: str, target: Path, to: str, type_name: str | None, as_json: bool) -> None:
    """Convert the checkpoint folder SOURCE (or `tiny`) into the file or folder TARGET.

    \b
    Examples:
      edgedocs convert tiny tiny.gguf --type q4_0
      edgedocs convert ./my-llama my-llama-onnx --to onnx
    """
    from edgedocs import converters

    with progress_bar(f"convert to {to}", hidden=as_json) as progress:
        artifact = converters.convert(source, target, to=to, type=type_name, progress=progress)
    _report_artifact(artifact, as_json)


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--type", "type_name", required=True, help="Recipe, such as q8_0 or q4_0.")
@json_option
def quantize(source: Path, target: Path, type_name: str, as_json: bool) -> None:
    """Quantize the GGUF file SOURCE (f32, f16 or bf16) into the GGUF file TARGET.

    \b
    Example:
      edgedocs quantize tiny-f16.gguf tiny-q4_0.gguf --type q4_0
    """
    from edgedocs.converters.gguf import quantize as quantize_file

    with progress_bar(f"quantize to {type_name}", hidden=as_json) as progress:
        artifact = quantize_file(source, target, type_name, progress=progress)
    _report_artifact(artifact, as_json)


def _report_artifact(artifact: Any, as_json: bool) -> None:
    if as_json:
        emit_json(artifact.as_dict())
    else:
        click.echo(f"wrote {artifact.path}: {artifact.recipe}, {artifact.size_bytes:,} bytes")


@click.command()
@click.argument("model")
@click.option("--tensors", is_flag=True, help="List every tensor.")
@json_option
def inspect(model: str, tensors: bool, as_json: bool) -> None:
    """Show what MODEL holds: format, architecture, tensor types, true bits per weight, what runs it.

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


@click.command()
@click.argument("model")
@click.option("--prompt", required=True, help="The text to continue, or the message with --chat.")
@click.option("--max-tokens", type=click.IntRange(1), default=128, show_default=True, help="Tokens to add at most.")
@click.option("--temperature", type=click.FloatRange(0.0), default=0.0, show_default=True, help="0 is greedy.")
@click.option("--seed", type=int, default=0, show_default=True, help="Fixes what sampling draws.")
@click.option("--stop", multiple=True, help="Stop before this text; may be given several times.")
@click.option("--backend", help="Runner to use; by default the first that loads the model here.")
@click.option("--chat", is_flag=True, help="Put the prompt into the model's chat template as the user's message.")
@json_option
def run(
    model: str,
    prompt: str,
    max_tokens: int,
    temperature: float,
    seed: int,
    stop: tuple[str, ...],
    backend: str | None,
    chat: bool,
    as_json: bool,
) -> None:
    """Continue a prompt with MODEL; the text is printed as it is made.

    \b
    Examples:
      edgedocs run tiny --prompt "The" --max-tokens 20
      edgedocs run tiny.gguf --prompt "How do I insert a table?" --chat
    """
    from edgedocs import runners

    options: dict[str, Any] = {"max_tokens": max_tokens, "temperature": temperature, "seed": seed, "stop": stop}
    messages = [{"role": "user", "content": prompt}]
    with runners.load(model, backend=backend) as runner:
        if as_json:
            text = runner.chat(messages, **options) if chat else runner.generate(prompt, **options)
            emit_json({"model": model, "backend": runner.name, "prompt": prompt, "text": text})
            return
        if chat:
            pieces = runner.chat(messages, **options, stream=True)
        else:
            pieces = runner.generate(prompt, **options, stream=True)
            click.echo(prompt, nl=False)
        for piece in pieces:
            click.echo(piece, nl=False)
        click.echo()


@click.command()
@click.argument("model")
@click.option("--text", "text_file", required=True, type=click.Path(path_type=Path), help="UTF-8 text to predict.")
@click.option("--context", type=click.IntRange(2), help="Tokens a window; by default the model's context, at most 512.")
@click.option("--backend", help="Runner to use; by default the first that loads the model here.")
@json_option
def measure(model: str, text_file: Path, context: int | None, backend: str | None, as_json: bool) -> None:
    """Measure MODEL: perplexity on a text with its 95 % interval, bits per weight, size.

    \b
    Example:
      edgedocs measure tiny.gguf --text edgedocs/tiny/heldout/en.txt --json
    """
    from edgedocs.core import files
    from edgedocs.measurement.report import measure as measure_model

    text = files.read_text(text_file)
    with progress_bar("perplexity", hidden=as_json) as progress:
        result = measure_model(model, text, backend=backend, context=context, progress=progress)
    if as_json:
        emit_json(result)
        return
    low, high = result["perplexity_low"], result["perplexity_high"]
    interval = "text too short for an interval" if low is None else f"95 % interval {low:.3f} to {high:.3f}"
    click.echo(f"perplexity       {result['perplexity']:.3f}  ({interval})")
    click.echo(f"bits per weight  {result['bits_per_weight']:.4f}")
    click.echo(f"size             {result['size_bytes']:,} bytes")
    click.echo(f"tokens           {result['tokens']:,}, by {result['backend']}")


@click.command()
@json_option
def backends(as_json: bool) -> None:
    """List the runners: which work on this machine, and what the others need.

    \b
    Example:
      edgedocs backends
    """
    from edgedocs.catalog import availability

    found = availability()
    if as_json:
        emit_json({"runners": found})
        return
    rows = [(r["name"], "yes" if r["available"] else "no", r["reason"] or "", r["remedy"] or "") for r in found]
    emit_table(("runner", "works", "reason", "remedy"), rows)


@click.command()
@click.option("--write", is_flag=True, help="Write edgedocs/catalog.json, which the handbook reads (contributors).")
@json_option
def catalog(write: bool, as_json: bool) -> None:
    """Show what the library can do: formats, recipes, architectures, converters, runners.

    \b
    Examples:
      edgedocs catalog
      edgedocs catalog --json
    """
    from edgedocs.catalog import availability
    from edgedocs.catalog import catalog as read_catalog
    from edgedocs.core import files

    found = read_catalog()
    if write:
        files.write_json(CATALOG_FILE, found)
        click.echo(f"wrote {CATALOG_FILE}", err=True)
    if as_json:
        emit_json({**found, "availability": availability()})
        return
    emit_table(
        ("format", "weights a block", "bytes a block", "bits per weight"),
        [(f["name"], f["block_size"], f["block_bytes"], f["bits_per_weight"]) for f in found["formats"]],
    )
    click.echo()
    for noun in ("recipes", "architectures", "converters", "runners"):
        names = [entry if isinstance(entry, str) else entry["name"] for entry in found[noun]]
        click.echo(f"{noun:14} {', '.join(names)}")
