"""``edgedocs translate review``: source and translation side by side, decided segment by segment."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgedocs.cli.columns import side_by_side, visible, wrap
from edgedocs.cli.output import emit_error, emit_json, json_option
from edgedocs.cli.translate.options import languages_option, source_option, translations_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edgedocs.core.errors import EdgeDocsError
    from edgedocs.translation.checks.base import Finding
    from edgedocs.translation.reviewing import Item
    from edgedocs.translation.revising import Revised
    from edgedocs.translation.tree import Tree

STATES = ("needs-review", "failed", "stale", "moved", "orphan", "edited", "machine", "fresh", "reviewed", "missing")
KEYS = "a accept   e edit   s skip   b back   q quit"
_NARROW = 60
_CUT = "<!-- What stands below this line is the source, and is not read. -->"


_MARK = (
    "Record them as reviewed and ask nothing; not those with findings and, unless --state asks for them, not those "
    "that are stale, failed or need review."
)


@click.command()
@click.argument("pages", nargs=-1, metavar="[PAGE]...")
@languages_option
@click.option("--state", "states", type=click.Choice(STATES), multiple=True, help="Only segments in this state.")
@click.option("--list", "listing", is_flag=True, help="Print the segments and ask nothing.")
@click.option("--mark", is_flag=True, help=_MARK)
@source_option
@translations_option
@json_option
@click.pass_context
def review(
    context: click.Context,
    pages: tuple[str, ...],
    languages: tuple[str, ...],
    states: tuple[str, ...],
    listing: bool,
    mark: bool,
    source: Path,
    translations: Path,
    as_json: bool,
) -> None:
    """Look at what nobody has reviewed, on each PAGE or on all, and decide.

    Shows source and translation side by side, what the checks find, and what has changed in the source since it was
    translated, as far as git remembers it. A text that you accept or write is recorded as reviewed: no command
    overwrites it. Without a terminal, the segments are printed.

    \b
    Examples:
      edgedocs translate review 04-gguf.md --language cs
      edgedocs translate review --language cs --state needs-review --list
      edgedocs translate review index.md --language cs --mark
    """
    from edgedocs.core.errors import gathered
    from edgedocs.translation import Tree
    from edgedocs.translation.reviewing import OPEN, review_items

    tree = Tree.open(source, translations)
    items: list[Item] = []
    errors: list[EdgeDocsError] = []
    for language in [tree.require_language(code) for code in languages] or tree.languages():
        for page in [tree.page_name(page, language) for page in pages] or tree.pages():
            with gathered(errors):
                items += review_items(tree, language, page, states or OPEN)
    code = 0
    if mark:
        code = _mark(tree, items, errors, as_json, any_state=bool(states))
    else:
        _look(tree, items, listing=listing, as_json=as_json)
    for failure in errors:
        emit_error(failure, as_json)
    context.exit(max([code, *(failure.exit_code for failure in errors)]))


def _look(tree: Tree, items: Sequence[Item], *, listing: bool, as_json: bool) -> None:
    if as_json:
        emit_json({"segments": [item.as_dict() for item in items], "summary": {"segments": len(items)}})
    elif listing or not (sys.stdin.isatty() and sys.stdout.isatty()):
        for number, item in enumerate(items, start=1):
            _show(item, f"{number}/{len(items)}")
        click.echo(f"{len(items)} to look at")
    else:
        _Session(tree, items).run()


def _mark(tree: Tree, items: Sequence[Item], errors: list[EdgeDocsError], as_json: bool, *, any_state: bool) -> int:
    """Record them as reviewed, page by page; 1 if some are refused or left."""
    from edgedocs.core.errors import gathered
    from edgedocs.translation.reviewing import UNSEEN, mark_reviewed

    pages: dict[tuple[str, str], list[Item]] = {}
    recorded = {(item.context.language.code, item.context.page) for item in items if item.status.record is not None}
    marked = [
        item
        for item in items
        if any_state
        or item.state in UNSEEN
        or (item.context.language.code, item.context.page) not in recorded  # that is an error of the whole page
    ]
    left = len(items) - len(marked)
    for item in marked:
        pages.setdefault((item.context.language.code, item.context.page), []).append(item)
    done: list[Revised] = []
    for group in pages.values():
        with gathered(errors):
            done.append(mark_reviewed(tree, group))
    refused = [finding for page in done for refusal in page.refused for finding in refusal.findings]
    if as_json:
        reviewed = [{"path": page.path.as_posix(), "reviewed": len(page.made)} for page in done]
        emit_json({"pages": reviewed, "findings": [finding.as_dict() for finding in refused], "left": left})
    else:
        for page in done:
            click.echo(f"{page.path.as_posix()}: {len(page.made)} reviewed, {len(page.refused)} refused")
        _show_findings(refused)
        if left:
            click.echo(f"{left} left: their source has changed or they failed; look at them, or name their --state")
    return 1 if refused or left else 0


def _show(item: Item, place: str) -> None:
    """Print a segment: where it is, both texts, what has changed, what the checks find."""
    status = item.status
    lines = " → ".join(f"line {segment.line}" if segment else "nowhere" for segment in (status.source, status.target))
    head = f"{place}  {item.context.language.code} {item.context.page}  {lines}  {item.state}"
    click.secho(visible(head), bold=True)
    cells = shutil.get_terminal_size().columns
    if cells < _NARROW:
        for line in wrap(visible(item.source), cells):
            click.echo(line)
        click.echo("─" * cells)
        for line in wrap(visible(item.target), cells):
            click.echo(line)
    else:
        for line in side_by_side([item.source, item.target], cells):
            click.echo(line)
    for name, before, now in (
        ("source", item.source_before, item.source),
        ("translation", item.target_before, item.target),
    ):
        if before is not None:
            _show_difference(name, before, now, cells)
    _show_findings(item.findings)
    click.echo()


def _show_difference(name: str, before: str, now: str, cells: int) -> None:
    from edgedocs.translation.reviewing import word_difference

    marks = {"same": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}
    text = "".join(marks[kind][0] + words + marks[kind][1] for kind, words in word_difference(before, now))
    click.secho(f"what has changed in the {name}:", bold=True)
    for line in wrap(visible(text), cells):
        click.echo(line)


def _show_findings(findings: Sequence[Finding]) -> None:
    for finding in findings:
        click.secho(visible(f"{finding.severity}: {finding.message} [{finding.check}]"), fg="yellow")
        click.echo(visible(f"  remedy: {finding.remedy}"))


class _Session:
    """A person at a terminal, and the segments that they go through."""

    def __init__(self, tree: Tree, items: Sequence[Item]) -> None:
        self.tree = tree
        self.items = list(items)
        self.done: set[int] = set()
        self.place = 0

    def run(self) -> None:
        """Show one segment after another until the last one or until the person quits."""
        while self.place < len(self.items):
            item = self.items[self.place]
            _show(item, f"{self.place + 1}/{len(self.items)}")
            key = self._ask(KEYS)
            if key == "q":
                break
            if key == "b":
                self.place = max(0, self.place - 1)
            elif key in "s\r\n" or (key == "a" and self._accept(item)) or (key == "e" and self._edit(item)):
                self.place += 1
        click.echo(f"{len(self.done)} reviewed, {len(self.items) - len(self.done)} left")

    def _ask(self, keys: str) -> str:
        """One key of those that are listed."""
        known = {part[0] for part in keys.split("   ")} | ({"\r", "\n"} if "s skip" in keys else set())
        while True:
            click.echo(keys)
            key = click.getchar().lower()
            if key in known:
                return key
            if key in ("\x04", "\x03", ""):
                raise click.Abort

    def _accept(self, item: Item) -> bool:
        from edgedocs.translation.reviewing import mark_reviewed

        if item.findings and self._ask("y accept it with these findings   n do not") == "n":
            return False
        return self._apply(mark_reviewed(self.tree, [item], insists=True))

    def _edit(self, item: Item) -> bool:
        from edgedocs.translation.reviewing import write_text

        text = item.target
        while True:
            answer = click.edit(f"{text}\n\n{_CUT}\n{item.source}\n", extension=".md")
            if answer is None:
                return False
            text = answer.partition(_CUT)[0].strip("\n")
            if text == item.target:
                return self._accept(item)
            revised = write_text(self.tree, item, text)
            if self._apply(revised):
                return True
            key = self._ask("e edit again   k keep it with these findings   n leave the page as it was")
            if key == "n":
                return False
            if key == "k":
                return self._apply(write_text(self.tree, item, text, insists=True))

    def _apply(self, revised: Revised) -> bool:
        """Whether the page says now what the person decided; shows why not."""
        for refusal in revised.refused:
            _show_findings(refusal.findings)
        if not revised.refused:
            self.done.add(self.place)
            self._reload()
        return not revised.refused

    def _reload(self) -> None:
        """Look at the page again: its lines and states are others now."""
        from edgedocs.translation.reviewing import REVIEW_STATES, review_items

        context = self.items[self.place].context
        now = review_items(self.tree, context.language.code, context.page, REVIEW_STATES)
        known = {_key(item): item for item in now}
        for place, item in enumerate(self.items):
            if item.context == context:
                self.items[place] = known.get(_key(item), item)


def _key(item: Item) -> tuple[str, int] | None:
    """What names a segment on its page; None if its source is gone."""
    return (item.status.source.digest, item.number) if item.status.source else None
