"""Tables as GitHub writes them, except that a bar inside a code span is text even without `\\`."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement

from kbserver.rendering.inline_marks import marked_text

_RULE = re.compile(r" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_TOKEN = re.compile(r"\\.|(`+)|\|")


def starts_table(header: str, rule: str) -> bool:
    """Whether two lines are a table's header and the rule below it.

    >>> starts_table("| a | b |", "|---|:-:|"), starts_table("a | b", "---")
    (True, False)
    """
    if "|" not in header or "|" not in rule or not _RULE.match(rule):
        return False
    return len(cells_of(header)) == len(cells_of(rule))


def cells_of(row: str) -> list[str]:
    """The texts between a row's bars, without the bars at its ends.

    >>> cells_of("| a | `x|y` | b\\\\|c |")
    ['a', '`x|y`', 'b|c']
    """
    row = row.strip(" \t")
    cells, start, position = [], 0, 0
    while found := _TOKEN.search(row, position):
        position = found.end()
        if ticks := found.group(1):
            closing = re.compile(rf"(?<!`){ticks}(?!`)").search(row, position)
            position = closing.end() if closing else position
        elif found.group() == "|":
            cells.append(row[start : found.start()])
            start = position
    cells.append(row[start:])
    if len(cells) > 1 and not cells[0].strip():
        cells = cells[1:]
    if len(cells) > 1 and not cells[-1].strip() and row.endswith("|"):
        cells = cells[:-1]
    return [cell.strip(" \t").replace("\\|", "|") for cell in cells]


def table_element(rows: list[str]) -> Element:
    """`table` with a head and a body; rows are cut or filled up to the header's width."""
    table = Element("table")
    aligns = [_alignment(cell) for cell in cells_of(rows[1])]
    _add_row(SubElement(table, "thead"), "th", cells_of(rows[0]), aligns)
    if len(rows) > 2:
        body = SubElement(table, "tbody")
        for row in rows[2:]:
            _add_row(body, "td", cells_of(row), aligns)
    return table


def _alignment(cell: str) -> str:
    left, right = cell.startswith(":"), cell.endswith(":")
    return ("center" if left else "right") if right else ("left" if left else "")


def _add_row(parent: Element, tag: str, cells: list[str], aligns: list[str]) -> None:
    row = SubElement(parent, "tr")
    for index, align in enumerate(aligns):
        cell = SubElement(row, tag, {"align": align} if align else {})
        text = cells[index] if index < len(cells) else ""
        cell.text = marked_text(text)
