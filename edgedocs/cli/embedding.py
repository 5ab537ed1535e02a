"""The command that embeds texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgedocs.cli.output import emit_json, emit_table, json_option, progress_bar
from edgedocs.core.errors import BadInput

if TYPE_CHECKING:
    from edgedocs.runners.base import Logits

WIDEST = 60
"""Characters of a text that are shown."""


@click.command(short_help="Make vectors of texts.")
@click.argument("model")
@click.argument("texts", metavar="[TEXT]...", nargs=-1)
@click.option("--file", "file", type=click.Path(path_type=Path), help="UTF-8 file with a text in each line.")
@click.option(
    "--normalize/--raw", default=True, show_default=True, help="Length 1, or as the model's pooling gives it."
)
@click.option("--backend", help="Runner to use; by default the first that loads the model here.")
@click.option("--address", metavar="URL", help="Server that has MODEL, which is then a name; needs --backend.")
@json_option
def embed(
    model: str,
    texts: tuple[str, ...],
    file: Path | None,
    normalize: bool,
    backend: str | None,
    address: str | None,
    as_json: bool,
) -> None:
    """Make vectors of texts with MODEL, an encoder such as BERT, or a server that embeds.

    How the vectors of tokens become one is the model's own setting, or else their mean. Without --json it shows how
    alike the texts are: the cosine of each two vectors.

    \b
    Examples:
      edgedocs embed ./all-MiniLM-L6-v2 "a cat" "a dog" "a database"
      edgedocs embed minilm-onnx --file sentences.txt --json
      edgedocs embed nomic-embed-text "a cat" --backend ollama
    """
    from edgedocs import runners
    from edgedocs.core import files

    if bool(texts) == (file is not None):
        raise BadInput("texts and --file" if texts else "nothing to embed", expected="texts, or --file with some")
    if address is not None and backend is None:
        raise BadInput("--address without --backend", expected="the server's kind, such as --backend ollama")
    given = list(texts) if file is None else [line for line in files.read_text(file).splitlines() if line.strip()]
    if not given:
        raise BadInput("nothing to embed", where=file, expected="a line that is not blank")
    where = {} if address is None else {"address": address}
    vectors: list[Logits] = []
    with runners.load(model, backend=backend, **where) as runner, progress_bar("embed", hidden=as_json) as progress:
        for text in given:
            vectors.append(runner.embed(text, normalize=normalize))
            progress(len(vectors), len(given))
        name = runner.name
    if as_json:
        pairs = zip(given, vectors, strict=True)
        document: dict[str, Any] = {
            "model": model,
            "backend": name,
            "dimensions": len(vectors[0]),
            "normalized": normalize,
        }
        emit_json(document | {"embeddings": [{"text": text, "embedding": one.tolist()} for text, one in pairs]})
    else:
        _report(given, vectors, name)


def _report(texts: list[str], vectors: list[Logits], backend: str) -> None:
    import numpy as np

    from edgedocs.cli.columns import visible
    from edgedocs.measurement.embeddings import cosine

    click.echo(f"{len(vectors[0]):,} dimensions, by {backend}")
    shown = [text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…" for text in map(visible, texts)]
    numbers = range(1, len(texts) + 1)
    norms = [f"{float(np.linalg.norm(one)):.4f}" for one in vectors]
    click.echo()
    emit_table(("", "norm", "text"), list(zip(numbers, norms, shown, strict=True)))
    if len(texts) > 1:
        click.echo()
        rows = [
            (number, *(f"{cosine(one, other):.4f}" for other in vectors))
            for number, one in zip(numbers, vectors, strict=True)
        ]
        emit_table(("cosine", *map(str, numbers)), rows)
