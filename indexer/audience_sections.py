"""Parts of an article for customers or everybody that only the house may read, and the text without them.

The one place that decides it: pages, API, excerpts and the index all ask `for_audience`.

A section is internal when its heading carries a mark, `{internal}` or `【内部】`; it runs to the
next heading of the same or a higher level. So is a box, `!!! internal` or `> [!INTERNAL]`, and a
comment, `<!-- … -->`, which no page shows anyhow.

Whatever can be read in two ways is hidden: a mark counts wherever a heading might stand, and a
section ends only where a heading certainly stands.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexer.articles import Audience
from indexer.code_fences import TAB, facts_of, indent_of

_WORDS = ("internal", "内部", "內部")
_MARK = (
    r"(?:仅限?供?|只限?供?|限|only)?[ \t]{0,4}(?:internal|内部|內部)"
    r"(?:[ \t-]{0,4}(?:only|use|可见|可見|使用|专用|專用|人员|人員|资料|資料))*[ \t]{0,4}"
)
_OPEN, _CLOSE = "[{(\u3010\u3014\u3016", "]})\u3011\u3015\u3017"
_WIDE_OPEN, _WIDE_CLOSE = "\uff3b\uff5b\uff08", "\uff3d\uff5d\uff09"
_OPENERS, _CLOSERS = (re.escape(marks) for marks in (_OPEN + _WIDE_OPEN, _CLOSE + _WIDE_CLOSE))
_FLAT_MARK = re.compile(rf"[{re.escape(_OPEN)}][ ]?{_MARK}[{re.escape(_CLOSE)}]")
_WRITTEN_MARK = re.compile(
    rf"[ \t]*[{_OPENERS}][ \t]{{0,4}}{_MARK}[{_CLOSERS}][ \t]*",
    re.IGNORECASE,
)
_CLEAR_MARK = re.compile(rf"[{{\u3010] ?{_MARK}[}}\u3011]")
"""In prose `（内部）` may be anything; braces and heavy brackets are meant as the mark."""

_PREFIX = r"[\s>]*(?:(?:[-+*]|\d{1,9}[.)])[\s>]+)*"
_MAYBE_HEADING = re.compile(rf"{_PREFIX}(#+)(.*)")
_MAYBE_HTML_HEADING = re.compile(r".*?<h([1-6])\b", re.IGNORECASE)
_MAYBE_BOX = re.compile(rf"{_PREFIX}(?:!!!|\?\?\?\+?|\[!)\s*(.*)")
_HEADING = re.compile(r"(#{1,6})[ \t]+\S")
_UNDERLINE = re.compile(r" {0,3}(?:(=+)|-+)[ \t]*$")
_PLAIN_TEXT = re.compile(r"(?!\d{1,9}[.)](?:\s|$))[^\s#*_+>!?\[<`~|-]")
_COMMENT = re.compile(r"(`+)(?:(?!\1).)*\1|<!--(?:.*?-->|(?P<open>.*)$)")
_COMMENT_ALONE = re.compile(r"<!--(?:.*?-->|(?P<open>.*)$)")
_LINE_END = re.compile(r"\r\n?|\n")
_OTHER_LINE_END = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff*_~`]")
_TAG = re.compile(r"</?[a-z][^<>\n]{0,80}>", re.IGNORECASE)
"""Control and zero-width characters and emphasis, and tags: what may stand inside a mark unseen."""


MAX_SPANS_CHARS = 4_000
"""In a longer line code spans are not looked for, and a comment in one is taken out as well."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Lines [start, end) of a body that outside readers do not get, counted from 0."""

    start: int
    end: int
    is_section: bool = False
    """Whether it is a section of the whole text, not a box and not within a list or a quote."""


def for_audience(body: str, audience: Audience) -> str:
    """The Markdown body as readers of `audience` may have it: whole for the house, else without what is internal.

    >>> for_audience("一\\n\\n## 二 {internal}\\n\\n密\\n\\n## 三", Audience.PUBLIC)
    '一\\n\\n## 三'
    """
    if audience is Audience.INTERNAL or not ("<!--" in body or _holds_a_word(body)):
        return body
    lines = _lines_of(body)
    kept: list[str] = []
    position = 0
    for part in hidden_parts(body):
        kept += lines[position : part.start]
        position = part.end
    return "\n".join(_without_comments([*kept, *lines[position:]])).strip("\n")


