"""Front matter: MkDocs shows one that it cannot read as a part of the page, so it must be YAML with keys."""

from __future__ import annotations

from edgedocs.core.errors import BadInput


def require(text: str, shown: str, line: int) -> None:
    """See that a front matter says something to MkDocs.

    Args:
        text: the front matter, with the lines of dashes around it.
        shown: what messages call the page.
        line: the number of its first line in the file.

    Raises:
        BadInput: if it is no YAML, or no keys with values.
    """
    import yaml

    content = "\n".join(text.rstrip().split("\n")[1:-1])
    try:
        document = yaml.safe_load(content)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = line + 1 + (mark.line if mark else 0)
        problem = getattr(error, "problem", None) or "it is malformed"
        raise _bad(f"the front matter is no YAML: {problem}", f"{shown}:{place}") from error
    except (ValueError, RecursionError) as error:  # a date that is none, or brackets without end
        raise _bad("the front matter cannot be read", f"{shown}:{line}") from error
    if not isinstance(document, dict):
        raise _bad("the front matter has no keys", f"{shown}:{line}")


def _bad(what: str, where: str) -> BadInput:
    remedy = "put a value with a colon, a # or a bracket in it between quotation marks"
    return BadInput(what, where=where, expected="lines such as `description: text`", remedy=remedy)
