"""The checks: lint, types, layers, tests and the handbook's examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.tasks import npm, system
from tools.tasks.console import FINDINGS, USAGE, CommandError, say, step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.tasks.environment import Environment

LINTS: dict[str, tuple[str, ...]] = {
    "ruff": ("-m", "ruff", "check", "."),
    "format": ("-m", "ruff", "format", "--check", "."),
    "mypy": ("-m", "mypy", "-p", "edgedocs", "-p", "tools"),
    "layers": ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"),
}

WORKERS = ("-n", "logical", "--maxprocesses", "8", "--dist", "worksteal")
"""Tests run in a process for each core; beyond eight, memory is what is short."""


def lint(environment: Environment, names: Sequence[str] = ()) -> list[str]:
    """Run the named lints (all, if none is named), each to its end; return the names of those that failed."""
    environment.provide("test")
    failed = []
    for name in names or LINTS:
        with step(name):
            if environment.run(*LINTS[name]) != 0:
                failed.append(name)
                say(f"    FAILED: {name}")
    return failed


def lint_only(environment: Environment, names: Sequence[str]) -> int:
    """Run the named lints, or all of them, and say which failed."""
    unknown = [name for name in names if name not in LINTS]
    if unknown:
        raise CommandError(f"unknown check: {', '.join(unknown)}", remedy=f"one of {', '.join(LINTS)}", exit_code=USAGE)
    failed = lint(environment, names)
    if failed:
        raise CommandError(
            f"failed: {', '.join(failed)}", remedy="see above; `format` mends a part", exit_code=FINDINGS
        )
    return 0


def reformat(environment: Environment) -> int:
    """Rewrite the files as the linter wants them, as far as it can; return 0 when nothing is left to mend by hand."""
    environment.provide("test")
    with step("ruff format, ruff check --fix"):
        left = environment.run("-m", "ruff", "check", "--fix", ".")
        formatted = environment.run("-m", "ruff", "format", ".")
    return 1 if left or formatted else 0


def test(environment: Environment, *, everything: bool, arguments: Sequence[str]) -> int:
    """Run every lint, then pytest over ``tests`` and ``docs``; pytest's summary is the last thing printed.

    Args:
        environment: where to run.
        everything: install PyTorch, transformers and, on a CI machine, Chromium and npm; nothing may be skipped for
            want of a requirement.
        arguments: more arguments for pytest.
    """
    if everything:
        system.install_missing(need_compiler=not environment.has("test"))
        system.require_browser()
    environment.provide("test")
    npm.provide(environment.root, required=everything)
    variables = {}
    options = ["--no-cache", *WORKERS, *arguments]  # an example that passed before runs all the same
    if everything:
        environment.provide("reference")
        variables["EDGEDOCS_REQUIRE_ALL"] = "1"
        options.append("--require-all")
    failed = lint(environment)
    if failed:
        say(f"==> these checks FAILED, see above: {', '.join(failed)}; the tests follow all the same")
    say("==> tests and examples")
    outcome = environment.run("-m", "pytest", "tests", "docs", *options, **variables)
    return outcome or (1 if failed else 0)
