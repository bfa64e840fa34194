"""Markdown to plain-text sections: which headings stand above which blocks of text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_ATX_HEADING = re.compile(r"^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_SETEXT_UNDERLINE = re.compile(r"^ {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
_HEADING_ID = re.compile(r"\s*\{#[^}]*\}\s*$")
_ALERT = re.compile(r"^\s*(?:>\s*)?\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION|INTERNAL)\]\s*$", re.IGNORECASE)
_ADMONITION = re.compile(r"^\s*(?:!!!|\?\?\?\+?)[ \t]+(?:[A-Za-z][A-Za-z-]*|内部|內部)(?:[ \t]+\"?([^\"]*)\"?)?[ \t]*$")
_TABLE_RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_INLINE = (
    (re.compile(r"<!--.*?-->"), " "),
    (re.compile(r"!\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)"), r"\1"),
    (re.compile(r"\[([^\]]+)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)"), r"\1"),
    (re.compile(r"\[([^\]]+)\]\[[^\]]*\]"), r"\1"),
    (re.compile(r"</?[A-Za-z][^<>]{0,300}>"), " "),
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"`+([^`]+)`+"), r"\1"),
)
_LINE_MARKS = re.compile(r"^\s*(?:>\s?)*(?:(?:[-*+]|\d{1,9}[.)])\s+)?(?:\[[ xX]\]\s+)?")
_SPACES = re.compile(r"[ \t\u00a0\u3000]+")


@dataclass(slots=True)
class Section:
    """Blocks of plain text under one heading path (outermost heading first)."""

    heading_path: tuple[str, ...]
    blocks: list[str] = field(default_factory=list)


def plain_text(markdown: str) -> str:
    """One line of Markdown without its inline marks; link targets and image addresses are dropped.

    >>> plain_text("打开 **控制面板**，见 [说明](http://a/b) `sfc /scannow`")
    '打开 控制面板，见 说明 sfc /scannow'
    """
    for pattern, replacement in _INLINE:
        markdown = pattern.sub(replacement, markdown)
    return _SPACES.sub(" ", html.unescape(markdown)).strip()


def sections_of(markdown: str) -> list[Section]:
    """The sections of a Markdown text in reading order; text before the first heading has an empty path.

    Headings inside code fences are code. Blocks are paragraphs, single list
    items, whole tables' rows and whole code fences, already in plain text.
    """
    sections = [Section(())]
    path: list[tuple[int, str]] = []
    for level, text in _blocks(markdown):
        if level:
            path = [entry for entry in path if entry[0] < level] + [(level, text)]
            sections.append(Section(tuple(heading for _, heading in path)))
        elif text:
            sections[-1].blocks.append(text)
    return [section for section in sections if section.blocks or section.heading_path]


def _blocks(markdown: str) -> Iterator[tuple[int, str]]:
    """Pairs of (heading level or 0, plain text), in order."""
    pending: list[str] = []
    lines = markdown.splitlines()
    position = 0
    while position < len(lines):
        line = lines[position]
        fence = _FENCE.match(line)
        if fence:
            yield from _flush(pending)
            code, position = _fenced_code(lines, position, fence.group(1))
            yield 0, code
            continue
        heading = _ATX_HEADING.match(line)
        if heading:
            yield from _flush(pending)
            yield len(heading.group(1)), plain_text(_HEADING_ID.sub("", heading.group(2) or ""))
        elif pending and _SETEXT_UNDERLINE.match(line):
            title = pending.pop()
            yield from _flush(pending)
            yield (1 if "=" in line else 2), title
        elif box := _ADMONITION.match(line):
            yield from _flush(pending)
            yield 0, plain_text(box.group(1) or "")
        elif not line.strip():
            yield from _flush(pending)
        elif not (_TABLE_RULE.match(line) or _ALERT.match(line)):
            text = plain_text(_LINE_MARKS.sub("", line).replace("|", " "))
            if _LINE_MARKS.match(line).group().strip() and pending:  # type: ignore[union-attr]
                yield from _flush(pending)
            if text:
                pending.append(text)
        position += 1
    yield from _flush(pending)


def _flush(pending: list[str]) -> Iterator[tuple[int, str]]:
    if pending:
        yield 0, "\n".join(pending)
        pending.clear()


def _fenced_code(lines: list[str], start: int, fence: str) -> tuple[str, int]:
    """The code between the fence at line `start` and its end, and the line after it."""
    end = start + 1
    while end < len(lines) and not lines[end].strip().startswith(fence):
        end += 1
    return "\n".join(line.rstrip() for line in lines[start + 1 : end]).strip("\n"), end + 1
