"""Two texts compared line by line, and inside changed lines word by word.

How a line falls into words is handed in, so that Chinese is compared by its words.
The time is bounded: equal lines at both ends cost nothing, and what is too large for a
fine comparison is compared more coarsely instead of not at all.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

MAX_LINE_PAIRS = 4_000_000
"""Old lines times new lines that are matched one with another; beyond, the block counts as replaced."""

MAX_WORD_PAIRS = 400 * 400
"""Old words times new words of one changed line; beyond, what stands between equal ends is marked."""

MAX_ALL_WORD_PAIRS = 4 * MAX_WORD_PAIRS
"""The same for a whole comparison: paragraphs of 100 words can change by the dozen."""

MAX_LIKENESS_CHARS = 400
"""Characters of a line by which it is known which line it was before."""

MAX_PAIRED_LINES = 60
"""Lines of a replaced block that are matched with the likest ones; beyond, in their order."""

LEAST_ALIKE = 0.3
"""Lines that have less than this in common are shown as one taken away and one added."""

CONTEXT_LINES = 3
"""Unchanged lines shown around a change."""

MAX_ROWS = 2_000
"""Rows of one comparison that a page shows; the rest is counted."""

Words = Callable[[str], Sequence[str]]


class RowKind(enum.StrEnum):
    """What happened to a line."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    SKIPPED = "skipped"
    """Lines that are the same on both sides and left out."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line."""

    text: str
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """One line of one text, numbered from 1."""

    number: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the comparison; a side is None where the other has no counterpart."""

    kind: RowKind
    old: Side | None = None
    new: Side | None = None
    count: int = 0
    """Lines left out here."""


@dataclass(frozen=True, slots=True)
class TextDiff:
    """The rows in reading order, with how many lines were added and taken away."""

    rows: tuple[Row, ...]
    added: int
    removed: int
    more_rows: int = 0
    """Rows beyond what is shown."""

    @property
    def is_empty(self) -> bool:
        """Whether the texts are the same."""
        return not self.added and not self.removed


def compare(old: str, new: str, words: Words, *, is_whole: bool = False) -> TextDiff:
    """What changed from `old` to `new`; with `is_whole` every unchanged line is among the rows.

    >>> diff = compare("a\\nb c\\n", "a\\nb d\\n", str.split)
    >>> [(row.kind.value, [piece.text for piece in row.new.pieces if piece.is_changed]) for row in diff.rows]
    [('same', []), ('changed', ['d'])]
    """
    comparison = _Comparison(old.splitlines(), new.splitlines(), words, is_whole=is_whole)
    rows = list(comparison.rows())
    added = sum(row.kind in (RowKind.ADDED, RowKind.CHANGED) for row in rows) + comparison.added_unseen
    removed = sum(row.kind in (RowKind.REMOVED, RowKind.CHANGED) for row in rows) + comparison.removed_unseen
    more = len(rows) + comparison.added_unseen + comparison.removed_unseen - MAX_ROWS
    return TextDiff(tuple(rows[:MAX_ROWS]), added, removed, max(0, more))


class _Comparison:
    """One comparison with what it may still cost."""

    def __init__(self, old: Sequence[str], new: Sequence[str], words: Words, *, is_whole: bool) -> None:
        self._old = old
        self._new = new
        self._words = words
        self._is_whole = is_whole
        self._word_pairs_left = MAX_ALL_WORD_PAIRS
        self.added_unseen = 0
        """Lines of a block so large that no page shows its end."""
        self.removed_unseen = 0

    def rows(self) -> Iterator[Row]:
        old, new = self._old, self._new
        head = _shared_length(old, new)
        tail = _shared_length(old[head:][::-1], new[head:][::-1])
        ends = (len(old) - tail, len(new) - tail)
        if not self._is_whole and head == len(old) == len(new):
            return
        yield from self._same(0, 0, head)
        for kind, o1, o2, n1, n2 in _blocks(old[head : ends[0]], new[head : ends[1]]):
            o1, o2, n1, n2 = (place + head for place in (o1, o2, n1, n2))
            if kind == "equal":
                yield from self._same(o1, n1, o2 - o1)
            else:
                yield from self._replaced(_numbered(old, o1, o2), _numbered(new, n1, n2))
        yield from self._same(*ends, tail)

    def _same(self, o: int, n: int, count: int) -> Iterator[Row]:
        """Unchanged lines, without those that are far from any change."""
        first = 0 if o == 0 and n == 0 else CONTEXT_LINES
        last = 0 if o + count == len(self._old) and n + count == len(self._new) else CONTEXT_LINES
        left_out = 0 if self._is_whole else max(0, count - first - last)
        for step in range(count - left_out):
            if step == first and left_out:
                yield Row(RowKind.SKIPPED, count=left_out)
            place = step if step < first else step + left_out
            text = (Piece(self._old[o + place]),)
            yield Row(RowKind.SAME, Side(o + place + 1, text), Side(n + place + 1, text))
        if left_out and count - left_out <= first:
            yield Row(RowKind.SKIPPED, count=left_out)

    def _replaced(self, old: list[tuple[int, str]], new: list[tuple[int, str]]) -> Iterator[Row]:
        """Likest lines beside each other, in the order of both texts."""
        self.removed_unseen += max(0, len(old) - MAX_ROWS)
        self.added_unseen += max(0, len(new) - MAX_ROWS)
        old, new = old[:MAX_ROWS], new[:MAX_ROWS]
        o = n = 0
        for a, b in [*_pairs([text for _, text in old], [text for _, text in new]), (len(old), len(new))]:
            yield from (Row(RowKind.REMOVED, old=_plain(*line)) for line in old[o:a])
            yield from (Row(RowKind.ADDED, new=_plain(*line)) for line in new[n:b])
            if a < len(old) and b < len(new):
                before, after = self._words_marked(old[a][1], new[b][1])
                yield Row(RowKind.CHANGED, Side(old[a][0], before), Side(new[b][0], after))
            o, n = a + 1, b + 1

    def _words_marked(self, old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
        # A word has one character at least, so this bounds what is segmented, too.
        if len(old) * len(new) > 16 * MAX_WORD_PAIRS:
            return _ends_trimmed(old, new)
        before, after = list(self._words(old)), list(self._words(new))
        pairs = len(before) * len(after)
        if pairs > min(MAX_WORD_PAIRS, self._word_pairs_left):
            return _ends_trimmed(old, new)
        self._word_pairs_left -= pairs
        codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        return (
            _joined((before[o1:o2], kind != "equal") for kind, o1, o2, _, _ in codes),
            _joined((after[n1:n2], kind != "equal") for kind, _, _, n1, n2 in codes),
        )


def _shared_length(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = zip(one, other, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _blocks(old: Sequence[str], new: Sequence[str]) -> Iterable[tuple[str, int, int, int, int]]:
    if len(old) * len(new) > MAX_LINE_PAIRS:
        return [("replace", 0, len(old), 0, len(new))]
    return SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > 2_000).get_opcodes()


def _numbered(lines: Sequence[str], start: int, end: int) -> list[tuple[int, str]]:
    return [(place + 1, lines[place]) for place in range(start, end)]


def _plain(number: int, text: str) -> Side:
    return Side(number, (Piece(text, is_changed=bool(text)),))


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Places of the lines that belong together: the pairing in order that has most in common."""
    if max(len(old), len(new)) > MAX_PAIRED_LINES:
        return [(place, place) for place in range(min(len(old), len(new))) if _likeness(old[place], new[place])]
    likeness = [[_likeness(a, b) for b in new] for a in old]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for a in range(len(old) - 1, -1, -1):
        for b in range(len(new) - 1, -1, -1):
            paired = likeness[a][b] and likeness[a][b] + best[a + 1][b + 1]
            best[a][b] = max(paired, best[a + 1][b], best[a][b + 1])
    return list(_best_path(likeness, best))


