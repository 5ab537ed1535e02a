"""``edgedocs site``: a documentation of one's own: begun, built, served and checked."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgedocs.cli.output import emit_json, json_option

if TYPE_CHECKING:
    from edgedocs.publishing.checking.finding import Finding
    from edgedocs.publishing.checking.site import Report

config_option = click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("mkdocs.yml"),
    show_default=True,
    help="The documentation's configuration.",
)
language_option = click.option("--language", metavar="CODE", help="Build this language alone, which is faster.")


@click.group(short_help="Build, check and serve a documentation that runs.")
def site() -> None:
    """A documentation of your own that runs, translated, built with MkDocs.

    \b
    Examples:
      edgedocs site new my-docs
      edgedocs site check
      edgedocs site build
    """


@site.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--language",
    "languages",
    multiple=True,
    default=("cs",),
    show_default=True,
    help="Code of a language beside English; may be given several times.",
)
@json_option
def new(folder: Path, languages: tuple[str, ...], as_json: bool) -> None:
    """Write a small documentation into DIR, which must be new or empty.

    It has a page with an example of each kind, recorded outputs, and translations: Czech ones are complete, other
    languages have the texts of the site to translate. `pytest docs/` in it passes, and `mkdocs build` builds it.

    \b
    Examples:
      edgedocs site new my-docs
      edgedocs site new my-docs --language cs --language pl --json
    """
    from edgedocs.publishing.scaffolding import scaffold

    done = scaffold(folder, languages)
    if as_json:
        emit_json(done.as_dict())
        return
    click.echo(f"wrote {done.path}: {len(done.files)} files, languages: {', '.join(('en', *done.languages))}")
    for code in done.languages:
        if code not in done.translated:
            click.echo(f"translate the texts in {done.path / 'translations' / code / 'language.toml'}")
    click.echo(f"next: cd {shlex.quote(str(done.path))}, then pytest docs/ and mkdocs serve")


@site.command()
@config_option
@click.option(
    "--site-dir", type=click.Path(path_type=Path), metavar="DIR", help="Where the site goes.  [default: site_dir]"
)
@language_option
@json_option
def build(config: Path, site_dir: Path | None, language: str | None, as_json: bool) -> int:
    """Build the site in all its languages, whole or not at all.

    A warning is an error. All that is wrong is listed with file and line; then the command exits with 1, and what stood
    in the folder of the site before still stands there.

    \b
    Examples:
      edgedocs site build
      edgedocs site build --site-dir public --json
    """
    from edgedocs.publishing.checking.site import build_site

    report = build_site(config, site_dir, language)
    done = f"wrote {report.site}: {_counted(report)}" if report.site else "no site was written"
    return _finish(report, done, as_json)


@site.command()
@config_option
@json_option
def check(config: Path, as_json: bool) -> int:
    """Check texts, records and the built pages in all languages; leaves nothing behind but the staged tree.

    Links and anchors, facts, outputs that were changed by hand, explicit ids of headings, texts of pictures, and the
    HTML as browsers read it. Exits with 1 if there is a finding; all of them are listed with file and line.

    \b
    Examples:
      edgedocs site check
      edgedocs site check --config my-docs/mkdocs.yml --json
    """
    from edgedocs.publishing.checking.site import check_site

    report = check_site(config)
    return _finish(report, f"checked {_counted(report)}", as_json)


@site.command()
@config_option
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port on this machine.")
@language_option
def serve(config: Path, port: int, language: str | None) -> None:
    """Serve the site to this machine alone, and build it again when a source changes.

    \b
    Examples:
      edgedocs site serve
      edgedocs site serve --language en --port 8001
    """
    from edgedocs.publishing.serving import serve_site

    def tell(address: str, findings: Sequence[Finding], seconds: float) -> None:
        _print(findings)
        click.echo(f"{address} built in {seconds:.1f} s, {len(findings)} findings (Ctrl-C ends it)")

    serve_site(config, port, language, tell)


def _finish(report: Report, done: str, as_json: bool) -> int:
    if as_json:
        emit_json(report.as_dict())
    else:
        _print(report.findings)
        click.echo(f"{done}; {len(report.findings)} findings")
    return int(bool(report.findings))


def _print(findings: Sequence[Finding]) -> None:
    for finding in findings:
        click.echo(f"error: {finding}", err=True)


def _counted(report: Report) -> str:
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in report.counts.items())
