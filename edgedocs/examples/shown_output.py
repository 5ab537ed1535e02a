"""Shown output: what readers are shown as the output of an example."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgedocs.core.files import read_text
from edgedocs.examples.console import read_session

if TYPE_CHECKING:
    from edgedocs.examples.collection import CodeBlock
    from edgedocs.examples.example import Example, Expected
    from edgedocs.examples.project import Project


def shown_output(project: Project, example: Example, block: CodeBlock) -> str | None:
    """The text that readers are shown as the output that a block has or is.

    Args:
        project: where recorded outputs lie.
        example: the example that the block is, shows or belongs to.
        block: one of its blocks.

    Returns:
        None if no output is shown, or none is recorded yet.
    """
    if block.kind == "output":
        own = next((each for each in example.expected if each.fence is block.fence), None)
        return _text(project, example, own) if own is not None else None
    if block.kind != example.kind:
        return None
    if example.kind == "console":
        return "".join(command.output for command in read_session(example.code, example.place)) or None
    if example.kind == "doctest":
        import doctest  # here: it loads the debugger, and few pages have doctests

        return "".join(each.want for each in doctest.DocTestParser().get_examples(example.code)) or None
    texts = [text for each in example.expected if (text := _text(project, example, each)) is not None]
    return "".join(texts) if texts else None


def _text(project: Project, example: Example, expected: Expected) -> str | None:
    if not expected.recorded:
        return expected.fence.body
    path = project.snippets / example.output_target
    return read_text(path).replace("\r\n", "\n") if path.is_file() else None
