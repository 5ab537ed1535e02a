"""Interface: a page for each Python module, from its source text; nothing is imported."""

from __future__ import annotations

import textwrap
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from edgedocs.core.errors import BadInput, CannotRun
from edgedocs.core.files import read_text
from edgedocs.publishing.reference.generated import GeneratedPage, locate
from edgedocs.publishing.reference.wording import bare, code, heading, paragraphs, plain, sentence, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_TITLES = {
    "parameters": ("Parameter", "Type", "Meaning"),
    "attributes": ("Attribute", "Type", "Meaning"),
    "raises": ("Raises", "When"),
    "returns": ("Gives", "Meaning"),
    "yields": ("Yields", "Meaning"),
}
_NO_SECTION_REMEDY = "write its docstring"
_LONGEST_VALUE = 60
"""Characters; a longer value of a constant is not shown."""


def interface_pages(root: Path, modules: Sequence[str]) -> list[tuple[GeneratedPage, str]]:
    """The pages of some modules, each with the first line of its docstring.

    Args:
        root: the folder that the packages lie in.
        modules: dotted names.

    Raises:
        BadInput: if a module does not exist, or has no docstring.
        CannotRun: if the library that reads them is not installed.
    """
    return [_page(root, name) for name in modules]


def _page(root: Path, name: str) -> tuple[GeneratedPage, str]:
    relative = name.replace(".", "/")
    if locate(root, relative).is_dir():
        relative += "/__init__"
    relative += ".py"
    path = locate(root, relative)
    if not path.is_file():
        raise BadInput(f"no module {name!r}", where="mkdocs.yml", expected=f"a file {relative}")
    text, summary = _made(name, path, read_text(path))
    return GeneratedPage(f"reference/{name}", text, relative), summary


@lru_cache(maxsize=256)
def _made(name: str, path: Path, source: str) -> tuple[str, str]:
    """The page of a module, made once for the same source."""
    try:
        import griffe
    except ImportError as error:
        raise CannotRun("griffe is not installed", remedy='install "edgedocs[site]"') from error
    module = griffe.visit(name, filepath=path, code=source, docstring_parser=griffe.Parser.google)
    if module.docstring is None:
        raise BadInput("no docstring", where=f"{path}:1", expected="what the module is for", remedy=_NO_SECTION_REMEDY)
    summary = module.docstring.value.strip().splitlines()[0].strip()
    page = _Page(module)
    described = bare(summary).replace("\\", "").replace('"', "'")
    return "\n\n".join([f'---\ndescription: "{described}"\n---', *page.write()]), summary


class _Page:
    def __init__(self, module: Any) -> None:
        self.module = module
        self.ids: set[str] = set()

    def write(self) -> Iterator[str]:
        yield self._heading(1, self.module.path, self.module.path)
        yield from _docstring(self.module)
        names = self.module.exports
        for name in [str(one) for one in names] if names else list(self.module.members):
            member = self.module.members.get(name)
            if member is None:
                continue
            if member.is_alias:
                if names:  # a name that the module passes on, which its own module documents
                    yield f"{code(name)} is {code(member.target_path)}."
            elif not name.startswith("_") and member.docstring is not None:
                yield from self._member(member, 2)

    def _member(self, member: Any, level: int) -> Iterator[str]:
        path = member.path.removeprefix(f"{self.module.path}.")
        yield self._heading(level, path, path)
        yield f"{code(_signature(member))}\n{{ .edgedocs-signature }}"
        yield from _docstring(member)
        if member.is_class:
            for name, one in member.members.items():
                if not name.startswith("_") and not one.is_alias and one.docstring is not None:
                    yield from self._member(one, level + 1)

    def _heading(self, level: int, text: str, wanted: str) -> str:
        identifier = "".join(letter if letter.isalnum() else "-" for letter in wanted.lower()).strip("-")
        while identifier in self.ids:
            identifier += "-2"
        self.ids.add(identifier)
        return heading(level, code(text) if level > 1 else plain(text), identifier)


def _signature(member: Any) -> str:
    if member.is_function:
        before = " ".join(label for label in ("classmethod", "staticmethod") if label in member.labels)
        signature = str(member.signature())
        return f"{before} {signature}".strip().replace("(self, ", "(").replace("(self)", "()").replace("(cls, ", "(")
    if member.is_class:
        bases = ", ".join(str(base) for base in member.bases)
        start = member.members.get("__init__")
        made = f"({', '.join(_parameters(start))})" if start is not None and start.is_function else ""
        return f"class {member.name}{made or (f'({bases})' if bases else '')}"
    annotation = f": {member.annotation}" if member.annotation is not None else ""
    value = str(member.value) if member.value is not None and "property" not in member.labels else ""
    return f"{member.name}{annotation}" + (f" = {value}" if 0 < len(value) <= _LONGEST_VALUE else "")


def _parameters(function: Any) -> Iterator[str]:
    for parameter in list(function.parameters)[1:]:
        annotation = f": {parameter.annotation}" if parameter.annotation is not None else ""
        default = f" = {parameter.default}" if parameter.default is not None else ""
        yield f"{parameter.name}{annotation}{default}"


def _docstring(member: Any) -> Iterator[str]:
    for section in member.docstring.parsed:
        kind = section.kind.value
        if kind == "text":
            yield paragraphs(section.value)
        elif kind == "examples":
            yield "\n\n".join(paragraphs(text) for _, text in section.value)
        elif kind == "admonition":
            value = section.value
            yield paragraphs(
                textwrap.dedent(value.contents if value.kind == "example" else f"{section.title}: {value.contents}")
            )
        elif kind in _TITLES:
            yield table(_TITLES[kind], [_row(kind, one) for one in section.value])


def _row(kind: str, one: Any) -> tuple[str, ...]:
    annotation = code(str(one.annotation)) if one.annotation is not None else ""
    if kind in ("parameters", "attributes"):
        return (code(one.name), annotation, sentence(one.description))
    return (annotation, sentence(one.description))
