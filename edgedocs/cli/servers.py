"""Commands around servers: start one for a model, write what Ollama makes a model of."""

from __future__ import annotations

import json
import shlex
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgedocs.cli.output import emit_json, json_option
from edgedocs.core.errors import CannotRun

if TYPE_CHECKING:
    from edgedocs.runners.serving import LocalServer


class _WithTable(click.Command):
    """A command whose help ends with what serves what."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table; it is looked up when it is asked for."""
        from edgedocs.runners.serving import table

        with formatter.section("What serves what"):
            formatter.write_dl([(kind, f"{server}: {remark}") for kind, server, remark in table()])


@click.command(cls=_WithTable, short_help="Serve a model by OpenAI's protocol, on this machine alone.")
@click.argument("model")
@click.option("--host", default="127.0.0.1", show_default=True, help="Interface to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes any free one.")
@click.option(
    "--context", type=click.IntRange(1), help="Tokens the cache holds; by default the model's, at most 4096: llama.cpp."
)
@click.option("--threads", type=click.IntRange(1), help="Threads, by default half of the processors: llama.cpp.")
def serve(model: str, host: str, port: int, context: int | None, threads: int | None) -> None:
    """Serve MODEL by OpenAI's protocol until Ctrl-C, with the server that its format has.

    A checkpoint is converted to GGUF, F16, in a temporary folder first. A key in EDGEDOCS_API_KEY is demanded from
    whoever asks.

    \b
    Examples:
      edgedocs serve tiny.gguf
      edgedocs serve ./my-llama --port 8090
      edgedocs serve ./my-llama-mlx
    """
    from edgedocs.runners.serving import server_for

    with ExitStack() as resources:
        options = {"host": host, "port": port, "context": context, "threads": threads, "log": True}
        server = server_for(model, resources, **options)
        _announce(resources.enter_context(server), host)
        code = server.wait()
    raise CannotRun(f"the server ended by itself, with code {code}", where=model, remedy="see its messages above")


def _announce(server: LocalServer, host: str) -> None:
    from edgedocs.core.addresses import is_loopback

    if not is_loopback(host):
        click.echo("warning: other machines can reach this server; set EDGEDOCS_API_KEY to demand a key", err=True)
    given: dict[str, object] = {"model": server.model}
    given |= {"prompt": "The"} if server.completes else {"messages": [{"role": "user", "content": "Hello"}]}
    body = shlex.quote(json.dumps(given | {"max_tokens": 20, "temperature": 0}))
    request, prompt = ("completions", '"The"') if server.completes else ("chat/completions", '"Hello" --chat')
    click.echo(f"{server.model} is served at {server.address} (Ctrl-C ends it). Try:")
    click.echo(f"  curl {server.address}/{request} -H 'Content-Type: application/json' -d {body}")
    click.echo(f"  edgedocs run {server.address} --prompt {prompt} --max-tokens 20")


@click.command(short_help="Write a Modelfile for `ollama create`.")
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
