"""What the first line of each kind of block looks like, as Python-Markdown and Material's extensions read it."""

from __future__ import annotations

import re

FENCE = re.compile(r"(?P<prefix>\ufeff?[> \t]*)(?P<fence>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)$", re.DOTALL)
HEADING = re.compile(r"#{1,6}(?!#)[ \t]*\S|#{1,6}[ \t]*$")
UNDERLINE = re.compile(r"(?:=+|-+)[ \t]*$")
RULE = re.compile(r"(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$")
_TYPES = r"[\w\-]+(?:[ \t]+[\w\-]+)*"
ADMONITION = re.compile(
    rf'(?:!!![ \t]?{_TYPES}(?:[ \t]+".*")?|\?\?\?\+?[ \t]?(?:{_TYPES}(?:[ \t]+".*")?|[ \t]*".*"))[ \t]*$'
)
TAB = re.compile(r'===(?:\+|\+!|!\+|!)?[ \t]+".*"[ \t]*$')
BULLET = re.compile(r"[*+-](?:[ \t]+\S|[ \t]*$)")
NUMBER = re.compile(r"(?P<number>\d{1,9})[.)](?:[ \t]+\S|[ \t]*$)")
QUOTE = re.compile(r">")
DEFINITION = re.compile(r":[ \t]+\S")
FOOTNOTE = re.compile(r"\[\^[^\]\s]+\]:")
ABBREVIATION = re.compile(r"\*\[[^\]]+\]:")
REFERENCE = re.compile(r"\[[^\]^][^\]]*\]:[ \t]*\S")
INCLUDE = re.compile(r"""-+8<-+(?:[ \t]+(?P<quote>["']).+(?P=quote))?[ \t]*$""")
MATH = re.compile(r"\$\$|\\\[|\\begin\{")
TABLE_RULE = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
FRONT_MATTER_OPEN = re.compile(r"\ufeff?---[ \t]*$")
FRONT_MATTER_CLOSE = re.compile(r"(?:---|\.\.\.)[ \t]*$")

HTML_VERBATIM = re.compile(r"<(?P<tag>script|pre|style|textarea)(?=[\s>]|$)", re.IGNORECASE)
HTML_BLOCK = re.compile(
    r"</?(?:address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl"
    r"|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main"
    r"|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title"
    r"|tr|track|ul|video|audio|source|picture|svg|math)(?=[\s/>]|$)|<[?!][A-Za-z\[]",
    re.IGNORECASE,
)
HTML_RAW = re.compile(
    r"<(?P<tag>address|article|aside|blockquote|body|canvas|center|colgroup|dd|details|dir|div|dl|dt|fieldset"
    r"|figcaption|figure|footer|form|h[1-6]|header|hgroup|html|iframe|legend|li|main|map|math|menu|nav|noscript"
    r"|object|ol|option|output|p|progress|section|summary|table|tbody|td|tfoot|th|thead|tr|ul|video)"
    r"(?=[\s>])(?P<attributes>[^<>]*)>",
    re.IGNORECASE,
)
MARKDOWN_INSIDE = re.compile(r"\smarkdown(?=[\s=]|$)", re.IGNORECASE)
HTML_ALONE = re.compile(r"</?[A-Za-z][\w-]*(?:[ \t]+[^<>]*)?/?>[ \t]*$")


def is_table(header: str, rule: str) -> bool:
    """Whether two lines begin a table: a row and, under it, dashes between bars."""
    return "|" in header and "-" in rule and "|" in header + rule and bool(TABLE_RULE.match(rule))
