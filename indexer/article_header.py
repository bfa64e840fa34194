"""The front matter of a text that is still being written: read leniently, changed key by key.

What a form does not know must not be lost by saving it, so a change replaces
the lines of its own key and nothing else: unknown keys, comments, order and
the way other values are written stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from indexer.article_schema import KNOWN_KEYS
from indexer.article_text import header_end
from indexer.article_writing import written_value
from indexer.problems import problem
from indexer.strict_yaml import HeaderRefused, load_mapping

Value = str | tuple[str, ...]

_COMMENT = re.compile(r"[ \t]+#.*$")
_PLAIN_VALUE = re.compile(r"[^\"'\[{|>#&*!%@`-]")


@dataclass(frozen=True, slots=True)
class _Block:
    """The lines of one key: [start, end) within the header's lines."""

    key: str
    start: int
    end: int


def with_fields(text: str, changes: Mapping[str, Value]) -> str:
    """The text with these keys of its front matter set; an empty value takes the key away.

    Keys that stand there keep their place, new ones get the place of
    `KNOWN_KEYS`. A text without front matter gets one. Raises HeaderRefused
    for a header that cannot be read, or not key by key.

    >>> with_fields("---\\ntitle: a  # draft\\nx-team: 二线\\n---\\n\\nb", {"title": "c", "tags": ("d",)})
    '---\\ntitle: c  # draft\\ntags: [d]\\nx-team: 二线\\n---\\n\\nb'
    """
    lines = text.removeprefix("\ufeff").split("\n")
    end = header_end(lines)
    if not end:
        if not any(changes.values()):
            return text
        lines, end = ["---", "---", "", *lines], 1
    header = lines[1:end]
    for key, value in changes.items():
        header = _with_field(header, key, value)
    return "\n".join([lines[0], *header, *lines[end:]])


def with_body(text: str, body: str) -> str:
    """The text with another body below the same front matter."""
    lines = text.removeprefix("\ufeff").split("\n")
    end = header_end(lines)
    head = "\n".join(lines[: end + 1]) if end else ""
    shown = body.strip("\n").rstrip()
    return "\n\n".join(part for part in (head, f"{shown}\n" if shown else "") if part) or "\n"


def _with_field(header: list[str], key: str, value: Value) -> list[str]:
    blocks = _blocks(header)
    found = next((block for block in blocks if block.key == key), None)
    written = [f"{key}:{written_value(key, value)}"] if value else []
    if found is None:
        at = _place_for(key, blocks)
        return [*header[:at], *"\n".join(written).split("\n"), *header[at:]] if written else header
    if written and found.end == found.start + 1:
        written[0] += _comment_of(header[found.start])
    return [*header[: found.start], *(line for part in written for line in part.split("\n")), *header[found.end :]]


def _blocks(header: list[str]) -> list[_Block]:
    """Where each top-level key stands, in order, without the comments and blank lines that follow it."""
    parsed = load_mapping("\n".join(header), 2)
    starts = {key: line - 2 for key, line in parsed.key_lines.items()}
    if len(set(starts.values())) != len(starts):
        raise HeaderRefused(problem("yaml", 2, detail="the keys do not stand on lines of their own"))
    order = sorted(starts, key=starts.__getitem__)
    bounds = [*(starts[key] for key in order), len(header)][1:]
    return [_block(header, key, starts[key], bound) for key, bound in zip(order, bounds, strict=True)]


def _block(header: list[str], key: str, start: int, bound: int) -> _Block:
    if not re.match(rf"""(["']?){re.escape(key)}\1[ \t]*:(?:[ \t]|$)""", header[start]):
        raise HeaderRefused(problem("yaml", start + 2, detail="a key does not begin its line"))
    end = bound
    while end > start + 1 and (not header[end - 1].strip() or header[end - 1].startswith("#")):
        end -= 1
    return _Block(key, start, end)


def _place_for(key: str, blocks: list[_Block]) -> int:
    """The line for a new key: behind the last of those that come before it in a file as we write it."""
    known = {name: place for place, name in enumerate(KNOWN_KEYS)}
    before = [block.end for block in blocks if known.get(block.key, len(known)) < known.get(key, len(known))]
    return max(before, default=0)


def _comment_of(line: str) -> str:
    """The remark at the end of a key's only line, kept when the value changes."""
    value = line.partition(":")[2].lstrip(" \t")
    found = _COMMENT.search(line)
    return found.group() if found and _PLAIN_VALUE.match(value) else ""
