"""``edgedocs translate sync``: bring translations in step with their source."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from edgedocs.cli.output import emit_error, emit_json, emit_table, json_option
from edgedocs.cli.translate.options import languages_option, source_option, translations_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgedocs.translation import Tree
    from edgedocs.translation.sync import Plan, Synced
    from edgedocs.translation.translators import Settings

KEYS = ("EDGEDOCS_API_KEY", "OPENAI_API_KEY")
"""Environment variables with the endpoint's key; the second is sent to its own host only."""

_OPENAI = "api.openai.com"


@click.command()
@click.argument("pages", nargs=-1, metavar="[PAGE]...")
@languages_option
@click.option("--translator", "name", help="Who translates: pseudo, memory, openai, or another that is installed.")
@click.option("--dry-run", is_flag=True, help="Show segments, tokens and cost, and do nothing.")
@click.option("--jobs", type=click.IntRange(1, 256), help="How many segments are translated at once; 4 if not given.")
@click.option("--model", help="Model that the endpoint is to use.")
@click.option(
    "--endpoint", envvar="EDGEDOCS_ENDPOINT", help="Base address of an OpenAI-compatible server.", show_envvar=True
)
@click.option("--requests-per-minute", type=click.FloatRange(min=0), help="At most so many requests; 0 for no limit.")
@click.option("--budget", type=click.FloatRange(min=0), help="At most so many US dollars in this run.")
@click.option(
    "--price",
    nargs=2,
    type=click.FloatRange(min=0),
    help="US dollars for a million tokens sent, and for a million received.",
)
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), help="Seconds that one request may take.")
@click.option("--insecure", is_flag=True, help="Allow plain http to another machine.")
@click.option("--remove-orphans", is_flag=True, help="Remove pages whose source is gone, if only a machine wrote them.")
@source_option
@translations_option
@json_option
@click.pass_context
def sync(
    context: click.Context,
    /,
    pages: tuple[str, ...],
    languages: tuple[str, ...],
    name: str | None,
    dry_run: bool,
    jobs: int | None,
    remove_orphans: bool,
    source: Path,
    translations: Path,
    as_json: bool,
    **options: Any,
) -> None:
    """Translate what is missing or stale, move and remove what has moved or gone, and put code right.

    Only the segments that need it are translated. What a person wrote or approved is never overwritten. Each answer
    passes the checks before it is written; one that does not is asked for again, then recorded as failed, and the page
    keeps what it had. Answers are kept at once, so a run that was ended goes on where it was. Without PAGE, all pages.

    The key of an endpoint is read from the environment: EDGEDOCS_API_KEY, or OPENAI_API_KEY for api.openai.com. The
    other options, but for the endpoint, have defaults in the table [translator] of translate.toml.

    Exit code 0: all is in step; 1: something failed or needs review; 2: a page or an option cannot be right; 3: the
    translator cannot run; what was done is kept.

    \b
    Examples:
      edgedocs translate sync --dry-run
      edgedocs translate sync --language x-pseudo --translator pseudo
      edgedocs translate sync 04-gguf.md --language cs --translator openai --endpoint http://127.0.0.1:8080/v1
    """
    from edgedocs.translation import Tree
    from edgedocs.translation.sync import due, plans, require_languages, trial
    from edgedocs.translation.sync.defaults import defaults
    from edgedocs.translation.translators import translators

    tree = Tree.open(source, translations)
    trials = [code for code in dict.fromkeys(languages) if trial.is_trial(tree, code)]
    spoken = [code for code in languages if code not in trials]
    codes = require_languages(tree, spoken) if spoken or not trials else []
    names = sorted({_page_name(tree, page, [*codes, *trials]) for page in pages})
    chosen = defaults(tree)
    given = {key: value for key, value in options.items() if value is not None and value is not False}
    merged = {**chosen, **given}
    named = name or merged.pop("name", None)
    if named is None:
        if not dry_run:
            raise click.UsageError("Missing option '--translator': " + ", ".join(translators.names()))
        named = "pseudo"
    merged.pop("name", None)
    count = jobs or merged.pop("jobs", 4)
    merged.pop("jobs", None)
    if trials and named != "pseudo":
        require_languages(tree, trials)
    settings = _settings(tree, merged)
    offline = dry_run and named == "openai" and not settings.endpoint
    translator = translators.get("pseudo" if offline else named)(settings)
    try:
        if trials and not dry_run:
            for code in trials:
                trial.start(tree, code, translator)
            codes, trials = [*codes, *trials], []
        found = due(tree, codes, names) if codes else []
        found += [entry for code in trials for entry in trial.due(tree, code, names)]
        if dry_run:
            planned = plans(tree, found, translator)
            _emit_plans(planned, as_json)
            errors = [error for plan in planned for error in plan.errors]
            for error in errors:
                emit_error(error, as_json)
            context.exit(max((error.exit_code for error in errors), default=0))
        with _bar(hidden=as_json) as report:
            from edgedocs.translation.sync import Engine

            identity = " ".join(filter(None, (named, settings.model, settings.endpoint)))
            engine = Engine(
                tree, translator, jobs=count, identity=identity, remove_orphans=remove_orphans, report=report
            )
            synced = engine.run(found)
    finally:
        translator.close()
    _emit(synced, as_json)
    if synced.stopped is not None:
        emit_error(synced.stopped, as_json)
    context.exit(synced.exit_code)


