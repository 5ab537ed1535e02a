"""Commands of the models half. Each imports what it needs when it runs, so that ``--help`` stays quick."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from edgedocs.cli.output import emit_json, emit_table, json_option, progress_bar
from edgedocs.core.errors import BadInput

if TYPE_CHECKING:
    from edgedocs.containers.gguf_split import SplitLimit
    from edgedocs.converters.gguf_plan import Plan

F = TypeVar("F", bound=Callable[..., Any])

CATALOG_FILE = Path(__file__).parent.parent / "catalog.json"


def split_options(command: F) -> F:
    """Add the options that split a model into several files."""
    size = click.option(
        "--split-max-size", metavar="N[K|M|G]", help="Write several files with at most so many bytes of tensors."
    )
    tensors = click.option(
        "--split-max-tensors", type=click.IntRange(1), help="Write several files with at most so many tensors."
    )
    return size(tensors(command))


@click.command(short_help="Convert a checkpoint to GGUF, ONNX, OpenVINO, MLX and more.")
@click.argument("source")
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "--to",
    default="gguf",
    show_default=True,
    help="Format to write: gguf, mlx, onnx, openvino, ort-genai, qnn, safetensors.",
)
@click.option(
    "--type", "type_name", help="Precision, such as q4_0 for GGUF, nbits4 for ONNX, 4bit for MLX, int8 for OpenVINO."
)
@click.option("--block-size", type=click.IntRange(1), help="Weights that share a scale, for nbits8, nbits4 and nbits2.")
@click.option("--zero-points", is_flag=True, help="Give each block a zero point, for nbits8, nbits4 and nbits2.")
@click.option("--group-size", type=int, help="Weights that share a scale: mlx, and int4 of openvino.")
@click.option("--dtype", help="Floats beside the quantized weights: f32, f16 or bf16; mlx.")
@click.option("--ratio", type=click.FloatRange(0, 1), help="Share of the weights with 4 bits, for int4 of openvino.")
@click.option("--symmetric", is_flag=True, help="Scales without zero points, for int8 and int4 of openvino.")
@click.option(
    "--calibration", type=click.Path(path_type=Path), help="UTF-8 text to find ranges, or what matters, with."
)
@click.option("--length", type=click.IntRange(2), help="Tokens that the model takes, prompt and answer together: qnn.")
@click.option(
    "--imatrix", type=click.Path(path_type=Path), help="Importance matrix for GGUF, as `edgedocs imatrix` writes it."
)
@split_options
@json_option
def convert(
    source: str,
    target: Path,
    to: str,
    type_name: str | None,
    block_size: int | None,
    zero_points: bool,
    group_size: int | None,
    dtype: str | None,
    ratio: float | None,
    symmetric: bool,
    calibration: Path | None,
    length: int | None,
    imatrix: Path | None,
    split_max_size: str | None,
    split_max_tensors: int | None,
    as_json: bool,
) -> None:
    """Convert SOURCE, a checkpoint folder or `tiny`, into the file or folder TARGET; or a GGUF file to safetensors.

    \b
    Examples:
      edgedocs convert tiny tiny.gguf --type q4_0
      edgedocs convert ./my-llama my-llama.gguf --type q8_0 --split-max-size 2G
      edgedocs convert ./my-llama my-llama-onnx --to onnx --type nbits4 --block-size 32
      edgedocs convert ./my-llama my-llama-mlx --to mlx --type 4bit --group-size 32
      edgedocs convert ./my-llama my-llama-openvino --to openvino --type int4 --calibration text.txt
      edgedocs convert my-llama.gguf my-llama-again --to safetensors --type bf16 --split-max-size 5G
    """
    from edgedocs import converters

    split = _split(split_max_size, split_max_tensors)
    given: dict[str, Any] = {"block_size": block_size, "zero_points": zero_points or None, "calibration": calibration}
    given |= {"group_size": group_size, "dtype": dtype, "ratio": ratio, "symmetric": symmetric or None}
    given |= {"length": length, "imatrix": imatrix}
    options = {name: value for name, value in given.items() if value is not None}
    of_bytes = to in ("gguf", "mlx", "safetensors")
    with progress_bar(f"convert to {to}", hidden=as_json, of_bytes=of_bytes) as progress:
        artifact = converters.convert(source, target, to=to, type=type_name, progress=progress, split=split, **options)
    _report_artifact(artifact, as_json)


@click.command(short_help="Quantize a GGUF file or a checkpoint.")
@click.argument("source")
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--type", "type_name", required=True, help="Recipe, such as q4_k_m or q8_0, or copy; any case.")
@click.option("--imatrix", type=click.Path(path_type=Path), help="Importance matrix, GGUF or .dat.")
@click.option("--pure", is_flag=True, help="All quantized tensors in the recipe's main type, without a mixture.")
@click.option("--leave-output-tensor", is_flag=True, help="Leave output.weight as it is.")
@click.option("--output-tensor-type", metavar="TYPE", help="Type of output.weight.")
@click.option("--token-embedding-type", metavar="TYPE", help="Type of the token embeddings.")
@click.option(
    "--tensor-type",
    "tensor_types",
    multiple=True,
    metavar="REGEX=TYPE",
    help="Type of the tensors whose name has this; may be given several times, the first that fits counts.",
)
@click.option(
    "--allow-requantize", is_flag=True, help="Quantize again what is quantized already, at a loss of quality."
)
@click.option("--threads", type=click.IntRange(1), help="How many work at a time; by default all processors.")
@click.option("--dry-run", is_flag=True, help="Only show what each tensor would become, and the size.")
@split_options
@json_option
def quantize(
    source: str,
    target: Path,
    type_name: str,
    imatrix: Path | None,
    pure: bool,
    leave_output_tensor: bool,
    output_tensor_type: str | None,
    token_embedding_type: str | None,
    tensor_types: tuple[str, ...],
    allow_requantize: bool,
    threads: int | None,
    dry_run: bool,
    split_max_size: str | None,
    split_max_tensors: int | None,
    as_json: bool,
) -> None:
    """Quantize SOURCE, a GGUF file, a checkpoint folder or `tiny`, into the GGUF file TARGET.

    Tensor by tensor the bytes are those of llama.cpp's llama-quantize, with the same options.

    \b
    Examples:
      edgedocs quantize tiny tiny-q4_k_m.gguf --type q4_k_m --dry-run
      edgedocs quantize model-f16.gguf model-q4_k_m.gguf --type q4_k_m --imatrix model.imatrix.gguf
      edgedocs quantize ./my-llama small.gguf --type q4_0 --tensor-type "ffn_down=q6_k"
    """
    from edgedocs.converters.gguf import plan
    from edgedocs.converters.gguf_plan import check_target
    from edgedocs.quantizers.recipes import Options

    options = Options(
        pure=pure,
        leave_output=leave_output_tensor,
        output_type=output_tensor_type,
        embedding_type=token_embedding_type,
        tensor_types=tuple(_named_type(argument) for argument in tensor_types),
    )
    split = _split(split_max_size, split_max_tensors)
    check_target(target)
    made = plan(source, type_name, options=options, imatrix=imatrix, allow_requantize=allow_requantize)
    if dry_run:
        _report_plan(made, as_json)
        return
    with progress_bar(f"quantize to {made.name}", hidden=as_json, of_bytes=True) as progress:
        artifact = made.write(target, progress, threads, split)
    _report_artifact(artifact, as_json)


def _split(size: str | None, tensors: int | None) -> SplitLimit | None:
    if size is None and tensors is None:
        return None
    from edgedocs.containers.gguf_split import SplitLimit, parse_size

    return SplitLimit(None if size is None else parse_size(size), tensors)


def _named_type(argument: str) -> tuple[str, str]:
    pattern, separator, name = argument.rpartition("=")
    if not separator or not pattern:
        raise BadInput(f"--tensor-type {argument!r}", expected="REGEX=TYPE, such as ffn_down=q6_k")
    # llama-quantize takes names in lower case, whatever is written.
    return pattern.lower(), name


def _report_plan(made: Plan, as_json: bool) -> None:
    document = made.as_dict()
    if as_json:
        emit_json(document)
        return
    emit_table(("tensor", "shape", "from", "to", "bytes"), [one.row() for one in made.tensors])
    summary = document["summary"]
    click.echo(
        f"\n{summary['tensors']} tensors, {summary['bytes_before']:,} bytes before, {summary['bytes']:,} after, "
        f"{made.bits_per_weight:.2f} bits a weight"
    )
    if summary["fallbacks"]:
        click.echo(f"{summary['fallbacks']} tensors have rows that the wanted type does not divide, and get another")


def _report_artifact(artifact: Any, as_json: bool) -> None:
    if as_json:
        emit_json(artifact.as_dict())
    else:
        click.echo(f"wrote {artifact.path}: {artifact.recipe}, {artifact.size_bytes:,} bytes")


@click.command(short_help="Continue a prompt with a model.")
@click.argument("model")
@click.option("--prompt", required=True, help="The text to continue, or the message with --chat.")
@click.option("--max-tokens", type=click.IntRange(1), default=128, show_default=True, help="Tokens to add at most.")
@click.option("--temperature", type=click.FloatRange(0.0), default=0.0, show_default=True, help="0 is greedy.")
@click.option("--seed", type=int, default=0, show_default=True, help="Fixes what sampling draws.")
@click.option("--stop", multiple=True, help="Stop before this text; may be given several times.")
@click.option("--backend", help="Runner to use; by default the first that loads the model here.")
@click.option("--address", metavar="URL", help="Server that has MODEL, which is then a name; needs --backend.")
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
    address: str | None,
    chat: bool,
    as_json: bool,
) -> None:
    """Continue a prompt with MODEL; the text is printed as it is made. MODEL may be a server's address, too.

    \b
    Examples:
      edgedocs run tiny --prompt "The" --max-tokens 20
      edgedocs run tiny.gguf --prompt "How do I insert a table?" --chat
      edgedocs run http://127.0.0.1:8080/v1 --prompt "The"
      edgedocs run llama3.2:1b --backend ollama --prompt "The"
    """
    from edgedocs import runners

    options: dict[str, Any] = {"max_tokens": max_tokens, "temperature": temperature, "seed": seed, "stop": stop}
    messages = [{"role": "user", "content": prompt}]
    if address is not None and backend is None:
        raise BadInput("--address without --backend", expected="the server's kind, such as --backend vllm")
    where = {} if address is None else {"address": address}
    with runners.load(model, backend=backend, **where) as runner:
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


@click.command(short_help="List the runners, and what the missing ones need.")
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


@click.command(short_help="Show all formats, recipes, architectures and runners.")
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
