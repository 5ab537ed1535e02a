"""The commands by name: what each takes, and what it calls."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from tools.tasks import checks, locks, vllm, website
from tools.tasks.clean import clean
from tools.tasks.console import CommandError, say
from tools.tasks.environment import SETS, Environment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

INTERRUPTED = 130


def parser() -> argparse.ArgumentParser:
    """The parser of the command line; each command's help is one line."""
    top = argparse.ArgumentParser(
        prog="tools/dev.py", description="Everything that is done in this repository, behind one command."
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    site = commands.add_parser("site", help="build the site in all languages and serve it on this machine")
    site.add_argument("--port", type=_port, default=8000, help="where to serve it (default: %(default)s)")
    site.add_argument("--no-serve", action="store_true", help="build only")

    test = commands.add_parser("test", help="run all checks, the tests and the handbook's examples")
    test.add_argument("--everything", action="store_true", help="as CI does it: nothing is skipped")
    test.add_argument("arguments", nargs="*", metavar="-- ARGUMENT", help="more arguments for pytest, after --")

    commands.add_parser(
        "test-vllm", help="run the runner's contract against a real vLLM, in an environment of its own of 3.5 GB"
    )

    lint = commands.add_parser("lint", help="run lint, formatting, types and layers, without the tests")
    lint.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {', '.join(checks.LINTS)}")

    commands.add_parser("format", help="rewrite the files as lint and formatting want them")

    setup = commands.add_parser("setup", help="make the environment .venv and do nothing else")
    purposes = "; ".join(f"{item.name}: {item.purpose}" for item in SETS.values())
    setup.add_argument("set", nargs="?", choices=sorted(SETS), default="all", help=purposes)

    lock = commands.add_parser("lock", help="write the lock files from pyproject.toml")
    lock.add_argument("--upgrade", action="store_true", help="take the newest versions instead of keeping pins")

    commands.add_parser("clean", help="remove the environment, the built site and the caches")
    commands.add_parser("help", help="show this list")
    return top


def run(root: Path, arguments: Sequence[str]) -> int:
    """Parse and carry out one command; return its exit code."""
    options = parser().parse_args(arguments or ["help"])
    try:
        return _dispatch(root, options)
    except CommandError as error:
        sys.stdout.flush()
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED


def _dispatch(root: Path, options: argparse.Namespace) -> int:
    environment = Environment(root)
    match options.command:
        case "site":
            return website.site(environment, port=options.port, serve=not options.no_serve)
        case "test":
            return checks.test(environment, everything=options.everything, arguments=options.arguments)
        case "test-vllm":
            return vllm.test(environment)
        case "lint":
            return checks.lint_only(environment, options.names)
        case "format":
            return checks.reformat(environment)
        case "setup":
            return _setup(environment, options.set)
        case "lock":
            return locks.refresh(root, upgrade=options.upgrade)
        case "clean":
            return clean(root)
    parser().print_help()
    return 0


def _setup(environment: Environment, name: str) -> int:
    environment.provide(name)
    say(f"ready: {environment.python}")
    return 0


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return number
