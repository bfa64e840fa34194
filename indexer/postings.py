"""BM25 over mapped arrays: which documents hold a term, and what each occurrence is worth.

Every posting stores its finished term weight (all of BM25 but the idf), so a
query only gathers, multiplies and adds. Mean lengths are frozen when the base
is built; therefore weights never change and segments stay comparable.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.keyword_index import SortedPostings
from indexer.term_list import TermList, term_arrays

K1 = 1.2
B = 0.75

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Arrays = Mapping[str, NDArray[Any]]

LEVELS = ("passages", "articles", "titles")
"""What counts as one document: a passage, an article as a whole, an article's title."""


@lru_cache(maxsize=65536)
def term_hash(term: str) -> int:
    """64 bits of BLAKE2b: the key of a term; two of a million terms share one with odds of 1 in 30 million."""
    return bytes_hash(term.encode("utf-8", "replace"))


def bytes_hash(term: bytes) -> int:
    """`term_hash` of an encoded term."""
    return int.from_bytes(hashlib.blake2b(term, digest_size=8).digest(), "little")


def hashes_of(terms: Sequence[str]) -> NDArray[np.uint64]:
    """The keys of `terms`, in their order."""
    return np.array([term_hash(term) for term in terms], np.uint64)


class _Numbers(dict[str, int]):
    """Numbers terms as they are met."""

    def __missing__(self, term: str) -> int:
        number = self[term] = len(self)
        return number


class PostingsBuilder:
    """Collects the term counts of passages in row order."""

    def __init__(self) -> None:
        self._numbers = _Numbers()
        self._terms = array("I")
        self._rows = array("I")
        self._counts = array("I")

    def add(self, row: int, counts: Mapping[str, int]) -> None:
        """Take the term counts of passage `row`; rows come in ascending order."""
        self._terms.extend(map(self._numbers.__getitem__, counts))
        self._rows.extend(array("I", [row]) * len(counts))
        self._counts.extend(counts.values())

    def sorted(self) -> SortedPostings:
        """All postings by term, terms in the order of their bytes."""
        terms = [term.encode("utf-8", "replace") for term in self._numbers]
        order = sorted(range(len(terms)), key=terms.__getitem__)
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        numbers = rank[np.frombuffer(self._terms, np.uint32)] if self._terms else np.empty(0, np.int64)
        by_term = np.argsort(numbers, kind="stable")
        rows = np.frombuffer(self._rows, np.uint32)[by_term] if self._rows else np.empty(0, np.uint32)
        counts = np.frombuffer(self._counts, np.uint32)[by_term] if self._counts else np.empty(0, np.uint32)
        ends = np.cumsum(np.bincount(numbers, minlength=len(terms)))
        offsets = np.concatenate([[0], ends]).astype(np.int64)
        return SortedPostings([terms[at] for at in order], offsets, rows, counts.astype(np.float32))


def level_arrays(
    postings: SortedPostings,
    owner: Ints,
    is_title: NDArray[np.bool_],
    articles: int,
    averages: Mapping[str, float],
) -> tuple[dict[str, NDArray[Any]], dict[str, float]]:
    """Arrays of all `LEVELS`, and the mean length of each; `averages` given there win over the own."""
    size = len(postings.terms)
    terms = np.repeat(np.arange(size), np.diff(postings.offsets))
    rows, counts = postings.rows.astype(np.int64), postings.counts
    titled = is_title[rows]
    levels = {
        "passages": (terms, rows, counts, len(owner)),
        "articles": (*_summed(terms, owner[rows], counts), articles),
        "titles": (terms[titled], owner[rows[titled]], counts[titled], articles),
    }
    hashes = np.array([bytes_hash(term) for term in postings.terms], np.uint64)
    order = np.argsort(hashes)
    found: dict[str, NDArray[Any]] = {"hashes": hashes[order], "numbers": order.astype(np.int32)}
    found |= {f"terms.{name}": array for name, array in term_arrays(postings.terms).items()}
    means: dict[str, float] = {}
    for name, (level_terms, documents, frequency, documents_in_all) in levels.items():
        lengths = np.bincount(documents, frequency, documents_in_all)
        means[name] = averages.get(name) or _mean(lengths)
        mean = means[name] or 1.0
        found[f"{name}.offsets"] = _offsets(level_terms, size)
        found[f"{name}.documents"] = documents.astype(np.int32)
        found[f"{name}.weights"] = _weights(frequency, lengths[documents], mean)
    return found, {name: mean for name, mean in means.items() if mean}


