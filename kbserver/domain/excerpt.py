"""The first sentences of an article as plain text, for lists."""

from __future__ import annotations

import re

from indexer.articles import Audience
from indexer.audience_sections import for_audience

EXCERPT_CHARS = 140
"""About two lines of a list on a desktop."""

_NOT_PROSE = re.compile(r"\s*(?:#{1,6}\s|[|!]|\[\^|<|:::|-{3,}\s*$|={3,}\s*$|\[toc\])", re.IGNORECASE)
_MARKS = re.compile(r"^\s*(?:>\s?)*(?:[-*+]\s|\d+[.)]\s)?(?:\[[ xX]\]\s)?")
_INLINE = re.compile(r"!?\[([^\]]*)\]\([^)\s]{0,2000}\)|[`*_~]{1,3}(?=\S)|(?<=\S)[`*_~]{1,3}")


def excerpt_of(body: str, width: int = EXCERPT_CHARS) -> str:
    """The beginning of the prose of a Markdown body, cut with `…` after `width` characters.

    All readers get the same, so internal parts are left out.

    >>> excerpt_of("## 现象\\n\\n**打印机**显示[脱机](x.md)。\\n\\n```\\nnet stop spooler\\n```\\n")
    '打印机显示脱机。'
    """
    found: list[str] = []
    fence = ""
    # A body may be one endless line; the beginning is enough.
    for line in for_audience(body, Audience.PUBLIC)[:20_000].splitlines():
        mark = line.lstrip()[:3]
        if mark in ("```", "~~~"):
            fence = "" if fence == mark else fence or mark
        elif not fence and line.strip() and not _NOT_PROSE.match(line):
            text = _INLINE.sub(r"\1", _MARKS.sub("", line[: width * 4])).strip()
            found += [text] if text else []
        if sum(map(len, found)) > width:
            break
    joined = " ".join(found)
    return joined if len(joined) <= width else joined[: width - 1].rstrip() + "…"
