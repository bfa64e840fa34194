"""One article file as text: split, checked, parsed, and written back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from indexer.article_schema import MAX_TITLE, HeaderReader, one_line
from indexer.articles import Article, Audience
from indexer.audience_sections import has_mark, stray_marks
from indexer.parsing import plain_text
from indexer.problems import Problem, Severity, problem
from indexer.strict_yaml import HeaderRefused, Mapping, load_mapping

MAX_HEADER_BYTES = 64 * 1024
"""200 issue lines of 100 Chinese characters; PyYAML reads this much in well under a second."""

MAX_BODY_BYTES = 256 * 1024
"""About 85,000 Chinese characters, several times the longest manual page seen; the Markdown
parser's time grows with the body, so it has to end somewhere."""

MAX_FILE_BYTES = MAX_HEADER_BYTES + MAX_BODY_BYTES

_LINE_END = re.compile(r"\r\n?|\n")
_KEY_LINE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*[ \t]*[:：]")
_FENCE = re.compile(r"^ {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_ATX_TITLE = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE = re.compile(r"^ {0,3}(?:=+|-+)[ \t]*$")
_NO_TITLE_LINE = re.compile(r"^\s*(?:$|[-*+>|#]|\d+[.)]\s| {4}|\t|[-=]+\s*$)")
_EMPTY_ID = re.compile(r"id[ \t]*:[ \t]*(?:(?:~|null|Null|NULL|''|\"\")[ \t]*)?(?:#.*)?")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What came of one file: an article unless a problem is an error.

    `body_line` is the file's line on which the body starts, `content_hash` the
    SHA-256 of the bytes ("" when parsed from text). An article without an id in
    its file has the id "" until the import assigns one (`needs_id`).
    """

    path: str
    article: Article | None
    problems: tuple[Problem, ...]
    body_line: int = 0
    content_hash: str = ""

    @property
    def needs_id(self) -> bool:
        return self.article is not None and not self.article.id

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(found for found in self.problems if found.severity is Severity.ERROR)


@dataclass(frozen=True, slots=True)
class _Parts:
    header: str
    header_line: int
    body: str
    body_line: int


class _Refused(HeaderRefused):
    def __init__(self, code: str, line: int = 0, **details: object) -> None:
        super().__init__(problem(code, line, "", **details))


def parse_article(text: str, path: str, *, today: date | None = None, is_finished: bool = True) -> ParsedFile:
    """The article in `text`, or the reasons why there is none; never raises for bad content.

    `path` is only repeated. With `today`, a later `verified_at` is reported and
    ignored. Line ends of any kind are read as newlines; the body carries
    neither leading blank lines nor trailing ones. A text that is still being
    written (not `is_finished`) may lack its title, which is "" then; the
    heading of a section is not taken for it.
    """
    try:
        return _parsed(text, path, today, is_finished)
    except HeaderRefused as refusal:
        return ParsedFile(path, None, (refusal.problem,))


def _parsed(text: str, path: str, today: date | None, is_finished: bool) -> ParsedFile:
    problems: list[Problem] = []
    parts = _split(_clean(text, problems))
    if len(parts.body.encode()) > MAX_BODY_BYTES:
        raise _Refused("body_too_large", size=len(parts.body.encode()), cap=MAX_BODY_BYTES)
    header = load_mapping(parts.header, parts.header_line) if parts.header else Mapping({}, {}, 1)
    reader = HeaderReader(header, today)
    fields = reader.fields()
    problems += reader.problems
    title = fields["title"] or _heading(parts.body, is_top_only=not is_finished)[:MAX_TITLE].rstrip()
    if not title and is_finished:
        problems.append(problem("title_missing", 1, "title"))
    if not parts.body:
        problems.append(problem("body_empty", parts.body_line))
    fields |= {"title": title, "lang": fields["lang"] or _guessed_lang(title + parts.body)}
    if fields["audience"] is not Audience.INTERNAL:
        problems += _unclear_marks(title, parts)
        # A title is shown wherever the article is, so its mark can only mean the whole.
        fields["audience"] = Audience.INTERNAL if has_mark(title) else fields["audience"]
    refused = any(found.severity is Severity.ERROR for found in problems)
    article = None if refused else Article(body=parts.body, **fields)
    return ParsedFile(path, article, tuple(problems), parts.body_line)


def _unclear_marks(title: str, parts: _Parts) -> Iterator[Problem]:
    """Warnings of marks of internal parts that do not do what their place suggests."""
    if has_mark(title):
        yield problem("internal_title", 1, "title")
    for number in stray_marks(parts.body):
        yield problem("internal_stray", parts.body_line + number)


def _clean(text: str, problems: list[Problem]) -> str:
    """The text with one kind of line end and without a byte order mark or NUL characters."""
    if len(text) > MAX_FILE_BYTES:
        raise _Refused("too_large", size=len(text), cap=MAX_FILE_BYTES)
    if found := _LONE_SURROGATE.search(text):
        raise _Refused("not_text", text.count("\n", 0, found.start()) + 1)
    text = _LINE_END.sub("\n", text.removeprefix("\ufeff"))
    if "\0" in text:
        problems.append(problem("nul", text.count("\n", 0, text.index("\0")) + 1))
        text = text.replace("\0", "")
    if not text.strip():
        raise _Refused("empty")
    return text


def _split(text: str) -> _Parts:
    lines = text.split("\n")
    end = header_end(lines)
    for first in {0, end}:
        if conflict := _conflict_line(lines[first : end if first < end else None]):
            raise _Refused("conflict", first + conflict)
    header = "\n".join(lines[1:end])
    if len(header.encode()) > MAX_HEADER_BYTES:
        raise _Refused("header_too_large", 1, cap=MAX_HEADER_BYTES)
    start = end + 1 if end else 0
    while start < len(lines) and not lines[start].strip():
        start += 1
    if end and _opens_header(lines, start):
        raise _Refused("header_twice", start + 1)
    return _Parts(header, 2, "\n".join(lines[start:]).rstrip(), start + 1)


def header_end(lines: list[str]) -> int:
    """Index of the line that closes the front matter, 0 when the file has none; raises HeaderRefused."""
    first = lines[0].rstrip()
    if first != "---":
        if re.match(r"---[ \t]*[A-Za-z]", first) and len(lines) > 1 and _KEY_LINE.match(lines[1]):
            raise _Refused("header_language", 1, text=first)
        start = next((n for n, line in enumerate(lines) if line.strip()), 0)
        if start and _opens_header(lines, start):
            raise _Refused("header_not_first", start + 1)
        return 0
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() in ("---", "..."):
            return number
    raise _Refused("header_unclosed", 1)


def _opens_header(lines: list[str], start: int) -> bool:
    pair = lines[start : start + 2]
    return len(pair) == 2 and pair[0].rstrip() == "---" and bool(_KEY_LINE.match(pair[1]))


def _conflict_line(lines: list[str]) -> int:
    """The line of the first git conflict that stands outside code, 0 when there is none."""
    opened = split = 0
    for number, line in _outside_fences(lines):
        if line.startswith("<<<<<<< "):
            opened, split = number, 0
        elif opened and line.rstrip() == "=======":
            split = number
        elif split and line.startswith(">>>>>>> "):
            return opened
    return 0


def _outside_fences(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Numbered lines that are not inside a code fence."""
    fence = ""
    for number, line in enumerate(lines, 1):
        if fence:
            if line.strip() and set(line.strip()) == {fence[0]} and len(line.strip()) >= len(fence):
                fence = ""
        elif found := _FENCE.match(line):
            fence = found.group(1)
        else:
            yield number, line


def _heading(body: str, *, is_top_only: bool) -> str:
    """The first heading of the body (or the first of the top level) as plain text, "" when there is none."""
    before = ""
    for _, line in _outside_fences(body.split("\n")):
        if found := _ATX_TITLE.match(line):
            if is_top_only and line.lstrip().startswith("##"):
                continue
            if title := one_line(plain_text(found.group(1)[: 4 * MAX_TITLE])):
                return title
        elif before and _UNDERLINE.match(line) and not (is_top_only and "-" in line):
            return one_line(plain_text(before[: 4 * MAX_TITLE]))
        before = "" if _NO_TITLE_LINE.match(line) else line
    return ""


def _guessed_lang(text: str) -> str:
    """`zh` where any Han character stands, else `en`; for files that do not say."""
    return "zh" if re.search(r"[\u3400-\u9fff]", text) else "en"


def with_id(text: str, article_id: str) -> str:
    """The file's text with the id in its front matter, and nothing else changed.

    Use it only for a text that `parse_article` accepted with `needs_id`.

    >>> with_id("---\\r\\ntitle: 打印\\r\\n---\\r\\n", "KB-0001")
    '---\\r\\nid: KB-0001\\r\\ntitle: 打印\\r\\n---\\r\\n'
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    rest = text[len(mark) :]
    found = _LINE_END.search(rest)
    newline = found.group() if found else "\n"
    if not found or rest[: found.start()].replace("\0", "").rstrip() != "---":
        header = newline.join(("---", f"id: {article_id}", "---", "", ""))
        return mark + header + rest
    first, position = rest[: found.end()], found.end()
    while position < len(rest):
        end = _LINE_END.search(rest, position)
        line = rest[position : end.start() if end else len(rest)]
        if line.rstrip() in ("---", "...") or not end:
            break
        if _EMPTY_ID.fullmatch(line.rstrip()):
            return mark + rest[:position] + f"id: {article_id}" + rest[end.start() :]
        position = end.end()
    return mark + first + f"id: {article_id}{newline}" + rest[len(first) :]


def without_article(parsed: ParsedFile, found: Problem) -> ParsedFile:
    """The same file, quarantined for `found`."""
    return replace(parsed, article=None, problems=(*parsed.problems, found))