def hidden_parts(body: str) -> tuple[Hidden, ...]:
    """What is internal in a body, in order and without overlap; comments are not among it."""
    return tuple(_Scanner(_lines_of(body)).parts()) if _holds_a_word(body) else ()


def has_mark(text: str) -> bool:
    """Whether a heading or a title carries the mark of what is internal.

    >>> has_mark("处理【内部】"), has_mark("处理 { Internal }"), has_mark("内部处理")
    (True, True, False)
    """
    flat = _flat(text)
    return _FLAT_MARK.search(flat) is not None or _FLAT_MARK.search(_TAG.sub("", flat)) is not None


def without_mark(heading: str) -> str:
    """A heading's text without the mark.

    >>> without_mark("升级 {internal}"), without_mark("【内部】升级"), without_mark("升级")
    ('升级', '升级', '升级')
    """
    return _WRITTEN_MARK.sub(" ", heading).strip() if has_mark(heading) else heading


def stray_marks(body: str) -> tuple[int, ...]:
    """Lines, from 0, with a mark that hides nothing, since neither a heading nor a box carries it."""
    if not _holds_a_word(body):
        return ()
    lines = _lines_of(body)
    hidden = {number for part in hidden_parts(body) for number in range(part.start, part.end)}
    code = facts_of(lines).maybe_code
    return tuple(
        number
        for number, line in enumerate(lines)
        if number not in hidden and not code[number] and _CLEAR_MARK.search(_flat(line))
    )


def _holds_a_word(body: str) -> bool:
    flat = _flat(body)
    untagged = _TAG.sub("", flat) if "<" in flat else flat
    return any(word in flat or word in untagged for word in _WORDS)


def _lines_of(body: str) -> list[str]:
    return _LINE_END.sub("\n", body).split("\n")


def _flat(text: str) -> str:
    """The text as marks are looked for in it: one width, one case, references read, nothing unseen."""
    seen = _UNSEEN.sub("", unicodedata.normalize("NFKC", html.unescape(text)))
    return _SPACES.sub(" ", seen).casefold()


