"""What a line of Markdown starts: indentation in columns, fences, headings, list marks."""

from __future__ import annotations

import re
from typing import NamedTuple

TAB = 4


class Line(NamedTuple):
    """A line of one container, with its number in the text."""

    number: int
    text: str

    @property
    def is_blank(self) -> bool:
        return not self.text.strip(" \t")


class ListMark(NamedTuple):
    """A list item's mark: `kind` is the bullet or the sign after the number."""

    kind: str
    number: int
    indent: int
    offset: int
    """Column at which the item's text starts."""
    rest: str

    @property
    def is_ordered(self) -> bool:
        return self.kind in ".)"


class FenceMark(NamedTuple):
    """The opening line of a code fence."""

    mark: str
    indent: int
    info: str


HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
QUOTE = re.compile(r" {0,3}>[ \t]?")
ALERT = re.compile(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION|INTERNAL)\][+-]?[ \t]*(.*)$", re.IGNORECASE)
ADMONITION = re.compile(
    r" {0,3}(!!!|\?\?\?\+?)[ \t]+([A-Za-z][A-Za-z-]*|内部|內部)"
    r"(?:[ \t]+\"([^\"]*)\"|[ \t]+([^\"]*))?[ \t]*$"
)
FOOTNOTE = re.compile(r" {0,3}\[\^([^\]\s]{1,60})\]:[ \t]*(.*)$")
REFERENCE = re.compile(
    r" {0,3}\[((?:[^\[\]\\]|\\.){1,200})\]:[ \t]*(?:<([^<>]*)>|(\S+))"
    r"(?:[ \t]+(?:\"([^\"]*)\"|'([^']*)'|\(([^()]*)\)))?[ \t]*$"
)
DETAILS = re.compile(
    r" {0,3}<details([ \t]+open(?:=\"\")?)?[ \t]*>[ \t]*(?:<summary>(.{0,500}?)</summary>)?[ \t]*$",
    re.IGNORECASE,
)
DETAILS_END = re.compile(r" {0,3}</details>[ \t]*$", re.IGNORECASE)
SUMMARY = re.compile(r"[ \t]*<summary>(.{0,500}?)</summary>[ \t]*$", re.IGNORECASE)
COMMENT = re.compile(r" {0,3}<!--")
RAW_BLOCK = re.compile(
    r" {0,3}</?(?:table|caption|colgroup|col|thead|tbody|tfoot|tr|td|th|div|p|center|ul|ol|li|dl|dt"
    r"|dd|h[1-6]|blockquote|pre|hr|section|article|aside|header|footer|main|nav|figure|figcaption"
    r"|iframe|frame|frameset|form|fieldset|legend|script|style|svg|math|object|embed|applet|base"
    r"|meta|link|title|head|body|html|noscript|template|video|audio|canvas|marquee|textarea|select"
    r"|option|button|input|dialog|menu)(?=[\s/>]|$)",
    re.IGNORECASE,
)
_STARTERS = frozenset("#*-_+>!?[<`~0123456789")
"""Characters with which a block other than a paragraph can start."""

_LIST_MARK = re.compile(r"( {0,3})(?:([-*+])|([0-9]{1,9})([.)]))([ \t]*)(.*)$", re.DOTALL)
_FENCE = re.compile(r"( {0,3})(?:(`{3,})([^`]*)|(~{3,})(.*))$")


def indent_of(text: str) -> int:
    """Columns of white space before the text; a tab reaches to the next multiple of four."""
    columns = 0
    for char in text:
        if char == " ":
            columns += 1
        elif char == "\t":
            columns += TAB - columns % TAB
        else:
            break
    return columns


def without_columns(text: str, columns: int) -> str:
    """The text without its first `columns` of white space, or without as much as there is.

    >>> without_columns("\\tcode", 2), without_columns(" a", 4)
    ('  code', 'a')
    """
    seen = 0
    for index, char in enumerate(text):
        if seen >= columns or char not in " \t":
            return " " * (seen - columns) + text[index:]
        seen += TAB - seen % TAB if char == "\t" else 1
    return " " * max(0, seen - columns)


def list_mark(text: str) -> ListMark | None:
    """The list mark at the start of the line, None when there is none.

    >>> list_mark("10. text").offset, list_mark("-text")
    (4, None)
    """
    found = _LIST_MARK.match(text)
    if not found or RULE.match(text):
        return None
    spaces, bullet, number, sign, gap, rest = found.groups()
    if rest and not gap:
        return None
    width = len(spaces) + len(bullet or number + sign)
    gap_columns = indent_of(gap)
    if rest and 1 <= gap_columns <= TAB:
        offset = width + gap_columns
    else:
        offset, rest = width + 1, " " * max(0, gap_columns - 1) + rest
    return ListMark(bullet or sign, int(number or 1), len(spaces), offset, rest)


def fence_mark(text: str) -> FenceMark | None:
    """The code fence that the line opens, None when it opens none."""
    if found := _FENCE.match(text):
        spaces, ticks, info, tildes, other = found.groups()
        return FenceMark(ticks or tildes, len(spaces), (info or other or "").strip())
    return None


def closes_fence(text: str, fence: FenceMark) -> bool:
    stripped = text.strip(" \t")
    same = len(stripped) >= len(fence.mark) and not stripped.strip(fence.mark[0])
    return same and indent_of(text) < TAB


def interrupts_paragraph(text: str) -> bool:
    """Whether the line ends a paragraph that stands above it without a blank line."""
    if text.lstrip(" ")[:1] not in _STARTERS or indent_of(text) >= TAB:
        return False
    mark = list_mark(text)
    if mark and mark.rest.strip() and (not mark.is_ordered or mark.number == 1):
        return True
    return any(
        pattern.match(text) for pattern in (HEADING, RULE, QUOTE, ADMONITION, FOOTNOTE, DETAILS, DETAILS_END, RAW_BLOCK)
    ) or bool(fence_mark(text))


def ends_lazy_text(text: str) -> bool:
    """Whether the line cannot go on a paragraph of a container whose mark it does not bear."""
    return interrupts_paragraph(text) or (indent_of(text) < TAB and list_mark(text) is not None)
