"""Which lines of a Markdown text are code for every reader of it, and which might be for one.

Parsers disagree on fences within lists, quotes, comments and raw HTML. Where the text can be read
in several ways all of them are followed, so that a caller may take the side it needs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

TAB = 4

MAX_READINGS = 8
"""With more ways to read the text than these nothing after is certain."""

MAX_STEPS_BACK = 100_000
"""Lines that are looked at in all to see what an indented fence belongs to; beyond, none is certain."""

_FENCE = re.compile(r"(`{3,})[^`]*$|(~{3,}).*$")
_LIST_MARKS = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]{1,4})+")
_HOLDS_INDENTED = re.compile(r"[ \t]*(?:!!!|\?\?\?|\[\^)")
_AS_SPACES = {ord(char): " " for char in "-*+.)0123456789"}


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What is known of each line of a text."""

    code: Sequence[bool]
    """Whether it stands in a closed code fence by every reading."""
    maybe_code: Sequence[bool]
    """Whether it does by any reading; the fences' own lines count."""
    maybe_raw: Sequence[bool]
    """Whether a line right above begins with a tag, so that the line's marks may mean nothing."""
    run_start: Sequence[int]
    """The first of the lines that stand together with it, without a blank line between."""


class _Fence(NamedTuple):
    char: str
    length: int
    indent: int


_Reading = _Fence | None
"""The fence that is open, None outside of code."""


def facts_of(lines: Sequence[str]) -> LineFacts:
    """The facts of all lines.

    >>> facts_of(["```", "# a", "```", "# b"]).code
    [False, True, True, False]
    """
    maybe_raw, run_start = _runs(lines)
    follower = _Follower(lines, maybe_raw)
    code: list[bool] = []
    maybe_code: list[bool] = []
    readings: frozenset[_Reading] = frozenset({None})
    for number in range(len(lines)):
        before = follower.at(readings, number)
        readings = follower.after(before, number)
        code.append(None not in before)
        maybe_code.append(before | readings != {None})
        if len(readings) > MAX_READINGS:
            rest = len(lines) - len(code)
            return LineFacts([*code, *[False] * rest], [*maybe_code, *[True] * rest], maybe_raw, run_start)
    return LineFacts(code, maybe_code, maybe_raw, run_start)


def indent_of(text: str) -> int:
    """Columns of white space before the text; a tab reaches to the next multiple of four."""
    columns = 0
    for char in text:
        if char not in " \t":
            break
        columns += TAB - columns % TAB if char == "\t" else 1
    return columns


def _runs(lines: Sequence[str]) -> tuple[list[bool], list[int]]:
    maybe_raw: list[bool] = []
    run_start: list[int] = []
    has_tag, start = False, 0
    for number, line in enumerate(lines):
        if not line.strip():
            has_tag, start = False, number + 1
        maybe_raw.append(has_tag)
        run_start.append(start)
        has_tag = has_tag or line.lstrip().startswith("<")
    return maybe_raw, run_start


class _Follower:
    """Reads on from line to line, in every way in which it was read so far."""

    def __init__(self, lines: Sequence[str], maybe_raw: Sequence[bool]) -> None:
        self._lines = lines
        self._maybe_raw = maybe_raw
        self._indents = [indent_of(line) if line.strip() else 10**6 for line in lines]
        self._longest_from = _longest_closers(lines)
        self._in_comment = False
        self._steps_left = MAX_STEPS_BACK

    def at(self, readings: frozenset[_Reading], number: int) -> frozenset[_Reading]:
        """The ways to read the line itself.

        A line further to the left may end the list item that a fence stands in, and the fence with it.
        """
        has_left = any(fence is not None and self._indents[number] < fence.indent for fence in readings)
        return readings | {None} if has_left else readings

    def after(self, readings: frozenset[_Reading], number: int) -> frozenset[_Reading]:
        """The ways to read what follows the line."""
        line = self._lines[number]
        found: set[_Reading] = set()
        for reading in readings:
            found |= self._opened(number) if reading is None else self._within(reading, number)
        if self._in_comment:
            self._in_comment = "-->" not in line
        elif None in readings and "<!--" in line:
            self._in_comment = "-->" not in line.rpartition("<!--")[2]
        return frozenset(found)

    def _opened(self, number: int) -> set[_Reading]:
        line = self._lines[number]
        if "```" not in line and "~~~" not in line:
            return {None}
        marks = _LIST_MARKS.match(line)
        start = marks.end() if marks else len(line) - len(line.lstrip(" \t"))
        is_quoted = line[start : start + 1] == ">"
        found = _FENCE.match(line[start:].lstrip("> \t"))
        if not found:
            return {None}
        mark = found.group(1) or found.group(2)
        fence = _Fence(mark[0], len(mark), indent_of(line[:start].translate(_AS_SPACES)))
        is_certain = (
            not is_quoted
            and not self._in_comment
            and not self._maybe_raw[number]
            and "|" not in line  # It may be the row of a table.
            and (marks is not None or fence.indent < TAB or self._is_in_container(number, fence.indent))
            and self._longest_from[fence.char][number + 1] >= fence.length
        )
        return {fence} if is_certain else {fence, None}

    def _within(self, fence: _Fence, number: int) -> set[_Reading]:
        bare = self._lines[number].strip(" \t>")
        indent = self._indents[number]
        if len(bare) >= fence.length and not bare.strip(fence.char):
            is_quoted = ">" in self._lines[number]
            is_level = indent == fence.indent or (fence.indent == 0 and indent < TAB)
            return {None} if is_level and not is_quoted else {None, fence}
        return {fence}

    def _is_in_container(self, number: int, indent: int) -> bool:
        """Whether an item or a box above takes the line, so that its indentation does not make it code."""
        limit = indent
        for at in range(number - 1, -1, -1):
            self._steps_left -= 1
            if self._steps_left < 0 or limit == 0:
                return False
            if self._indents[at] >= limit:
                continue
            line = self._lines[at]
            if marks := _LIST_MARKS.match(line):
                if (offset := indent_of(marks.group().translate(_AS_SPACES))) <= indent:
                    return indent - offset < TAB
            elif _HOLDS_INDENTED.match(line):
                return indent - self._indents[at] <= TAB
            limit = self._indents[at]
        return False


def _longest_closers(lines: Sequence[str]) -> dict[str, list[int]]:
    """Per character and line the longest run of it that stands alone on that line or on a later one."""
    longest = {char: [0] * (len(lines) + 2) for char in "`~"}
    for number in range(len(lines) - 1, -1, -1):
        bare = lines[number].strip(" \t>")
        for char, found in longest.items():
            own = len(bare) if bare[:3] == 3 * char and not bare.strip(char) else 0
            found[number] = max(own, found[number + 1])
    return longest
