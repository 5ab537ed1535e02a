"""Commands that measure models. Each imports what it needs when it runs, so that ``--help`` stays quick."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from edgedocs.cli.output import emit_json, emit_table, json_option, progress_bar
from edgedocs.core.errors import BadInput, CannotRun

F = TypeVar("F", bound=Callable[..., Any])


def window_options(command: F) -> F:
    """Add the options that say on which windows of which texts to measure."""
    for option in (
        click.option("--windows", type=click.IntRange(1), help="Only so many windows from the start of each text."),
        click.option(
            "--method",
            type=click.Choice(("overlapping", "llama.cpp")),
            default="overlapping",
            show_default=True,
            help="Each token once, or as llama-perplexity: windows side by side, their second half.",
        ),
        click.option("--stride", type=click.IntRange(1), help="Tokens from window to window; default: context - 1."),
        click.option(
            "--context", type=click.IntRange(2), help="Tokens a window; by default the model's context, at most 512."
        ),
        click.option(
            "--text",
            "texts",
            required=True,
            multiple=True,
            metavar="[NAME=]FILE",
            help="UTF-8 text to predict; may be given several times, once a language.",
        ),
    ):
        command = option(command)
    return command


@click.command(short_help="Measure perplexity, divergence, bits per weight and size.")
@click.argument("model")
@window_options
@click.option(
    "--reference", help="Model to compare with: gives KL divergence and top-1 agreement, or the cosine of embeddings."
)
@click.option("--reference-backend", help="Runner of the reference; by default the first that loads it here.")
@click.option("--backend", help="Runner to use; by default the first that loads the model here.")
@json_option
def measure(
    model: str,
    texts: tuple[str, ...],
    context: int | None,
    stride: int | None,
    method: Any,
    windows: int | None,
    reference: str | None,
    reference_backend: str | None,
    backend: str | None,
    as_json: bool,
) -> None:
    """Measure MODEL: perplexity on a text with its 95 % interval, bits per weight, size.

    With --reference also how far its predictions are from those of another model. Of a model that gives embeddings,
    such as BERT, it measures with --reference how alike both models' embeddings of each line are.

    \b
    Examples:
      edgedocs measure tiny.gguf --text edgedocs/tiny/heldout/en.txt --json
      edgedocs measure tiny.gguf --reference tiny --text en.txt --text cs.txt
      edgedocs measure tiny.gguf --text en.txt --method llama.cpp --context 512
    """
    from edgedocs.measurement.report import measure as measure_model
    from edgedocs.measurement.texts import Texts

    if reference is None and reference_backend is not None:
        raise BadInput("--reference-backend without --reference", expected="both, or neither")
    given = Texts.named(texts)
    with progress_bar("measure", hidden=as_json) as progress:
        result = measure_model(
            model,
            given,
            backend=backend,
            context=context,
            windows=windows,
            progress=progress,
            stride=stride,
            method=method,
            reference=reference,
            reference_backend=reference_backend,
            command=_command(),
        )
    if as_json:
        emit_json(result)
    elif result["measurement"] == "similarity":
        _report_similarity(result)
    else:
        _report_quality(result)


def _report_similarity(result: dict[str, Any]) -> None:
    click.echo(f"cosine           {result['cosine']:.6f}  ({_interval(result, 'cosine', '.6f')})")
    _report_stored(result)
    click.echo(f"lines            {result['texts']:,}, by {result['backend']}")
    if "languages" in result:
        click.echo()
        rows = [(name, f"{one['cosine']:.6f}", one["texts"]) for name, one in result["languages"].items()]
        emit_table(("text", "cosine", "lines"), rows)


def _report_stored(result: dict[str, Any]) -> None:
    click.echo(f"bits per weight  {result['bits_per_weight']:.4f}")
    click.echo(f"size             {result['size_bytes']:,} bytes")


def _report_quality(result: dict[str, Any]) -> None:
    click.echo(f"perplexity       {result['perplexity']:.3f}  ({_interval(result, 'perplexity', '.3f')})")
    if "kl_divergence" in result:
        click.echo(
            f"KL divergence    {result['kl_divergence']:.3g} nats  ({_interval(result, 'kl_divergence', '.3g')})"
        )
        click.echo(f"top-1 agreement  {result['top1_agreement']:.2%}  ({_interval(result, 'top1_agreement', '.2%')})")
    _report_stored(result)
    windows = f"{result['windows']:,} windows of {result['context']}, stride {result['stride']}, {result['method']}"
    click.echo(f"tokens           {result['tokens']:,}, by {result['backend']}; {windows}")
    if "languages" in result:
        click.echo()
        names = ["perplexity", "kl_divergence", "top1_agreement"] if "kl_divergence" in result else ["perplexity"]
        emit_table(
            ("text", *(name.replace("_", " ") for name in names), "tokens"),
            [(name, *(f"{one[key]:.5g}" for key in names), one["tokens"]) for name, one in result["languages"].items()],
        )


def _interval(result: dict[str, Any], name: str, form: str) -> str:
    low, high = result[f"{name}_low"], result[f"{name}_high"]
    return "text too short for an interval" if low is None else f"95 % interval {low:{form}} to {high:{form}}"


@click.command(short_help="Measure speed, start and memory of a model.")
@click.argument("model")
@click.option("--backend", help="Runner to use; by default the first that loads the model here.")
@click.option("--prompt-tokens", type=click.IntRange(1), default=128, show_default=True, help="Tokens to read.")
@click.option("--generate", type=click.IntRange(1), default=32, show_default=True, help="Tokens to generate.")
@click.option(
    "--repeats", type=click.IntRange(1), default=5, show_default=True, help="How often, after once to warm up."
)
@click.option("--threads", metavar="N,…", help="Numbers of threads to try; by default half of the processors.")
@json_option
def bench(
    model: str,
    backend: str | None,
    prompt_tokens: int,
    generate: int,
    repeats: int,
    threads: str | None,
    as_json: bool,
) -> None:
    """Measure how fast MODEL reads and generates, how long it takes to start, and its memory.

    Medians with quartiles; beside them the memory's bandwidth and the speed that it allows.

    \b
    Examples:
      edgedocs bench tiny.gguf
      edgedocs bench tiny.gguf --threads 1,2,4 --json
    """
    from edgedocs.measurement.speed import speed

    counts = None if threads is None else [_count(one) for one in _names(threads)]
    with progress_bar("bench", hidden=as_json) as progress:
        result = speed(model, backend, prompt_tokens, generate, repeats, counts, progress, _command())
    if as_json:
        emit_json(result)
        return
    emit_table(
        ("threads", "prefill tok/s", "decode tok/s", "quartiles", "first token s", "memory GB/s", "roofline tok/s"),
        [
            (
                one["threads"],
                f"{one['prefill']['median']:.1f}",
                f"{one['decode']['median']:.1f}",
                f"{one['decode']['low']:.1f} to {one['decode']['high']:.1f}",
                f"{one['first_token_seconds']['median']:.4f}",
                f"{one['bandwidth']['median'] / 1e9:.1f}",
                f"{one['roofline']:.1f}",
            )
            for one in result["sweep"]
        ],
    )
    cache, peak = result["cache"], result["peak_memory_bytes"]
    click.echo(f"\ncold start   {result['cold_start_seconds']['median']:.2f} s to the first token")
    click.echo(f"peak memory  {'unknown' if peak is None else f'{peak:,} bytes'}, of a fresh process")
    click.echo(
        f"cache        {cache['context_bytes']:,} bytes by formula for {cache['context']:,} tokens"
        if cache["context_bytes"]
        else "cache        of unknown shape"
    )


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise BadInput(f"--threads has {text!r}", expected="whole numbers from 1 with commas between them")
    return int(text)


@click.command(short_help="Measure a model's importance matrix on a text.")
@click.argument("model")
@click.option("--text", "text_file", required=True, type=click.Path(path_type=Path), help="UTF-8 text to learn from.")
@click.option("--output", required=True, type=click.Path(path_type=Path), help="GGUF file to write.")
@click.option("--context", type=click.IntRange(2), help="Tokens a chunk; by default the model's context, at most 512.")
@click.option("--chunks", type=click.IntRange(1), help="Only so many chunks from the start.")
@click.option("--process-output", is_flag=True, help="Measure output.weight too.")
@click.option("--threads", type=click.IntRange(1), help="How many compute; by default half of the processors.")
@json_option
def imatrix(
    model: str,
    text_file: Path,
    output: Path,
    context: int | None,
    chunks: int | None,
    process_output: bool,
    threads: int | None,
    as_json: bool,
) -> None:
    """Measure the importance matrix of MODEL on a text, for `--imatrix` of convert and quantize.

    The file is what llama.cpp's llama-imatrix writes. Needs llama.cpp.

    \b
    Examples:
      edgedocs imatrix tiny --text book.txt --output tiny.imatrix.gguf
      edgedocs quantize tiny small.gguf --type iq2_xs --imatrix tiny.imatrix.gguf
    """
    from edgedocs.core import files
    from edgedocs.measurement.importance import importance

    if output.suffix.lower() != ".gguf":
        raise BadInput("a name that says nothing of GGUF", where=output, expected="a name that ends in .gguf")
    if not output.absolute().parent.is_dir():
        raise CannotRun("cannot write here: no such folder", where=output.parent, expected="a folder to write to")
    text = files.read_text(text_file)
    with progress_bar("imatrix", hidden=as_json) as progress:
        found = importance(model, text, context, chunks, process_output, threads, progress)
    digest = found.write(output, [text_file.name])
    if as_json:
        emit_json(
            {
                "path": str(output),
                "sha256": digest,
                "matrices": len(found.sums),
                "chunks": found.chunks,
                "context": found.context,
                "command": _command(),
            }
        )
    else:
        click.echo(f"wrote {output}: {len(found.sums)} matrices, {found.chunks} chunks of {found.context} tokens")


@click.command(short_help="Measure a model in several types on several runners.")
@click.argument("model")
@click.option("--types", required=True, metavar="TYPE,…", help="Types to convert to, such as q8_0,q4_k_m.")
@click.option("--backends", metavar="RUNNER,…", help="Runners; by default for each type the first that works here.")
@window_options
@click.option("--imatrix", "matrix", type=click.Path(path_type=Path), help="Importance matrix for the types of GGUF.")
@click.option("--reference-backend", help="Runner of MODEL itself, which all are compared with.")
@click.option("--work", type=click.Path(path_type=Path), help="Folder that keeps what is done.  [.edgedocs/compare]")
@click.option("--plot", type=click.Path(path_type=Path), help="Draw perplexity against size: .svg or .png.")
@json_option
def compare(
    model: str,
    types: str,
    backends: str | None,
    texts: tuple[str, ...],
    context: int | None,
    stride: int | None,
    method: Any,
    windows: int | None,
    matrix: Path | None,
    reference_backend: str | None,
    work: Path | None,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Convert MODEL to several types and measure each on several backends, beside MODEL itself.

    Interrupted or killed, it keeps what is done; the same command goes on from there.

    \b
    Examples:
      edgedocs compare tiny --types q8_0,q4_k_m,q2_k --text en.txt --plot pareto.svg
      edgedocs compare ./my-llama --types q4_k_m,iq2_xs --imatrix my.imatrix.gguf --text en.txt --text cs.txt --json
      edgedocs compare tiny --types f32 --backends llama_cpp,onnxruntime --text en.txt
    """
    from edgedocs.measurement import plots
    from edgedocs.measurement.grid import WORK
    from edgedocs.measurement.grid import compare as compare_types
    from edgedocs.measurement.texts import Texts

    if plot is not None:
        plots.check_plot(plot)
    kept: list[Any] = []
    folder = WORK if work is None else work
    try:
        with progress_bar("compare", hidden=as_json) as progress:
            found = compare_types(
                model,
                _names(types),
                Texts.named(texts),
                None if backends is None else _names(backends),
                work=folder,
                context=context,
                windows=windows,
                stride=stride,
                method=method,
                imatrix=matrix,
                reference_backend=reference_backend,
                progress=progress,
                command=_command(),
                finished=kept.append,
            )
    except KeyboardInterrupt:
        click.echo(f"\n{len(kept)} rows are kept in {folder}; the same command goes on from there", err=True)
        raise
    if plot is not None and found.rows:
        plots.draw(found.rows, plot, f"{found.document['model']}, {found.document['reference']['tokens']:,} tokens")
    if as_json:
        emit_json(found.document)
    else:
        _report_comparison(found.document)
    if found.failed:
        failed = found.failed[0]
        raise CannotRun(
            f"{len(found.failed)} of {len(found.rows) + len(found.failed)} rows could not be measured; the first: "
            f"{failed['error']['error']}",
            where=f"{failed['type']} on {failed['backend']}",
            remedy=failed["error"]["remedy"],
        )


def _report_comparison(document: dict[str, Any]) -> None:
    emit_table(
        ("type", "backend", "bytes", "bits/weight", "perplexity", "95 % interval", "KL divergence", "top-1"),
        [
            (
                row["type"],
                row["backend"],
                row["size_bytes"],
                f"{row['bits_per_weight']:.2f}",
                f"{row['perplexity']:.3f}",
                "" if row["perplexity_low"] is None else f"{row['perplexity_low']:.3f} to {row['perplexity_high']:.3f}",
                f"{row['kl_divergence']:.3g}",
                f"{row['top1_agreement']:.2%}",
            )
            for row in document["rows"]
        ],
    )
    reference = document["reference"]
    click.echo(
        f"\n{reference['model']} itself: perplexity {reference['perplexity']:.3f} by {reference['backend']}, "
        f"{reference['tokens']:,} tokens in windows of {document['context']}, stride {document['stride']}"
    )


def _names(argument: str) -> list[str]:
    found = [name.strip() for name in argument.split(",") if name.strip()]
    if not found:
        raise BadInput(f"no names in {argument!r}", expected="names with commas between them")
    return found


def _command() -> str:
    return shlex.join(["edgedocs", *sys.argv[1:]])