def _summed(terms: Ints, documents: Ints, counts: Floats) -> tuple[Ints, Ints, Floats]:
    """Postings in (term, document) order with equal pairs added up."""
    if not len(terms):
        return terms, documents, counts
    first = np.flatnonzero(np.diff(terms, prepend=-1) | np.diff(documents, prepend=-1))
    return terms[first], documents[first], np.add.reduceat(counts, first).astype(np.float32)


def _mean(lengths: NDArray[Any]) -> float:
    used = lengths[lengths > 0]
    return float(used.mean()) if len(used) else 0.0


def _offsets(terms: Ints, size: int) -> NDArray[np.int64]:
    return np.searchsorted(terms, np.arange(size + 1)).astype(np.int64)


def _weights(frequency: Floats, lengths: NDArray[np.float64], mean: float) -> Floats:
    norm = K1 * (1 - B + B * lengths / mean)
    return (frequency * (K1 + 1) / (frequency + norm)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Level:
    """The postings of one level: documents and weights of term t lie at offsets[t]:offsets[t + 1]."""

    offsets: Ints
    documents: NDArray[np.int32]
    weights: Floats

    def frequencies(self, terms: Ints) -> Ints:
        """In how many documents each term occurs; 0 for term -1."""
        if not len(self.offsets):
            return np.zeros(len(terms), np.int64)
        counts = self.offsets[terms + 1] - self.offsets[terms]
        return np.where(terms >= 0, counts, 0)

    def postings(self, term: int) -> tuple[NDArray[np.int32], Floats]:
        """Documents, ascending, and their weights."""
        start, end = self.offsets[term], self.offsets[term + 1]
        return self.documents[start:end], self.weights[start:end]


@dataclass(frozen=True, slots=True)
class FieldPostings:
    """The postings of one field of one segment."""

    hashes: NDArray[np.uint64]
    """Ascending."""
    numbers: NDArray[np.int32]
    """The term's number for each of `hashes`: its place in `terms`."""
    levels: Mapping[str, Level]
    terms: TermList

    @classmethod
    def of(cls, arrays: Arrays, field: str) -> FieldPostings:
        """The field's part of a segment's arrays."""
        levels = {
            name: Level(*(arrays[f"{field}.{name}.{part}"] for part in ("offsets", "documents", "weights")))
            for name in LEVELS
            if f"{field}.{name}.offsets" in arrays
        }
        terms = TermList(arrays[f"{field}.terms.text"], arrays[f"{field}.terms.starts"])
        return cls(arrays[f"{field}.hashes"], arrays[f"{field}.numbers"], levels, terms)

    def find(self, hashes: NDArray[np.uint64]) -> Ints:
        """Term numbers of the keys, -1 for a term that the segment has not."""
        if not len(self.hashes):
            return np.full(len(hashes), -1, np.int64)
        places = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return np.where(self.hashes[places] == hashes, self.numbers[places], -1).astype(np.int64)


def idf(documents: int, frequencies: NDArray[Any]) -> Floats:
    """How much a term tells, from how many of `documents` hold it; 0 for a term that none holds."""
    rarity = np.log1p((documents - frequencies + 0.5) / (frequencies + 0.5))
    return np.where(frequencies > 0, rarity, 0).astype(np.float32)


def top_rows(scores: NDArray[Any], rare: NDArray[Any], k: int) -> Ints:
    """The k best rows with a score above 0, best first, equal scores in row order. Exact.

    The k-th score among the distinct rows `rare`, those of one rare term, bounds
    the answer from below: only scores at or above it are sorted, instead of an
    array that is mostly equal zeros. Fewer than k rows bound nothing.
    """
    bound = max(_kth(scores[rare], k), 1e-9) if len(rare) >= k else 1e-9
    best = np.flatnonzero(scores >= bound)
    found = scores[best]
    if len(best) > 2 * k:
        near = found >= _kth(found, k)
        best, found = best[near], found[near]
    return best[np.argsort(-found, kind="stable")][:k]


def _kth(values: NDArray[Any], k: int) -> float:
    return float(np.partition(values, -k)[-k])
