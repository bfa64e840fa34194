"""A Markdown body seen from far: its sections, its numbered steps and its links, each with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from kbserver.domain.sections import kind_of

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_STEP = re.compile(r" {0,3}[0-9]{1,9}[.)](?:[ \t]+(.*))?$")
_CODE = re.compile(r"(`+)[^`].*?\1")
_LINK = re.compile(r"\]\([ \t]{0,9}<?([^)\s>]{0,2000})")
_REFERENCE = re.compile(r" {0,3}\[[^\]\n]{1,200}\]:[ \t]{0,9}<?([^\s>]{1,2000})")
MAX_LINE_CHARS = 20_000
"""Characters of one line that are looked at; a longer one is data, not prose."""

MAX_SECTIONS = 1000
"""Sections that are looked at; the page's contents end far before."""

_Line = tuple[int, str, bool]
"""A line's number, its text, and whether it is code."""


@dataclass(frozen=True, slots=True)
class Step:
    """A numbered item at the left margin."""

    number: int
    """Its place among the steps of its section, from 1."""
    line: int
    is_empty: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it, down to the next heading."""

    heading: str
    level: int
    line: int
    kind: str
    text: str
    steps: tuple[Step, ...]
    is_empty: bool
    """Whether nothing was written below it; a heading above smaller ones is not empty."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link or a picture leads, as written, with percent signs resolved."""

    target: str
    line: int


def sections_of(body: str) -> tuple[Section, ...]:
    """The sections in reading order; text before the first heading belongs to none.

    >>> [(s.heading, s.kind, len(s.steps), s.is_empty) for s in sections_of("## 解决步骤\\n1. a\\n2. b\\n## 验证\\n")]
    [('解决步骤', 'steps', 2, False), ('验证', 'verification', 0, True)]
    """
    parts: list[tuple[int, str, int, list[_Line]]] = []
    for line, text, in_code in _lines(body):
        heading = None if in_code else _HEADING.match(text)
        if heading and len(parts) == MAX_SECTIONS:
            break
        if heading:
            parts.append((len(heading[1]), heading[2], line, []))
        elif parts:
            parts[-1][3].append((line, text, in_code))
    levels = [level for level, *_ in parts]
    return tuple(
        _section(*part, has_smaller=following > part[0])
        for part, following in zip(parts, [*levels[1:], 0], strict=False)
    )


def links_of(body: str) -> tuple[Link, ...]:
    """Every link and picture outside code, in reading order.

    >>> [link.target for link in links_of("[a](b.md) ![x](<files/y z.png>) `[c](d)` [e]()")]
    ['b.md', 'files/y', '']
    """
    found: list[Link] = []
    for line, text, in_code in _lines(body):
        if in_code:
            continue
        prose = _CODE.sub("", text)
        targets = [match[1] for match in _LINK.finditer(prose)]
        reference = _REFERENCE.match(prose)
        targets += [reference[1]] if reference else []
        found += [Link(unquote(target), line) for target in targets]
    return tuple(found)


def _lines(body: str) -> Iterator[_Line]:
    """Numbered lines, and whether each is code between fences; the fences count as code."""
    fence = ""
    for number, line in enumerate(body.split("\n"), 1):
        text = line[:MAX_LINE_CHARS]
        mark = _FENCE.match(text)
        if mark and (not fence or (mark[1].startswith(fence) and not text.strip(fence[0] + " \t"))):
            fence = "" if fence else mark[1]
            yield number, text, True
        else:
            yield number, text, bool(fence)


def _section(level: int, heading: str, line: int, lines: list[_Line], *, has_smaller: bool) -> Section:
    written = [(at, text, in_code) for at, text, in_code in lines if text.strip()]
    steps: list[Step] = []
    for (at, text, in_code), (_, following, _) in zip(written, [*written, (0, "", False)][1:], strict=True):
        match = None if in_code else _STEP.match(text)
        if match:
            is_empty = not (match[1] or "").strip() and not following.startswith((" ", "\t"))
            steps.append(Step(len(steps) + 1, at, is_empty))
    text = "\n".join(text for _, text, _ in lines)
    is_written = re.search(r"\w", re.sub(r"(?m)^\s*[0-9]{1,9}[.)]\s*$", "", text)) is not None
    return Section(heading, level, line, kind_of(heading), text, tuple(steps), not is_written and not has_smaller)