class _Scanner:
    """Goes through the lines once, from one internal part to the next."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._facts = facts_of(lines)
        self._enclosed = self._enclosures()
        self._marked = [number for number, line in enumerate(lines) if _holds_a_word(line) and has_mark(line)]

    def _enclosures(self) -> list[bool]:
        """For each line whether it may stand within code, raw HTML, a comment or something folded."""
        found: list[bool] = []
        in_comment, details = False, 0
        for number, line in enumerate(self._lines):
            found.append(self._facts.maybe_code[number] or self._facts.maybe_raw[number] or in_comment or details > 0)
            if in_comment:
                in_comment = "-->" not in line
            elif not self._facts.maybe_code[number]:
                in_comment = _leaves_comment_open(line)
                details += _details_opened(line)
        return found

    def parts(self) -> Iterator[Hidden]:
        """The parts in order."""
        position = done = 0
        while position < len(self._lines):
            part = None if self._facts.code[position] else self._part_at(position, done)
            if part is None:
                position += 1
                continue
            yield part
            position = done = part.end

    def _part_at(self, position: int, done: int) -> Hidden | None:
        """The part whose mark stands in this line, or in the text that this line underlines."""
        line = self._lines[position]
        if level := self._underlined_level(position, done):
            start = max(self._facts.run_start[position], done)
            end = self._section_end(position + 1, level, by_underline=True)
            return Hidden(start, end, is_section=not self._enclosed[start])
        if not _holds_a_word(line):
            return None
        if level := _marked_level(line):
            is_whole = _HEADING.match(line) is not None and not self._enclosed[position]
            return Hidden(position, self._section_end(position + 1, level), is_section=is_whole)
        return Hidden(position, self._box_end(position)) if _is_internal_box(line) else None

    def _underlined_level(self, position: int, first: int) -> int:
        """The level of the heading whose underline the line may be, if the text above carries a mark; else 0."""
        under = _UNDERLINE.match(self._lines[position])
        if not under:
            return 0
        at = bisect_left(self._marked, max(self._facts.run_start[position], first))
        is_marked = at < len(self._marked) and self._marked[at] < position
        return (1 if under.group(1) else 2) if is_marked else 0

    def _section_end(self, first: int, level: int, *, by_underline: bool = False) -> int:
        """Where a heading of that level or a higher one certainly stands, or the end."""
        in_comment, details = False, 0
        for number in range(first, len(self._lines)):
            line = self._lines[number]
            found = _HEADING.match(line)
            if not self._facts.code[number]:
                # What might be a marked heading of a higher level hides what is below that one as well.
                level = min(level, self._underlined_level(number, first) or level)
                if not found and _holds_a_word(line):
                    level = min(level, _marked_level(line) or level)
            if self._facts.maybe_code[number]:
                continue
            if in_comment:
                in_comment = "-->" not in line
                continue
            in_comment = _leaves_comment_open(line)
            details += _details_opened(line)
            if in_comment or details > 0 or self._facts.maybe_raw[number]:
                continue
            if found and len(found.group(1)) <= level:
                return number
            if number > first and self._is_underlined_heading(number, first, level, by_underline=by_underline):
                return number - 1
        return len(self._lines)

    def _is_underlined_heading(self, number: int, first: int, level: int, *, by_underline: bool) -> bool:
        """Whether the line underlines one line of text.

        Dashes below a text are meant as a rule more often than not, so they end
        only a section that began with an underlined heading as well.
        """
        under = _UNDERLINE.match(self._lines[number])
        if not under or not (under.group(1) or (by_underline and level >= 2)):
            return False
        above = self._lines[number - 2] if number - 2 >= first else ""
        stands_alone = not above.strip() or _HEADING.match(above) is not None
        return stands_alone and _PLAIN_TEXT.match(self._lines[number - 1]) is not None

    def _box_end(self, start: int) -> int:
        """After the lines that follow without a blank one, and all that are indented further or quoted."""
        own, is_quote = indent_of(self._lines[start]), self._lines[start].lstrip().startswith(">")
        number, is_first_run = start + 1, True
        end = number
        while number < len(self._lines):
            line = self._lines[number]
            is_first_run = is_first_run and bool(line.strip())
            is_inside = indent_of(line) > own or (is_quote and line.lstrip().startswith(">"))
            follows = is_first_run and indent_of(line) >= own and not _HEADING.match(line)
            if line.strip() and not (is_inside or follows or self._facts.maybe_code[number]):
                break
            number += 1
            end = number if line.strip() else end
        return end


def _marked_level(line: str) -> int:
    """The level of the marked heading that the line is, or might be to some reader; 0 for none."""
    for piece in _OTHER_LINE_END.split(line):
        if (found := _MAYBE_HEADING.match(_flat(piece))) and has_mark(found.group(2)):
            return min(len(found.group(1)), 6)
    found = _MAYBE_HTML_HEADING.match(unicodedata.normalize("NFKC", line))
    return int(found.group(1)) if found and has_mark(line) else 0


def _leaves_comment_open(line: str) -> bool:
    return "<!--" in line and "-->" not in line.rpartition("<!--")[2]


def _details_opened(line: str) -> int:
    """How many foldings the line opens and does not close."""
    tags = line.lower()
    return tags.count("<details") - tags.count("</details")


def _is_internal_box(line: str) -> bool:
    found = _MAYBE_BOX.match(_flat(line))
    return found is not None and (found.group(1).startswith(_WORDS) or has_mark(found.group(1)))


def _without_comments(lines: Sequence[str]) -> Iterator[str]:
    """The lines without comments outside code; one that is never closed goes on to the end."""
    code = facts_of(lines).maybe_code
    is_open = False
    for number, line in enumerate(lines):
        if is_open:
            _, closed, line = line.partition("-->")
            is_open = not closed
            if not line.strip():
                continue
        elif code[number] or indent_of(line) >= TAB or "<!--" not in line:
            yield line
            continue
        pattern = _COMMENT if len(line) <= MAX_SPANS_CHARS else _COMMENT_ALONE
        is_open = is_open or any(found.group("open") is not None for found in pattern.finditer(line))
        shown = pattern.sub(lambda found: found.group() if found.group().startswith("`") else "", line)
        if shown.strip():
            yield shown
