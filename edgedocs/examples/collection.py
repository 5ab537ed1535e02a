"""Collection: the examples of a page, put together from its code blocks, and what is wrong with the page."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgedocs.core.errors import BadInput
from edgedocs.examples.classification import ROLES, FenceKind, classify
from edgedocs.examples.example import Example, ExampleKind, Expected
from edgedocs.examples.facts import SUFFIX
from edgedocs.examples.options import read_options
from edgedocs.examples.shown import ShownBlock, shown_block
from edgedocs.examples.source import check_source, read_source
from edgedocs.pages import Fence, Page, find_includes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edgedocs.examples.project import Project


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A code block that readers see: what it is for, and the id of the example that it is, shows or belongs to."""

    fence: Fence
    kind: FenceKind
    example: str | None


@dataclass(slots=True)
class Collection:
    """What one page holds.

    Args:
        page: the page.
        blocks: its code blocks, in order.
        examples: those that are run.
        shown: those that are shown and linted.
        problems: what is wrong, in order; a page with a problem is not run.
    """

    page: Page
    blocks: list[CodeBlock] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    shown: list[ShownBlock] = field(default_factory=list)
    problems: list[BadInput] = field(default_factory=list)

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Keep what is wrong as a problem and go on."""
        try:
            yield
        except BadInput as problem:
            self.problems.append(problem)

    def raise_problems(self) -> None:
        """Raise all problems as one.

        Raises:
            BadInput: if there is a problem.
        """
        if self.problems:
            raise BadInput("\n".join(str(problem) for problem in self.problems))


def collect(project: Project, page: Page) -> Collection:
    """Classify all code blocks of a page and put its examples together."""
    found = Collection(page)
    _check_ids(found)
    for fence in page.fences:
        with found.reporting():
            found.blocks.append(_code_block(page, fence))
    outputs: dict[str, list[Expected]] = {}
    sound = []
    for block in found.blocks:
        with found.reporting():
            _check_owner(found, block)
            check_source(project, page, block.fence, block.kind)
            if block.kind == "output" and block.example is not None:
                outputs.setdefault(block.example, []).append(_expected(page, block.fence, block.example))
            if block.kind == "shown" and (linted := shown_block(project, page, block.fence)):
                found.shown.append(linted)
            sound.append(block)
    for block in sound:
        if block.kind in ("python", "doctest", "console"):
            with found.reporting():
                shown = tuple(outputs.get(block.example or "", ()))
                found.examples.append(_example(project, page, block, shown))
    _check_indented(found)
    _check_files(project, found)
    _check_left_over(project, found)
    _check_prose_includes(project, found)
    return found


def _code_block(page: Page, fence: Fence) -> CodeBlock:
    kind = classify(page, fence)
    role = next((role for role in ("output-of", "part-of") if ROLES[role] == kind), None)
    if role is not None:
        return CodeBlock(fence, kind, fence.attributes[role])
    return CodeBlock(fence, kind, None if kind == "shown" else fence.id)


def _check_ids(found: Collection) -> None:
    """Ids are anchors: code blocks and headings share them."""
    first: dict[str, int] = {}
    page = found.page
    for identifier, line in sorted(
        [(fence.id, fence.line) for fence in page.fences if fence.id]
        + [(heading.id, heading.line) for heading in page.headings if heading.id],
        key=lambda pair: pair[1],
    ):
        with found.reporting():
            if identifier in first:
                raise BadInput(
                    f"the id {identifier!r} is taken",
                    where=page.place(line),
                    expected="an id that no other block or heading of the page has",
                    remedy=f"choose another; line {first[identifier]} has this one",
                )
        first.setdefault(identifier, line)


def _check_owner(found: Collection, block: CodeBlock) -> None:
    if block.kind not in ("output", "part"):
        return
    examples = {other.example: other.kind for other in found.blocks if other.kind in ("python", "doctest", "console")}
    where = found.page.place(block.fence.line)
    if block.example not in examples:
        raise BadInput(
            f"no example {block.example!r} on this page",
            where=where,
            expected=f"one of {', '.join(str(name) for name in examples) or 'the examples, but there is none'}",
            remedy="correct the id",
        )
    if examples[block.example] == "doctest":
        raise BadInput("a doctest shows its own output", where=where, remedy="remove this block")


def _expected(page: Page, fence: Fence, example: str) -> Expected:
    if not fence.includes:
        return Expected(fence, recorded=False)
    target = f"{page.name}/{example}.out"
    include = fence.includes[0]
    if fence.body.count("\n") != 1 or include.path != target or include.section or include.lines:
        raise BadInput(
            f"the output of {example!r} is recorded elsewhere",
            where=page.place(fence.line),
            expected=f'one line: --8<-- "{target}"',
            remedy="include that file whole, or write the output itself",
        )
    return Expected(fence, recorded=True)


def _example(project: Project, page: Page, block: CodeBlock, shown: tuple[Expected, ...]) -> Example:
    fence = block.fence
    kind: ExampleKind = block.kind  # type: ignore[assignment]
    code, snippet = read_source(project, page, fence, kind)
    options = read_options(fence, page.place(fence.line))
    if options.comparison.name != "exact" and not shown and kind == "python" and not options.files:
        raise BadInput(
            f'output="{options.comparison.name}", but the page does not show the output',
            where=page.place(fence.line),
            expected=f'a block {{output-of="{block.example}"}}',
            remedy="add the block, or remove the attribute",
        )
    return Example(
        page=page,
        name=block.example or "",
        kind=kind,
        fence=fence,
        code=code,
        snippet=snippet,
        comparison=options.comparison,
        expected=shown,
        facts=options.facts,
        files=options.files,
        requires=options.requires,
        limits=options.limits,
        status=options.status,
    )


def _check_indented(found: Collection) -> None:
    """Readers see indented code as they see a fence, but it can neither say what it is for nor be run."""
    for block in found.page.blocks:
        if block.kind == "code":
            with found.reporting():
                raise BadInput(
                    f"an indented code block: {block.text.strip().splitlines()[0]!r}",
                    where=found.page.place(block.line),
                    expected="code in a fence, and text at the indentation of what holds it",
                    remedy='write ```python {#name}, or ```text {shown="REASON"} if it is only to be read',
                )


def _check_files(project: Project, found: Collection) -> None:
    """Two examples of a page cannot record the same file, nor one the code of another."""
    owners: dict[str, str] = {}
    sources = {example.snippet: example.name for example in found.examples}
    for example in found.examples:
        for name in example.files:
            with found.reporting():
                path = (project.snippets / found.page.name / name).resolve()
                if path in sources:
                    raise BadInput(
                        f"the file {name!r} is the code of {sources[path]!r}, and recording would replace it",
                        where=example.place,
                        expected="a name of its own for each recorded file of a page",
                    )
                if name in owners:
                    raise BadInput(
                        f"the file {name!r} is recorded by {owners[name]!r} too",
                        where=example.place,
                        expected="a name of its own for each recorded file of a page",
                    )
            owners.setdefault(name, example.name)


def _check_left_over(project: Project, found: Collection) -> None:
    """A record without its example would never be verified again, and prose could still refer to it."""
    if found.problems:
        return
    kept = {f"{example.name}{suffix}" for example in found.examples if example.records for suffix in (SUFFIX, ".out")}
    for path in sorted((project.snippets / found.page.name).glob("*")):
        if path.name.endswith((SUFFIX, ".out")) and path.name not in kept:
            with found.reporting():
                raise BadInput(
                    "no example of its page records this",
                    where=project.shown(path),
                    expected=f"an example of {found.page.shown} with this name",
                    remedy="delete the file, or bring the example back",
                )


def _check_prose_includes(project: Project, found: Collection) -> None:
    for block in found.page.blocks:
        if block.kind == "include":
            for include in find_includes(block.text, block.line):
                with found.reporting():
                    include.read(project.snippets, found.page.place(include.line))