def _best_path(likeness: list[list[float]], best: list[list[float]]) -> Iterator[tuple[int, int]]:
    a = b = 0
    while a < len(likeness) and b < len(likeness[a]):
        if likeness[a][b] and best[a][b] == likeness[a][b] + best[a + 1][b + 1]:
            yield a, b
            a, b = a + 1, b + 1
        elif best[a][b] == best[a + 1][b]:
            a += 1
        else:
            b += 1


def _likeness(one: str, other: str) -> float:
    """The share of characters in common, 0 below what is worth comparing."""
    a, b = Counter(one[:MAX_LIKENESS_CHARS]), Counter(other[:MAX_LIKENESS_CHARS])
    total = a.total() + b.total()
    share = 2 * (a & b).total() / total if total else 1.0
    return share if share >= LEAST_ALIKE else 0.0


def _ends_trimmed(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Very long lines: what stands between the same beginning and the same end is marked."""
    head = _shared_length(old, new)
    tail = _shared_length(old[head:][::-1], new[head:][::-1])

    def marked(line: str) -> tuple[Piece, ...]:
        end = len(line) - tail
        return _joined([([line[:head]], False), ([line[head:end]], True), ([line[end:]], False)])

    return marked(old), marked(new)


def _joined(parts: Iterable[tuple[Sequence[str], bool]]) -> tuple[Piece, ...]:
    pieces = (Piece("".join(texts), is_changed) for texts, is_changed in parts)
    return tuple(piece for piece in pieces if piece.text)
