"""The command for the kernels of the quantizers."""

from __future__ import annotations

import logging
import sys
import time

import click

from edgedocs.cli.output import emit_json, emit_table, json_option, progress_bar
from edgedocs.core.errors import BadInput, CannotRun


@click.command(short_help="Compile the fast kernels now, not at their first use.")
@click.argument("formats", nargs=-1)
@json_option
def warmup(formats: tuple[str, ...], as_json: bool) -> None:
    """Compile the fast code of FORMATS, or of all formats, so that the first quantization need not.

    The machine code is kept in the user's cache folder, or in EDGEDOCS_CACHE_DIR, until EdgeDocs or Numba change. It
    needs the extra `fast`.

    \b
    Examples:
      edgedocs warmup q4_k q6_k
      EDGEDOCS_CACHE_DIR=/var/cache/edgedocs edgedocs warmup
    """
    from edgedocs.quantizers import kernels

    names = [name.lower() for name in formats] or sorted(kernels.available())
    for name in names:
        if name not in kernels.available():
            raise BadInput(
                f"no fast code for {name!r}", expected=f"some of {', '.join(sorted(kernels.available()))}, or none"
            )
    if kernels.engine() != "numba":
        raise CannotRun(
            "fast code is compiled by Numba, which is not installed or switched off",
            remedy=f"python -m pip install 'edgedocs[fast]', and leave {kernels.VARIABLE} unset",
        )
    from edgedocs.core import caching
    from edgedocs.quantizers.kernels import machine_code

    seconds: dict[str, float] = {}
    with progress_bar("compile", hidden=as_json) as progress:
        for code in kernels.SHARED:
            code.loaded()
        for done, name in enumerate(names):
            progress(done, len(names))
            start = time.perf_counter()
            kernels.load(name).compile()
            seconds[name] = round(time.perf_counter() - start, 2)
        progress(len(names), len(names))
    folder = machine_code.folder()
    if as_json:
        emit_json({"formats": seconds, "folder": None if folder is None else str(folder)})
        return
    emit_table(("format", "seconds"), list(seconds.items()))
    click.echo(
        f"\nkept in {folder}"
        if folder
        else f"\nnot kept: no folder to write to that is the user's alone; name one in {caching.VARIABLE}"
    )


def tell_of_compiling() -> None:
    """Show on standard error when fast code is being compiled, where that is a terminal."""
    if sys.stderr.isatty():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("\r\033[K%(message)s"))  # over a progress bar
        logger = logging.getLogger("edgedocs.quantizers.kernels")
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
