"""Content model: which element may stand in which, as the HTML standard has it (https://html.spec.whatwg.org/, part 4).

Elements of SVG and MathML have models of their own, which nobody checks here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
FOREIGN = frozenset({"svg", "math"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
SECTIONS = frozenset({"article", "aside", "nav", "section"})

END_MAY_LACK = frozenset(
    {"html", "head", "body", "p", "li", "dt", "dd", "option", "optgroup", "rt", "rp", "colgroup", "caption"}
    | {"thead", "tbody", "tfoot", "tr", "td", "th"}
)
"""Elements whose end tag may be left out; what follows ends them."""

ENDS_PARAGRAPH = frozenset(
    {"address", "article", "aside", "blockquote", "details", "dialog", "div", "dl", "fieldset", "figcaption", "figure"}
    | {"footer", "form", "header", "hgroup", "hr", "main", "menu", "nav", "ol", "p", "pre", "search", "section"}
    | {"table", "ul"}
    | HEADINGS
)
_ROWS = frozenset({"thead", "tbody", "tfoot"})
_ENDED_BY: dict[str, frozenset[str]] = {
    "li": frozenset({"li"}),
    "dt": frozenset({"dt", "dd"}),
    "dd": frozenset({"dt", "dd"}),
    "rt": frozenset({"rt", "rp"}),
    "rp": frozenset({"rt", "rp"}),
    "option": frozenset({"option"}),
    "optgroup": frozenset({"option", "optgroup"}),
    "tr": frozenset({"tr", "td", "th", "caption", "colgroup"}),
    "td": frozenset({"td", "th"}),
    "th": frozenset({"td", "th"}),
    **dict.fromkeys(_ROWS, _ROWS | {"tr", "td", "th", "caption", "colgroup"}),
    "body": frozenset({"head"}),
}

PHRASING = frozenset(
    {"a", "abbr", "area", "audio", "b", "bdi", "bdo", "br", "button", "canvas", "cite", "code", "data", "datalist"}
    | {"del", "dfn", "em", "embed", "i", "iframe", "img", "input", "ins", "kbd", "label", "link", "map", "mark"}
    | {"math", "meta", "meter", "noscript", "object", "output", "picture", "progress", "q", "ruby", "s", "samp"}
    | {"script", "select", "slot", "small", "span", "strong", "sub", "sup", "svg", "template", "textarea", "time"}
    | {"u", "var", "video", "wbr"}
)
"""What may stand in a line of text."""

_LINES = frozenset(
    {"abbr", "b", "bdi", "bdo", "button", "cite", "code", "data", "dfn", "em", "i", "kbd", "label", "legend", "mark"}
    | {"meter", "output", "p", "pre", "progress", "q", "rp", "rt", "s", "samp", "small", "span", "strong", "sub"}
    | {"summary", "sup", "time", "u", "var"}
    | HEADINGS
)
"""What holds text and what may stand in a line of it, nothing else."""

_TRANSPARENT = frozenset({"a", "audio", "canvas", "del", "ins", "map", "noscript", "object", "slot", "video"})
"""What may hold what the element around it may hold."""

_SCRIPTING = frozenset({"script", "template"})
_CHILDREN: dict[str, frozenset[str]] = {
    "ul": frozenset({"li"}),
    "ol": frozenset({"li"}),
    "menu": frozenset({"li"}),
    "dl": frozenset({"dt", "dd", "div"}),
    "table": frozenset({"caption", "colgroup", "col", "tr"}) | _ROWS,
    "colgroup": frozenset({"col"}),
    "tr": frozenset({"td", "th"}),
    "picture": frozenset({"source", "img"}),
    **dict.fromkeys(_ROWS, frozenset({"tr"})),
}
"""What may hold these elements, and scripts, alone; no text either."""

_PARENTS: dict[str, tuple[str, ...]] = {
    "li": ("ul", "ol", "menu"),
    "dt": ("dl",),
    "dd": ("dl",),
    "tr": ("table", "thead", "tbody", "tfoot"),
    "td": ("tr",),
    "th": ("tr",),
    "thead": ("table",),
    "tbody": ("table",),
    "tfoot": ("table",),
    "caption": ("table",),
    "colgroup": ("table",),
    "col": ("colgroup", "table"),
    "option": ("select", "datalist", "optgroup"),
    "optgroup": ("select",),
    "figcaption": ("figure",),
    "summary": ("details",),
    "legend": ("fieldset",),
    "source": ("picture", "audio", "video"),
    "track": ("audio", "video"),
    "rt": ("ruby",),
    "rp": ("ruby",),
    "style": ("head", "noscript"),
    "title": ("head",),
    "base": ("head",),
}
"""What stands nowhere but in these."""

_INTERACTIVE = frozenset({"a", "button", "details", "embed", "iframe", "label", "select", "textarea"})
_NOT_WITHIN: dict[str, frozenset[str]] = {
    "label": frozenset({"label"}),
    "form": frozenset({"form"}),
    "dfn": frozenset({"dfn"}),
    "meter": frozenset({"meter"}),
    "progress": frozenset({"progress"}),
    "table": frozenset({"caption"}),
    "main": frozenset({"article", "aside", "footer", "header", "nav"}),
    **dict.fromkeys(("header", "footer"), frozenset({"header", "footer", "dt", "th", "address"})),
    **dict.fromkeys(HEADINGS | SECTIONS, frozenset({"dt", "th", "address"})),
}
"""What does not stand in these, however deep."""


def ended_by(tag: str) -> frozenset[str]:
    """The elements without an end tag that a start tag ends, if they are the innermost."""
    return _ENDED_BY.get(tag, frozenset())


def holds_no_text(tag: str) -> bool:
    """Whether an element holds elements alone."""
    return tag in _CHILDREN


def objection(tag: str, attributes: Mapping[str, str | None], around: Sequence[str]) -> tuple[str, str] | None:
    """Why an element may not stand where it does, and what to do; None if it may.

    Args:
        tag: the element.
        attributes: its own.
        around: the elements that it stands in, the outermost first.
    """
    if not around or around[-1] == "template" or "-" in tag:
        return None
    parent = around[-1]
    allowed = _PARENTS.get(tag)
    if allowed is not None and parent not in allowed and not _is_grouped(tag, around):
        return f"<{tag}> stands in <{parent}>", f"put it into {_listed(allowed)}"
    if parent in _CHILDREN and tag not in _CHILDREN[parent] and tag not in _SCRIPTING:
        return f"<{tag}> stands in <{parent}>", f"let <{parent}> hold {_listed(sorted(_CHILDREN[parent]))} alone"
    holder = next((one for one in reversed(around) if one not in _TRANSPARENT), "body")
    if holder in _LINES and tag not in PHRASING and not (holder in ("summary", "legend") and tag in HEADINGS):
        return f"<{tag}> stands in <{holder}>", f"close <{holder}> before it, or use <div> in place of <{holder}>"
    for outer in ("a", "button"):
        if outer in around and _is_interactive(tag, attributes):
            what = f"<{tag}>" if tag in _INTERACTIVE or tag == "input" else f"<{tag}> with tabindex"
            return f"{what} stands in <{outer}>, so that a click means two things", f"close <{outer}> before it"
    for outer in reversed(around):
        if outer in _NOT_WITHIN.get(tag, ()):
            return f"<{tag}> stands in <{outer}>", f"close <{outer}> before it"
    return None


def _is_grouped(tag: str, around: Sequence[str]) -> bool:
    """Whether this is a pair in a group of a list of definitions."""
    return tag in ("dt", "dd") and list(around[-2:]) == ["dl", "div"]


def _is_interactive(tag: str, attributes: Mapping[str, str | None]) -> bool:
    if tag in ("audio", "video") and "controls" in attributes:
        return True
    if tag == "input":
        return (attributes.get("type") or "").lower() != "hidden"
    return tag in _INTERACTIVE or "tabindex" in attributes


def _listed(tags: Iterable[str]) -> str:
    *first, last = [f"<{tag}>" for tag in tags]
    return f"{', '.join(first)} or {last}" if first else last
