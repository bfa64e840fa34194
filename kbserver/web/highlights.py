"""Which characters of a short text a query has in common with it."""

from __future__ import annotations

import re

MAX_QUERY_CHARS = 600
MIN_RUN = 2
"""Chinese characters in a row that count as common; one alone is chance."""

FILLERS = frozenset("不到了的是在有和与就也都没吗呢我你他它这那个么怎什被把要会能一上下再还")
"""Characters that a run may not consist of alone; they say nothing about what is asked."""

_CJK = r"\u3400-\u9fff\uf900-\ufaff"
_WORD = rf"[^\W{_CJK}]+"
_PIECES = re.compile(rf"[{_CJK}]+|{_WORD}(?:[-.:/\\+#]{_WORD})*")
"""Runs of Chinese characters, and words or codes of anything else."""


def marks_in(text: str, query: str) -> tuple[tuple[int, int], ...]:
    """Spans of `text` that `query` names: whole words, and runs of two Chinese characters or more.

    >>> marks_in("Outlook 无法收邮件", "outlook收不到邮件")
    ((0, 7), (11, 13))
    >>> marks_in("打印机脱机", "脱机")
    ((3, 5),)
    """
    folded = query.casefold()[:MAX_QUERY_CHARS]
    words = {piece.group() for piece in _PIECES.finditer(folded)}
    spans: list[tuple[int, int]] = []
    for piece in _PIECES.finditer(text):
        word, start = piece.group().casefold(), piece.start()
        if len(word) != len(piece.group()):
            continue
        if re.match(rf"[{_CJK}]", word):
            spans += [(start + a, start + b) for a, b in _common_runs(word, folded)]
        elif word in words:
            spans.append(piece.span())
    return tuple(spans)


def _common_runs(word: str, query: str) -> list[tuple[int, int]]:
    """Longest runs of `word`, left to right, that stand in `query`."""
    runs: list[tuple[int, int]] = []
    position = 0
    while position < len(word):
        end = position
        while end < len(word) and word[position : end + 1] in query:
            end += 1
        if end - position >= MIN_RUN and not FILLERS.issuperset(word[position:end]):
            runs.append((position, end))
        position = max(end, position + 1)
    return runs
