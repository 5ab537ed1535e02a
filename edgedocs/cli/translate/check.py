"""``edgedocs translate check``: what is wrong with translations."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgedocs.cli.output import emit_json, emit_table, json_option, progress_bar
from edgedocs.cli.translate.options import languages_option, source_option, translations_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgedocs.translation import Tree
    from edgedocs.translation.checks import Finding
    from edgedocs.translation.reporting.baseline import Baseline


@click.command()
@click.argument("pages", nargs=-1, metavar="[PAGE]...")
@languages_option
@click.option("--only", multiple=True, metavar="CHECK", help="Only this check; may be given several times.")
@click.option("--list", "listing", is_flag=True, help="Show the checks instead.")
@click.option(
    "--sarif", type=click.Path(path_type=Path, dir_okay=False), help="Also write the findings as SARIF 2.1.0."
)
@click.option("--github", is_flag=True, help="Print the findings as GitHub annotations instead of text.")
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File of known findings; only others fail.",
)
@click.option("--update-baseline", is_flag=True, help="Write what is found now into the file of --baseline.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    help="How many processes to use; by default one for each processor, if there are many pages to check.",
)
@click.option("--no-cache", is_flag=True, help="Check every page again; keep nothing of it for the next run.")
@source_option
@translations_option
@json_option
@click.pass_context
def check(
    context: click.Context,
    pages: tuple[str, ...],
    languages: tuple[str, ...],
    only: tuple[str, ...],
    listing: bool,
    sarif: Path | None,
    github: bool,
    baseline: Path | None,
    update_baseline: bool,
    jobs: int | None,
    no_cache: bool,
    source: Path,
    translations: Path,
    as_json: bool,
) -> None:
    """Check the translations of each PAGE, or of all pages, for damage.

    Exit code 0: nothing, or information only; 1: errors or warnings, unreadable pages among them; 2: an option cannot
    be right; 3: could not run.

    \b
    Examples:
      edgedocs translate check
      edgedocs translate check 04-gguf.md --language cs --only numbers --only links
      edgedocs translate check --github --sarif findings.sarif
      edgedocs translate check --baseline known.json --update-baseline
    """
    from edgedocs.core.files import write_json
    from edgedocs.translation import Tree
    from edgedocs.translation.findings_cache import FindingsCache, path_of
    from edgedocs.translation.reporting.github import annotation
    from edgedocs.translation.reporting.sarif import sarif as as_sarif

    if listing:
        _list(as_json)
        return
    if update_baseline and baseline is None:
        raise click.UsageError("--update-baseline needs --baseline FILE")
    tree = Tree.open(source, translations)
    codes = [tree.require_language(code) for code in languages]
    path = None if no_cache else path_of(tree, only)
    if jobs != 1 and (path is None or not path.exists()):
        _prepare(tree, codes, pages)

    from edgedocs.translation.checking import check_tree, selected

    names = _names(tree, pages, codes)
    with progress_bar("checking", hidden=as_json or github) as progress:
        found = check_tree(tree, codes, names, only, jobs, progress, FindingsCache(path) if path else None)
    known = _Known(tree, baseline, update_baseline, (codes, names, only), found)
    if sarif:
        write_json(sarif, as_sarif(tree, known.new, selected(only)))
    if as_json:
        emit_json(known.as_dict())
    elif not github:
        _print(tree, known.new)
        known.print()
    if github:
        for finding in known.new:
            click.echo(annotation(tree, finding), err=as_json)
    context.exit(int(any(finding.severity != "info" for finding in known.new)))


class _Known:
    """The findings beside a baseline, which is written anew if that is asked for."""

    def __init__(
        self,
        tree: Tree,
        path: Path | None,
        update: bool,
        limits: tuple[Sequence[str], Sequence[str], Sequence[str]],
        found: list[Finding],
    ) -> None:
        from edgedocs.translation.reporting.baseline import Baseline

        self.path, self.total, self.new = path, len(found), found
        self.gone: Baseline | None = None
        if path is None:
            return
        before = Baseline.load(path) if path.exists() or not update else Baseline(Counter(), {})
        within = before.within(*limits)
        if update:
            failing = [finding for finding in found if finding.severity != "info"]
            (before - within + Baseline.of(tree, failing)).save(path)
            self.new = [finding for finding in found if finding.severity == "info"]
        else:
            self.new, self.gone = within.split(tree, found)

    def as_dict(self) -> dict[str, Any]:
        """Findings and summary as JSON-ready data."""
        severities = Counter(finding.severity for finding in self.new)
        summary: dict[str, Any] = {
            "findings": len(self.new),
            "severities": {name: severities[name] for name in ("error", "warning", "info")},
            "checks": dict(sorted(Counter(finding.check for finding in self.new).items())),
            "languages": dict(sorted(Counter(finding.language for finding in self.new).items())),
        }
        if self.path is not None:
            summary["known"] = self.total - len(self.new)
            summary["no_longer_found"] = self.gone.as_list() if self.gone else []
        return {"findings": [finding.as_dict() for finding in self.new], "summary": summary}

    def print(self) -> None:
        """Say what the baseline held back, and what of it can go."""
        if self.path is None:
            return
        click.echo(f"{self.total - len(self.new)} known findings are in {self.path.as_posix()}")
        if self.gone and self.gone.entries:
            click.echo(f"{self.gone.entries.total()} of it are no longer found; take them out with --update-baseline:")
            for entry in self.gone.as_list():
                click.echo(f"  {entry['language']} {entry['page']}: {entry['check']}: {entry['message']}")


def _names(tree: Tree, pages: Sequence[str], codes: Sequence[str]) -> list[str]:
    """The names of the pages; an orphan has one too."""
    from edgedocs.core.errors import BadInput

    found = []
    for page in pages:
        try:
            found.append(tree.page_name(page, (codes or tree.languages() or [""])[0]))
        except BadInput:
            if not any(page in tree.translated_pages(code) for code in codes or tree.languages()):
                raise
            found.append(page)
    return found


def _prepare(tree: Tree, codes: Sequence[str], pages: Sequence[str]) -> None:
    """Begin to read what tells languages apart where it will be needed, while the checks are imported."""
    from edgedocs.translation import identifier, workers

    if workers.is_much(len(codes or tree.languages()) * len(pages or tree.pages())):
        identifier.start()


def _list(as_json: bool) -> None:
    import inspect

    from edgedocs.translation.checking import selected

    rows = []
    for one in selected():
        first = (inspect.getdoc(type(one)) or "").partition("\n\n")[0]
        rows.append((one.name, one.severity, " ".join(first.split())))
    if as_json:
        keys = ("check", "severity", "description")
        emit_json({"checks": [dict(zip(keys, row, strict=True)) for row in rows]})
    else:
        emit_table(("check", "severity", "what must hold"), rows)


def _print(tree: Tree, findings: Sequence[Finding]) -> None:
    from edgedocs.translation.reporting.places import relative

    for (language, page), some in groupby(findings, key=lambda f: (f.language, f.page)):
        click.echo(f"{relative(tree.translations / language / page)}")
        for finding in some:
            here = "—" if finding.line is None else finding.line
            there = "—" if finding.source_line is None else finding.source_line
            click.echo(f"  line {here}, source line {there}: {finding.severity}: {finding.check}: {finding.message}")
            click.echo(f"    remedy: {finding.remedy}")
        click.echo()
    counted = Counter(finding.severity for finding in findings)
    listed = ", ".join(f"{counted[name]} {name}" for name in ("error", "warning", "info") if counted[name])
    click.echo(f"findings: {listed or 'none'}")