def _page_name(tree: Tree, page: str, codes: Sequence[str]) -> str:
    for code in codes:
        if tree.translation_path(code, page).is_file():
            return page
    return tree.page_name(page, codes[0])


def _settings(tree: Tree, options: dict[str, Any]) -> Settings:
    from edgedocs.translation.translators import Settings

    if "price" in options:
        options["price"] = tuple(float(part) for part in options["price"])
    return Settings(tree, key=_key(options.get("endpoint")), **options)


def _key(endpoint: str | None) -> str | None:
    own, foreign = (os.environ.get(name) or None for name in KEYS)
    if own is not None or not endpoint:
        return own
    try:
        address = urlsplit(endpoint)
    except ValueError:  # the translator says what is wrong with it
        return None
    return foreign if (address.scheme, address.hostname) == ("https", _OPENAI) else None


@contextmanager
def _bar(*, hidden: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on standard error with the page's name; nothing where that is no terminal."""
    quiet = hidden or not sys.stderr.isatty()
    with click.progressbar(
        length=1, label="sync", file=sys.stderr, hidden=quiet, item_show_func=lambda page: page
    ) as bar:

        def report(page: str, done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos, page)

        yield report


def _emit_plans(found: Sequence[Plan], as_json: bool) -> None:
    from edgedocs.translation.translators import Usage

    usage = sum((plan.usage for plan in found), Usage())
    if as_json:
        summary = {
            "pages": sum(plan.pages for plan in found),
            "translate": sum(plan.translate for plan in found),
            "tokens": {"sent": usage.sent, "received": usage.received},
            "cost": usage.cost,
        }
        emit_json({"dry_run": True, "languages": [plan.as_dict() for plan in found], "summary": summary})
        return
    if not found:
        click.echo("everything is in step")
        return
    rows = [
        (
            plan.language,
            plan.pages,
            plan.translate,
            ", ".join(f"{count} {state}" for state, count in sorted(plan.segments.items())) or "—",
            plan.usage.sent,
            plan.usage.received,
            _dollars(plan.usage.cost),
        )
        for plan in found
    ]
    emit_table(("language", "pages", "to translate", "segments", "tokens sent", "received", "cost"), rows)


def _dollars(cost: float | None) -> str:
    return "—" if cost is None else f"${cost:.4f}"


def _emit(synced: Synced, as_json: bool) -> None:
    if as_json:
        emit_json(synced.as_dict())
        return
    if not synced.pages:
        click.echo("everything is in step")
        return
    rows = [
        (
            page.language,
            page.page,
            "in step" if page.in_step else "not in step",
            ", ".join(f"{count} {what}" for what, count in sorted(page.counts.items()) if count) or "—",
        )
        for page in synced.pages
    ]
    emit_table(("language", "page", "result", "segments"), rows)
    for page in synced.pages:
        for line, words, reasons in page.failures:
            click.echo(f"\n{page.language} {page.page}:{line}: failed: {words}")
            for reason in reasons:
                click.echo(f"  {reason}")
        if page.error is not None:
            click.echo(f"\n{page.language} {page.page}: {page.error}")
    usage = synced.usage
    if usage != type(usage)():
        cost = f", {_dollars(usage.cost)}" if usage.cost is not None else ""
        click.echo(f"\n{usage.sent:,} tokens sent, {usage.received:,} received{cost}")
