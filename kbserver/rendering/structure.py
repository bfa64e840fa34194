"""The blocks of a text as elements, read the way GitHub reads them.

The `markdown` package wants four columns for a nested list and blank lines
around most blocks. This builder takes its place for the structure (lists,
quotes, boxes, fences, headings, tables, notes) and leaves what stands inside a
line to the package.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.util import AtomicString

from indexer.audience_sections import has_mark, without_mark
from kbserver.rendering import containers, limits, line_marks
from kbserver.rendering.code_blocks import CodeBlocks
from kbserver.rendering.inline_marks import marked_text
from kbserver.rendering.line_marks import Line, ListMark, fence_mark, indent_of, list_mark
from kbserver.rendering.list_items import finish_item
from kbserver.rendering.raw_html import raw_elements
from kbserver.rendering.tables import cells_of, starts_table, table_element
from kbserver.rendering.wording import word

ADMONITIONS = {
    "note": "note", "info": "note", "abstract": "note", "summary": "note", "question": "note",
    "example": "note", "quote": "note", "seealso": "note", "tip": "tip", "hint": "tip",
    "success": "tip", "important": "important", "warning": "warning", "attention": "warning",
    "caution": "caution", "danger": "caution", "error": "caution", "failure": "caution",
    "bug": "caution", "internal": "internal", "内部": "internal", "內部": "internal",
}  # fmt: skip
"""Types of `!!!` boxes, from the package and its relatives, and the six kinds shown."""

_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_WIDE_BREAK = re.compile(f"(?<=[{_WIDE}])\n(?=[{_WIDE}])")
_HEADING_ID = re.compile(r"[ \t]*\{#[^{}]*\}$")

Report = Callable[[str, float, int], None]


class StructureBuilder:
    """Builds the elements of one text; definitions found on the way are kept for the inline marks."""

    def __init__(self, md: Markdown, lang: str, budget: limits.Budget, report: Report) -> None:
        self.md = md
        self.lang = lang
        self.budget = budget
        self.report = report
        self.code = CodeBlocks(lang, budget)
        self._cells = 0
        self._raw_chars = 0
        self._raw_blocks = 0
        self.footnotes: dict[str, list[Line]] = {}

    def build(self, parent: Element, lines: list[Line], depth: int = 0) -> bool:
        """Add the blocks in `lines` to `parent`; whether blank lines stand between two of them."""
        if depth > limits.MAX_NESTING:
            self.report("nesting", limits.MAX_NESTING, lines[0].number if lines else 0)
            self.as_typed(parent, lines)
            return False
        scope = _Scope(self, parent, lines, depth)
        return scope.run()

    def as_typed(self, parent: Element, lines: list[Line]) -> None:
        text = "\n".join(line.text for line in lines)
        SubElement(parent, "p", {"class": "plain-source"}).text = AtomicString(text)

    def reserve_cells(self, count: int) -> bool:
        self._cells += count
        return self._cells <= limits.MAX_TABLE_CELLS

    def reserve_raw(self, source: str) -> bool:
        self._raw_chars += len(source)
        self._raw_blocks += 1
        return (
            self._raw_blocks <= limits.MAX_RAW_BLOCKS
            and len(source) <= limits.MAX_RAW_BLOCK_CHARS
            and source.count("<") <= limits.MAX_RAW_TAGS
            and self._raw_chars <= limits.MAX_RAW_CHARS
        )


class _Scope:
    """The blocks of one container."""

    def __init__(self, builder: StructureBuilder, parent: Element, lines: list[Line], depth: int) -> None:
        self._builder = builder
        self._parent = parent
        self._lines = lines
        self._depth = depth
        self._last_comment_end = self._last_line_with("-->")
        self._last_details_end = self._last_line_with("</details>")
        self._readers = (
            self._indented_code, self._fence, self._heading, self._rule, self._quote, self._box,
            self._list, self._footnote, self._comment, self._details, self._raw, self._definition,
            self._table, self._paragraph,
        )  # fmt: skip

    def run(self) -> bool:
        position, blocks, blank, separated = 0, 0, False, False
        while position < len(self._lines):
            if self._lines[position].is_blank:
                blank, position = True, position + 1
                continue
            self._builder.budget.check(self._lines[position].number)
            separated = separated or (blank and blocks > 0)
            blocks, blank = blocks + 1, False
            position = self._block(position)
        return separated

    def _block(self, start: int) -> int:
        for read in self._readers:
            position = read(start)
            if position > start:
                return position
        raise AssertionError("the paragraph reader takes every line")

    def _last_line_with(self, text: str) -> int:
        return next(
            (n for n in range(len(self._lines) - 1, -1, -1) if text in self._lines[n].text.lower()),
            -1,
        )

    def _inside(self, parent: Element, lines: list[Line]) -> bool:
        return self._builder.build(parent, lines, self._depth + 1)

    def _indented_code(self, start: int) -> int:
        if indent_of(self._lines[start].text) < line_marks.TAB:
            return start
        return self._add_code(containers.indented_code_lines(self._lines, start), "")

    def _fence(self, start: int) -> int:
        fence = fence_mark(self._lines[start].text)
        if not fence:
            return start
        return self._add_code(containers.fence_lines(self._lines, start, fence), fence.info)

    def _add_code(self, gathered: containers.Gathered, info: str) -> int:
        code = "\n".join(line.text for line in gathered.lines)
        self._parent.append(self._builder.code.element(code, info))
        return gathered.next

    def _heading(self, start: int) -> int:
        found = line_marks.HEADING.match(self._lines[start].text)
        if not found:
            return start
        self._add_heading(len(found.group(1)), found.group(2) or "")
        return start + 1

    def _add_heading(self, level: int, text: str) -> None:
        heading = SubElement(self._parent, f"h{level}")
        text = _HEADING_ID.sub("", text)
        if has_mark(text):
            heading.set("class", "internal-heading")
            text = _HEADING_ID.sub("", without_mark(text))
        heading.text = self._inline_text(text)

    def _rule(self, start: int) -> int:
        if not line_marks.RULE.match(self._lines[start].text):
            return start
        SubElement(self._parent, "hr")
        return start + 1

    def _quote(self, start: int) -> int:
        if not line_marks.QUOTE.match(self._lines[start].text):
            return start
        gathered = containers.quote_lines(self._lines, start)
        inner = gathered.lines
        if alert := line_marks.ALERT.match(inner[0].text.strip()):
            self._inside(self._box_element(alert.group(1).lower(), alert.group(2)), inner[1:])
        else:
            self._inside(SubElement(self._parent, "blockquote"), inner)
        return gathered.next

    def _box(self, start: int) -> int:
        found = line_marks.ADMONITION.match(self._lines[start].text)
        if not found:
            return start
        mark, kind, quoted, bare = found.groups()
        title = quoted if quoted is not None else bare or ""
        gathered = containers.indented_lines(self._lines, start + 1)
        if mark.startswith("?"):
            box = self._folded(title or word("details", self._builder.lang), mark.endswith("+"))
        else:
            box = self._box_element(kind.lower(), title)
        self._inside(box, gathered.lines)
        return max(gathered.next, start + 1)

    def _box_element(self, kind: str, title: str) -> Element:
        kind = ADMONITIONS.get(kind, "note")
        box = SubElement(self._parent, "div", {"class": f"admonition kind-{kind}"})
        heading = SubElement(box, "p", {"class": "admonition-title"})
        heading.text = self._inline_text(title.strip() or word(kind, self._builder.lang))
        return box

    def _folded(self, title: str, is_open: bool) -> Element:
        box = SubElement(self._parent, "details", {"open": ""} if is_open else {})
        SubElement(box, "summary").text = self._inline_text(title)
        return box

    def _list(self, start: int) -> int:
        first = list_mark(self._lines[start].text)
        if not first:
            return start
        element = SubElement(self._parent, "ol" if first.is_ordered else "ul")
        if first.is_ordered and first.number != 1:
            element.set("start", str(first.number))
        mark: ListMark | None = first
        position, loose, blank = start, False, False
        while mark and mark.kind == first.kind:
            self._builder.budget.check(self._lines[position].number)
            loose = loose or blank
            gathered = containers.item_lines(self._lines, position, mark)
            loose = self._inside(SubElement(element, "li"), gathered.lines) or loose
            position, blank = gathered.next, gathered.ends_blank
            mark = self._mark_at(position)
        for item in element:
            finish_item(element, item, loose, self._builder.lang)
        return position

    def _mark_at(self, position: int) -> ListMark | None:
        if position >= len(self._lines):
            return None
        text = self._lines[position].text
        return list_mark(text) if indent_of(text) < line_marks.TAB else None

    def _footnote(self, start: int) -> int:
        found = line_marks.FOOTNOTE.match(self._lines[start].text)
        if not found:
            return start
        notes = self._builder.footnotes
        number = self._lines[start].number
        if len(notes) >= limits.MAX_FOOTNOTES:
            self._builder.report("footnotes", limits.MAX_FOOTNOTES, number)
            return start
        inner = [Line(number, found.group(2))]
        position = start + 1
        while position < len(self._lines) and not self._ends_text(position):
            line = self._lines[position]
            inner.append(Line(line.number, line.text.lstrip(" \t")))
            position += 1
        gathered = containers.indented_lines(self._lines, position)
        notes.setdefault(found.group(1).lower(), [*inner, Line(number, ""), *gathered.lines])
        return gathered.next if gathered.lines else position

    def _ends_text(self, position: int) -> bool:
        line = self._lines[position]
        return line.is_blank or interrupts(self._lines, position)

    def _comment(self, start: int) -> int:
        if self._last_comment_end < start or not line_marks.COMMENT.match(self._lines[start].text):
            return start
        for position in range(start, self._last_comment_end + 1):
            _, found, after = self._lines[position].text.partition("-->")
            if found:
                if after.strip():
                    self._lines[position] = Line(self._lines[position].number, after.strip())
                    return position if position > start else self._block(start)
                return position + 1
        return start

    def _details(self, start: int) -> int:
        found = line_marks.DETAILS.match(self._lines[start].text)
        if not found or self._last_details_end < start:
            return start
        end = self._details_end(start)
        if end < 0:
            return start
        inner = self._lines[start + 1 : end]
        title = found.group(2)
        if title is None and inner and (summary := line_marks.SUMMARY.match(inner[0].text)):
            title, inner = summary.group(1), inner[1:]
        box = self._folded(title or word("details", self._builder.lang), bool(found.group(1)))
        self._inside(box, inner)
        return end + 1

    def _details_end(self, start: int) -> int:
        """The line that closes the details at `start`; -1 where nesting or its absence hides it."""
        opened, fence = 0, None
        for position in range(start, self._last_details_end + 1):
            text = self._lines[position].text
            if fence:
                fence = None if line_marks.closes_fence(text, fence) else fence
            elif line_marks.DETAILS.match(text):
                opened += 1
            elif line_marks.DETAILS_END.match(text):
                opened -= 1
            else:
                fence = fence_mark(text)
            if opened == 0:
                return position
        self._last_details_end = -1
        return -1

    def _raw(self, start: int) -> int:
        if not line_marks.RAW_BLOCK.match(self._lines[start].text):
            return start
        end = start
        while end < len(self._lines) and not self._lines[end].is_blank:
            end += 1
        source = "\n".join(line.text for line in self._lines[start:end])
        if not self._builder.reserve_raw(source):
            self._builder.report("raw_html", limits.MAX_RAW_TAGS, self._lines[start].number)
            self._builder.as_typed(self._parent, self._lines[start:end])
        elif (element := raw_elements(source)) is not None:
            self._parent.append(element)
        return end

    def _definition(self, start: int) -> int:
        found = line_marks.REFERENCE.match(self._lines[start].text)
        if not found or found.group(1).startswith("^"):
            return start
        references = self._builder.md.references
        if len(references) >= limits.MAX_REFERENCES:
            number = self._lines[start].number
            self._builder.report("references", limits.MAX_REFERENCES, number)
            return start
        label, angled, bare, *titles = found.groups()
        title = next((text for text in titles if text is not None), None)
        name = " ".join(label.split()).lower()
        references.setdefault(name, (angled if angled is not None else bare, title))
        return start + 1

    def _table(self, start: int) -> int:
        lines = self._lines
        if start + 1 >= len(lines) or not starts_table(lines[start].text, lines[start + 1].text):
            return start
        end = start + 2
        while end < len(lines) and not lines[end].is_blank and not _ends_table(lines[end].text):
            end += 1
        columns = len(cells_of(lines[start + 1].text))
        fits = columns <= limits.MAX_TABLE_COLUMNS
        if not (fits and self._builder.reserve_cells(columns * (end - start))):
            self._builder.report("table", limits.MAX_TABLE_COLUMNS, lines[start].number)
            self._builder.as_typed(self._parent, lines[start:end])
            return end
        wrapper = Element("div", {"class": "table-scroll", "tabindex": "0"})
        wrapper.set("aria-label", word("table", self._builder.lang))
        wrapper.append(table_element([line.text for line in lines[start:end]]))
        self._parent.append(wrapper)
        return end

    def _paragraph(self, start: int) -> int:
        position = start + 1
        while position < len(self._lines):
            line = self._lines[position]
            if line.is_blank:
                break
            if under := line_marks.UNDERLINE.match(line.text):
                level = 1 if under.group(1).startswith("=") else 2
                self._add_heading(level, self._joined(start, position))
                return position + 1
            if interrupts(self._lines, position):
                break
            position += 1
        text = self._joined(start, position)
        if len(text) > limits.MAX_PARAGRAPH_CHARS:
            number = self._lines[start].number
            self._builder.report("paragraph", limits.MAX_PARAGRAPH_CHARS, number)
            self._builder.as_typed(self._parent, self._lines[start:position])
        else:
            SubElement(self._parent, "p").text = self._inline_text(text)
        return position

    def _joined(self, start: int, end: int) -> str:
        texts = [line.text.lstrip(" \t") for line in self._lines[start:end]]
        return "\n".join(texts).rstrip()

    def _inline_text(self, text: str) -> str:
        """Text for the inline marks; a line end between two Chinese characters is no space."""
        return marked_text(_WIDE_BREAK.sub("", text))


def interrupts(lines: list[Line], position: int) -> bool:
    """Whether the line at `position` starts another block right below a paragraph."""
    text = lines[position].text
    if interrupts_paragraph(text):
        return True
    following = lines[position + 1].text if position + 1 < len(lines) else ""
    return indent_of(text) < line_marks.TAB and starts_table(text, following)


interrupts_paragraph = line_marks.interrupts_paragraph


def _ends_table(text: str) -> bool:
    return "|" not in text and interrupts_paragraph(text)
