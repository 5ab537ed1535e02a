"""YAML: read as a graph of nodes, never as objects, so that no tag is carried out and no alias is unfolded."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from edgedocs.examples.linters.base import Finding, Linter

if TYPE_CHECKING:
    from collections.abc import Iterator

_LARGEST_UNFOLDED = 100_000
_CHECKED = frozenset(f"tag:yaml.org,2002:{name}" for name in ("int", "float", "timestamp", "binary"))


class YamlLinter(Linter):
    """Composes with PyYAML's safe loader; tags of an application (``!ENV``) are allowed, they are not carried out."""

    languages = ("yaml", "yml")

    def absent(self) -> str | None:
        """See the base class."""
        return None if find_spec("yaml") else "PyYAML"

    def parse(self, text: str) -> list[Finding]:
        """See the base class."""
        import yaml

        try:
            documents = list(yaml.compose_all(text, yaml.SafeLoader))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = ": ".join(part for part in (error.context, error.problem) if part)
            return [Finding(mark.line + 1 if mark else 1, what)]
        except yaml.YAMLError as error:
            return [Finding(1, str(error).partition("\n")[0])]
        return [finding for document in documents if document is not None for finding in _findings(document)]


def _findings(document: Any) -> list[Finding]:
    nodes = list(_nodes(document))
    found = [finding for node in nodes for finding in (*_repeated_keys(node), *_bad_scalar(node))]
    size = _unfolded_size(nodes)
    if size > _LARGEST_UNFOLDED:
        found.append(Finding(1, f"its aliases unfold to more than {_LARGEST_UNFOLDED:,} nodes"))
    return sorted(found, key=lambda finding: finding.line)


def _children(node: Any) -> list[Any]:
    if node.id == "mapping":
        return [part for pair in node.value for part in pair]
    return list(node.value) if node.id == "sequence" else []


def _nodes(root: Any) -> Iterator[Any]:
    """Every node once, each after its children; an alias is the node that it names."""
    seen: set[int] = set()
    pending = [(root, False)]
    while pending:
        node, done = pending.pop()
        if done:
            yield node
        elif id(node) not in seen:
            seen.add(id(node))
            pending.append((node, True))
            pending += [(child, False) for child in _children(node)]


def _unfolded_size(nodes: list[Any]) -> int:
    """How many nodes a loader that copies what aliases name would make; one that contains itself counts once."""
    sizes: dict[int, int] = {}
    for node in nodes:
        size = 1 + sum(sizes.get(id(child), 1) for child in _children(node))
        sizes[id(node)] = min(size, _LARGEST_UNFOLDED + 1)
    return max(sizes.values())


def _repeated_keys(node: Any) -> Iterator[Finding]:
    if node.id != "mapping":
        return
    first: dict[tuple[str, str], int] = {}
    for key, _ in node.value:
        if key.id != "scalar" or key.tag.endswith(":merge"):
            continue
        line = key.start_mark.line + 1
        if (key.tag, key.value) in first:
            yield Finding(line, f"the key {key.value!r} stands in line {first[key.tag, key.value]} already")
        first.setdefault((key.tag, key.value), line)


def _bad_scalar(node: Any) -> Iterator[Finding]:
    """A date of month 13 looks right until it is loaded."""
    if node.id == "scalar" and node.tag in _CHECKED:
        import yaml

        try:
            yaml.constructor.SafeConstructor().construct_object(node)
        except yaml.MarkedYAMLError as error:
            yield Finding(node.start_mark.line + 1, str(error.problem))
        except (ValueError, OverflowError) as error:
            yield Finding(node.start_mark.line + 1, f"{node.value!r}: {error}")


LINTER = YamlLinter()
