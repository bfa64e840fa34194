"""One keyword lane of a query: BM25 of every document, added up in one pass over the terms' postings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.postings import K1, Ints, Level, hashes_of, idf, top_rows
from indexer.snapshots import Mask, Part, Snapshot

MAX_TERMS = 256
"""Terms of a query that are scored per lane, the weightiest first; a pasted mail has thousands."""

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lane:
    """Scores of every document of one level, and where the best of them are to be found."""

    scores: Scores
    best: Ints
    """The documents with the highest scores above 0, best first."""
    ceiling: float
    """The sum of the largest possible weights of the terms that occur."""
    wanted: float
    """The same over all terms; one that occurs nowhere weighs as the rarest one would."""
    terms: int
    """Terms that occur at all."""


@dataclass(frozen=True, slots=True)
class _Held:
    """Where the postings of a query's terms lie in one segment, at one level."""

    level: Level
    first: int
    """The number of the segment's first document."""
    size: int
    starts: Ints
    counts: Ints

    def documents(self, term: int) -> Ints:
        """The documents of the term with this place in the query."""
        start = int(self.starts[term])
        found = self.level.documents[start : start + int(self.counts[term])]
        return found.astype(np.int64) + self.first

    def counts_in(self, counted: Mask) -> Ints:
        """In how many of the `counted` documents each term stands."""
        own = counted[self.first : self.first + self.size]
        ends = (self.starts + self.counts).tolist()
        spans = zip(self.starts.tolist(), ends, strict=True)
        return np.array([np.count_nonzero(own[self.level.documents[start:end]]) for start, end in spans], np.int64)

    def scores(self, weights: NDArray[np.float32]) -> Scores:
        """The sum over all terms for each document of the segment."""
        spans = [(s, s + n) for s, n in zip(self.starts.tolist(), self.counts.tolist(), strict=True) if n]
        if not spans:
            return np.zeros(self.size)
        documents = np.concatenate([self.level.documents[start:end] for start, end in spans], dtype=np.intp)
        worth = np.concatenate([self.level.weights[start:end] for start, end in spans])
        worth *= np.repeat(weights, self.counts)
        return np.bincount(documents, worth, self.size).astype(np.float64, copy=False)


class FieldQuery:
    """The terms of one field, looked up once in every segment."""

    def __init__(self, snapshot: Snapshot, field: str, weights: Mapping[str, float]) -> None:
        kept = sorted(weights, key=lambda term: (-weights[term], term))[:MAX_TERMS]
        self._snapshot = snapshot
        self._weights = np.array([weights[term] for term in kept], np.float32)
        hashes = hashes_of(kept)
        fields = [(part, part.segment.fields[field]) for part in snapshot.parts]
        self._parts = [(part, postings, postings.find(hashes)) for part, postings in fields]

    def lane(self, level: str, k: int, visible: Mask | None = None, counted: Mask | None = None) -> Lane:
        """BM25 of every document of `level`, and the k best (0 leaves them out); 0 for those that may not be seen.

        How rare a term is goes by the documents in `counted`, all by default.
        """
        by_passage = level == "passages"
        size = self._snapshot.rows if by_passage else len(self._snapshot.records)
        held = [_held(part, postings.levels[level], found, by_passage) for part, postings, found in self._parts]
        known = [part.counts if counted is None else part.counts_in(counted) for part in held]
        counts: Ints = np.array(known, np.int64).sum(axis=0) if held else np.zeros(0, np.int64)
        in_all = size if counted is None else int(np.count_nonzero(counted))
        terms = int(np.count_nonzero(counts))
        if not terms:
            return Lane(np.zeros(size), np.empty(0, np.int64), 0.0, self._most(in_all, 0), 0)
        weights = self._weights * idf(in_all, counts)
        scores = np.concatenate([part.scores(weights) for part in held]) if len(held) > 1 else held[0].scores(weights)
        if visible is not None:
            scores *= visible
        best = top_rows(scores, _rare(held, counts, 2 * k), k) if k else np.empty(0, np.int64)
        ceiling = float(weights.sum() * (K1 + 1))
        return Lane(scores, best, ceiling, ceiling + self._most(in_all, counts), terms)

    def _most(self, size: int, counts: Ints | int) -> float:
        """The largest possible weight of the terms that occur nowhere."""
        missing = float(self._weights[np.equal(counts, 0) & (self._weights > 0)].sum())
        return missing * float(idf(size, np.ones(1))[0]) * (K1 + 1)


def _held(part: Part, level: Level, found: Ints, by_passage: bool) -> _Held:
    first, size = (part.row, part.segment.passages) if by_passage else (part.article, len(part.segment.records))
    return _Held(level, first, size, level.offsets[np.maximum(found, 0)], level.frequencies(found))


def _rare(held: Sequence[_Held], counts: Ints, enough: int) -> Ints:
    """The documents of the rarest term with `enough` of them; none without such a term."""
    long = np.flatnonzero(counts >= enough)
    if not len(long):
        return np.empty(0, np.int64)
    term = int(long[counts[long].argmin()])
    return np.concatenate([part.documents(term) for part in held if part.counts[term]])
