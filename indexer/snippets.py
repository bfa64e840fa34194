"""The few lines of a passage that show why it matches, and what to mark in them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping

import numpy as np

from indexer.articles import Snippet
from indexer.identifiers import occurrences
from indexer.normalizing import normalize_with_offsets
from indexer.tokenizing import QueryTokens, latin_words

SNIPPET_WIDTH = 200
"""In half-width columns: about two lines of a result, a Han character takes two."""

MAX_WINDOWS = 8
"""Matches that are tried as the beginning of a snippet; a passage is short, so later ones add nothing."""

_LATIN = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*", re.ASCII)
_HAN = re.compile(r"[\u3400-\u9fff]")
_LAST_NARROW = 0x2E7F
_BREAKS = "。！？；\n.!?;"

Span = tuple[int, int]


class Marker:
    """Finds what a text has of a query; made once for all snippets of an answer."""

    def __init__(self, query: QueryTokens) -> None:
        is_short = len(query.normalized) <= 2
        self._han = [word for word in query.words if _HAN.match(word) and (len(word) > 1 or is_short)]
        self._latin = _LatinRuns(query.words)
        self._identifiers = set(query.identifiers)
        self._traces = [_squeezed(name.removeprefix("0x")) for name in query.identifiers]

    def spans(self, text: str) -> tuple[Span, ...]:
        """Where `text` (as written) holds words or identifiers of the query: disjoint, in order, [start, end)."""
        normalized, offsets = normalize_with_offsets(text)
        spans = self._han_spans(normalized) + self._latin_spans(normalized) + self._identifier_spans(normalized)
        return _merged([(offsets[start], offsets[end - 1] + 1) for start, end in spans if end > start])

    def _han_spans(self, text: str) -> list[Span]:
        spans: list[Span] = []
        for word in self._han:
            at = text.find(word)
            while at >= 0:
                spans.append((at, at + len(word)))
                at = text.find(word, at + 1)
        return spans

    def _latin_spans(self, text: str) -> list[Span]:
        known = self._latin
        if not any(map(known.__getitem__, _LATIN.findall(text))):
            return []
        return [match.span() for match in _LATIN.finditer(text) if known[match.group()]]

    def _identifier_spans(self, text: str) -> list[Span]:
        # Reading all identifiers of a text takes longer than everything else here,
        # and most texts hold no trace of the wanted ones.
        if not self._traces or not _has_any(_squeezed(text), self._traces):
            return []
        wanted = self._identifiers
        return [(start, end) for start, end, forms in occurrences(text) if not wanted.isdisjoint(forms)]


class _LatinRuns(dict[str, bool]):
    """Whether a run of Latin letters and digits holds a word of the query; each run is worked out once."""

    def __init__(self, words: Mapping[str, float]) -> None:
        super().__init__()
        self._words = words.keys()
        # Stemming changes the end of a word only, so two letters tell most words apart at once.
        self._beginnings = {word[:2] for word in words if word[0].isascii()}

    def __missing__(self, run: str) -> bool:
        is_near = run[:2] in self._beginnings or (bool(self._beginnings) and "_" in run)
        self[run] = is_near and not self._words.isdisjoint(latin_words(run))
        return self[run]


def _squeezed(text: str) -> str:
    """`text` without what canonical identifiers leave out: an identifier in `text` stays a part of it."""
    return text.replace("-", "").replace("_", "").replace(" ", "")


def _has_any(text: str, parts: Iterable[str]) -> bool:
    return any(part in text for part in parts)


def snippet_of(text: str, marker: Marker, width: int = SNIPPET_WIDTH) -> Snippet:
    """The window of `text` that holds the most matched characters, cut at a sentence where one is near.

    A text that fits is taken whole; with no match the beginning is shown.
    Line breaks become spaces, which changes no offset.
    """
    spans = marker.spans(text)
    start, end = _window(text, spans, width)
    cut = text[start:end].replace("\n", " ")
    lead, tail = ("…" if start > 0 else ""), ("…" if end < len(text) else "")
    inside = [(max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start]
    return Snippet(lead + cut + tail, tuple((a + len(lead), b + len(lead)) for a, b in inside))


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _window(text: str, spans: tuple[Span, ...], width: int) -> Span:
    """The best [start, end) of about `width` columns; the earliest of equals."""
    if 2 * len(text) <= width:
        return 0, len(text)
    columns = _columns(text)
    if columns[-1] <= width:
        return 0, len(text)
    best, best_weight = (0, _end_of(columns, 0, width)), -1
    for first, _ in spans[:MAX_WINDOWS]:
        start = min(_sentence_start(text, first), _start_of_last(columns, width))
        end = _end_of(columns, start, width)
        weight = _covered(spans, start, end)
        if weight > best_weight:
            best, best_weight = (start, end), weight
        if end >= spans[-1][1]:
            break
    return best


def _columns(text: str) -> list[int]:
    """How many columns the text before each character takes, and at the end the whole."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return [0, *np.cumsum((codes > _LAST_NARROW) + 1).tolist()]


def _covered(spans: tuple[Span, ...], start: int, end: int) -> int:
    """Characters of the spans that lie in [start, end)."""
    covered = 0
    for first, last in spans:
        if first >= end:
            break
        if first >= start:
            covered += min(last, end) - first
    return covered


def _sentence_start(text: str, position: int, reach: int = 24) -> int:
    """Just behind the last sentence end within `reach` characters before `position`, else some way before it."""
    for at in range(position, max(0, position - reach), -1):
        if text[at - 1] in _BREAKS:
            return at
    return 0 if position <= reach else position - reach // 2


def _end_of(columns: list[int], start: int, width: int) -> int:
    """The last end at which text from `start` still fits into `width` columns."""
    return bisect_right(columns, columns[start] + width) - 1


def _start_of_last(columns: list[int], width: int) -> int:
    """Where the window begins that ends with the text."""
    return bisect_left(columns, columns[-1] - width)
