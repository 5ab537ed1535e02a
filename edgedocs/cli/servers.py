"""Commands around servers: start one for a model, write what Ollama makes a model of."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgedocs.cli.output import emit_json, json_option
from edgedocs.core.errors import BadInput, CannotRun

if TYPE_CHECKING:
    from edgedocs.runners.servers.local_server import LocalServer


@click.command()
@click.argument("model")
@click.option("--host", default="127.0.0.1", show_default=True, help="Interface to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes any free one.")
@click.option("--context", type=click.IntRange(1), help="Tokens the cache holds; by default the model's, at most 4096.")
@click.option("--threads", type=click.IntRange(1), help="Threads that compute; by default half of the processors.")
def serve(model: str, host: str, port: int, context: int | None, threads: int | None) -> None:
    """Serve MODEL, a GGUF file, a checkpoint folder or `tiny`, by OpenAI's protocol until Ctrl-C.

    The server is llama-cpp-python's. A checkpoint is converted to F16 in a temporary folder first. A key in
    EDGEDOCS_API_KEY is demanded from whoever asks.

    \b
    Examples:
      edgedocs serve tiny.gguf
      edgedocs serve ./my-llama --port 8090
    """
    from edgedocs.runners.servers.local_server import LocalServer

    with ExitStack() as resources:
        path = _gguf(model, resources)
        server = LocalServer(path, host=host, port=port, context=context, threads=threads, log=True)
        _announce(resources.enter_context(server), host)
        code = server.wait()
    raise CannotRun(f"the server ended by itself, with code {code}", where=model, remedy="see its messages above")


def _gguf(model: str, resources: ExitStack) -> Path:
    from edgedocs.containers.gguf import is_gguf
    from edgedocs.runners.sources import converted, is_checkpoint, locate

    path = locate(model)
    if is_checkpoint(path):
        return resources.enter_context(converted(path, "gguf", "f16"))
    if not is_gguf(path):
        raise BadInput(
            "there is no server for this",
            where=path,
            expected="a GGUF file or a checkpoint",
            remedy="serve the checkpoint that it was converted from, or a GGUF file made of that",
        )
    return path


def _announce(server: LocalServer, host: str) -> None:
    from edgedocs.core.addresses import is_loopback

    if not is_loopback(host):
        click.echo("warning: other machines can reach this server; set EDGEDOCS_API_KEY to demand a key", err=True)
    click.echo(f"{server.model} is served at {server.address} (Ctrl-C ends it). Try:")
    click.echo(
        f"  curl {server.address}/completions -H 'Content-Type: application/json' "
        """-d '{"prompt": "The", "max_tokens": 20, "temperature": 0}'"""
    )
    click.echo(f'  edgedocs run {server.address} --prompt "The" --max-tokens 20')


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--template/--no-template", default=True, help="Write the chat template; without, Ollama guesses.")
@json_option
def modelfile(model: Path, target: Path, template: bool, as_json: bool) -> None:
    """Write TARGET, a Modelfile from which `ollama create` makes a model of MODEL, a GGUF file.

    The chat template is written in Ollama's own language, and checked to give the same prompts as the model's.

    \b
    Example:
      edgedocs modelfile tiny.gguf Modelfile
    """
    from edgedocs.runners.servers.modelfile import write

    written = write(model, target, template=template)
    if as_json:
        emit_json(written.as_dict())
        return
    click.echo(f"wrote {target}: {', '.join(written.instructions)}")
    click.echo(f"next: ollama create NAME -f {target}")
