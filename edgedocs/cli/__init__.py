"""The command line: the one part of EdgeDocs that sees both halves. Commands parse, call and print.

Exit codes: 0 clean; 1 findings or a failed comparison; 2 usage or bad input; 3 could not run.
Errors go to standard error as ``error: …`` with a remedy line, or as JSON where ``--json`` was asked for.
"""

from __future__ import annotations

import io
import signal
import sys
from typing import NoReturn

import click

from edgedocs.cli.advice import advise
from edgedocs.cli.embedding import embed
from edgedocs.cli.examples import examples
from edgedocs.cli.inspection import diff, inspect
from edgedocs.cli.kernels import tell_of_compiling, warmup
from edgedocs.cli.measurement import bench, compare, imatrix, measure
from edgedocs.cli.models import backends, catalog, convert, quantize, run
from edgedocs.cli.output import emit_error
from edgedocs.cli.servers import modelfile, serve
from edgedocs.cli.site import site
from edgedocs.cli.translate import translate
from edgedocs.core.errors import BadInput, CannotRun, EdgeDocsError

TERMINATING = ("SIGTERM", "SIGHUP")
"""Signals that end a process at once, before it has removed its temporary files; Windows lacks the second."""


class _Terminated(BaseException):
    """A signal asked the process to end."""

    def __init__(self, number: int) -> None:
        self.exit_code = 128 + number


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="edgedocs", prog_name="edgedocs")
def cli() -> None:
    """Convert, quantize, run and measure models for edge devices; verify pages and their translations.

    MODEL is a checkpoint folder, a .gguf file, the folder of another format that `convert` writes, or `tiny`, the
    trained model that comes along.

    \b
    Examples:
      edgedocs run tiny --prompt "The" --max-tokens 20
      edgedocs convert tiny tiny.gguf --to gguf --type q4_0
      edgedocs measure tiny.gguf --text book.txt --json
      edgedocs translate status
      edgedocs site new my-docs
    """


for command in (
    convert,
    quantize,
    imatrix,
    inspect,
    diff,
    run,
    embed,
    serve,
    modelfile,
    measure,
    bench,
    compare,
    advise,
    backends,
    catalog,
    warmup,
    examples,
    translate,
    site,
):
    cli.add_command(command)


def main() -> None:
    """Run the command line and exit with its code.

    Raises:
        KeyboardInterrupt: after Ctrl-C.
    """
    as_json = "--json" in sys.argv[1:]
    _prepare_streams()
    _unwind_when_terminated()
    tell_of_compiling()
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        code = BadInput.exit_code
    except EdgeDocsError as error:
        emit_error(error, as_json)
        code = error.exit_code
    except click.UsageError as error:
        help_command = f"{error.ctx.command_path} --help" if error.ctx else "edgedocs --help"
        emit_error(BadInput(error.format_message(), remedy=f"see `{help_command}`"), as_json)
        code = BadInput.exit_code
    except click.ClickException as error:
        emit_error(CannotRun(error.format_message()), as_json)
        code = CannotRun.exit_code
    except MemoryError:
        emit_error(CannotRun("out of memory", remedy="take a smaller model, type or context"), as_json)
        code = CannotRun.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None  # as it came; the caller ends the process
    except _Terminated as terminated:
        code = terminated.exit_code
    except OSError as error:
        emit_error(CannotRun(error.strerror or str(error), where=error.filename), as_json)
        code = CannotRun.exit_code
    except SystemExit:
        # click ends so, with 1, when nobody reads the output any more; here 1 means findings.
        code = CannotRun.exit_code
    sys.exit(code)


def _prepare_streams() -> None:
    """Show what the terminal or the pipe has no character for as an escape, instead of failing on it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def _unwind_when_terminated() -> None:
    """Let the signals that would end the process raise, so that every ``with`` block removes what it made."""

    def end(number: int, _: object) -> NoReturn:
        raise _Terminated(number)

    for name in TERMINATING:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, end)
