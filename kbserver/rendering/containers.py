"""Which lines belong to a list item, a quote, a box or a fence, with the container's marks taken off."""

from __future__ import annotations

from dataclasses import dataclass

from kbserver.rendering.line_marks import (
    QUOTE,
    TAB,
    FenceMark,
    Line,
    ListMark,
    closes_fence,
    ends_lazy_text,
    fence_mark,
    indent_of,
    list_mark,
    without_columns,
)


@dataclass(slots=True)
class Gathered:
    """The lines of one container, where the text goes on, and whether blank lines came before that."""

    lines: list[Line]
    next: int
    ends_blank: bool = False


class _OpenText:
    """Follows the lines of a container to know whether its last line is running text."""

    def __init__(self) -> None:
        self.fence: FenceMark | None = None
        self.takes_lazy_lines = False

    def add(self, text: str) -> None:
        if self.fence:
            if closes_fence(text, self.fence):
                self.fence = None
            self.takes_lazy_lines = False
            return
        # List marks may stand before a fence: `- 1. ```sh`.
        inner = text
        for _ in range(3):
            mark = list_mark(inner)
            inner = mark.rest if mark and mark.rest else inner
        self.fence = fence_mark(without_columns(inner, 3 * TAB))
        stands_alone = not text.strip() or text.lstrip().startswith("#")
        self.takes_lazy_lines = not self.fence and not stands_alone


def fence_lines(lines: list[Line], start: int, fence: FenceMark) -> Gathered:
    """The code between the fence at `start` and its end, or the container's end."""
    code: list[Line] = []
    for position in range(start + 1, len(lines)):
        number, text = lines[position]
        if closes_fence(text, fence):
            return Gathered(code, position + 1)
        code.append(Line(number, without_columns(text, fence.indent) if fence.indent else text))
    return Gathered(code, len(lines))


def indented_code_lines(lines: list[Line], start: int) -> Gathered:
    """Lines indented like code, without blank lines at the end."""
    code: list[Line] = []
    end = start
    for position in range(start, len(lines)):
        number, text = lines[position]
        if not text.strip():
            code.append(Line(number, without_columns(text, TAB)))
            continue
        if indent_of(text) < TAB:
            break
        code.append(Line(number, without_columns(text, TAB)))
        end = position + 1
    return Gathered(code[: end - start], end)


def quote_lines(lines: list[Line], start: int) -> Gathered:
    """A quote's lines without their `>`, with the lazy lines that go on its last paragraph."""
    inner: list[Line] = []
    state = _OpenText()
    position = start
    while position < len(lines):
        number, text = lines[position]
        if found := QUOTE.match(text):
            inner.append(Line(number, text[found.end() :]))
        elif state.takes_lazy_lines and text.strip() and not ends_lazy_text(text):
            inner.append(Line(number, text.lstrip(" \t")))
        else:
            break
        state.add(inner[-1].text)
        position += 1
    return Gathered(inner, position)


def item_lines(lines: list[Line], start: int, mark: ListMark) -> Gathered:
    """A list item's lines without its mark and indentation.

    Under a numbered item GitHub wants three columns; people type two. A list of
    another kind or a fence that stands at two is taken as the item's own, and
    then so are the lines below it.
    """
    inner = [Line(lines[start].number, mark.rest)]
    state = _OpenText()
    state.add(mark.rest)
    offset, blanks, position = mark.offset, 0, start + 1
    while position < len(lines):
        number, text = lines[position]
        if not text.strip(" \t"):
            if blanks + 1 == position - start and not mark.rest.strip():
                break  # An item that starts with two blank lines is empty.
            blanks += 1
        else:
            columns = indent_of(text)
            if _belongs_at_two(text, columns, mark):
                offset = min(offset, columns)
            if columns < offset and not (blanks == 0 and state.takes_lazy_lines and not ends_lazy_text(text)):
                break
            inner += [Line(number - back, "") for back in range(blanks, 0, -1)]
            inner.append(Line(number, without_columns(text, offset)))
            blanks = 0
            state.add(inner[-1].text)
        position += 1
    return Gathered(inner, position, blanks > 0)


def _belongs_at_two(text: str, columns: int, mark: ListMark) -> bool:
    if not mark.is_ordered or not mark.indent + 2 <= columns < mark.offset:
        return False
    inner = list_mark(text)
    return bool(fence_mark(text)) or (inner is not None and inner.kind != mark.kind)


def indented_lines(lines: list[Line], start: int, least: int = 2) -> Gathered:
    """Lines from `start` on that are indented by at least `least` columns; the first one sets how far."""
    first = next((line for line in lines[start : start + 50] if not line.is_blank), None)
    columns = min(TAB, indent_of(first.text)) if first else 0
    if columns < least:
        return Gathered([], start)
    inner: list[Line] = []
    end = start
    for position in range(start, len(lines)):
        number, text = lines[position]
        if text.strip(" \t"):
            if indent_of(text) < columns:
                break
            end = position + 1
        inner.append(Line(number, without_columns(text, columns)))
    return Gathered(inner[: end - start], end)
