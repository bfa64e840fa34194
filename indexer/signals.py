"""Evidence per candidate passage to signals per candidate article: what fusion and confidence read.

Pure numpy. The search engine gathers candidates, fills a `PassageEvidence` with exact values for
every one of them, and `signals_of` turns it into one row per article with every lane in 0..1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.articles import PassageKind

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class QueryFacts:
    """What is known of the query as a whole, needed to read raw scores as shares of what was possible."""

    word_ceiling: float = 0.0
    """Sum over the query's distinct words of idf * (k1 + 1): no passage can score more in `words`."""
    bigram_ceiling: float = 0.0
    """The same for character bigrams."""
    word_count: int = 0
    """Distinct words of the query that occur anywhere in the collection."""
    bigram_count: int = 0
    identifier_count: int = 0
    """Distinct identifiers of the query, also those that no article has."""
    mean_cosine: float = 0.0
    """Cosine mass the query has with everything: query vector dot the mean of all passage vectors."""
    has_words: bool = True
    """False when keywords were not asked for (vector mode): every keyword array holds zeros."""
    has_vectors: bool = True
    """False when there is no query vector (keyword mode, busy encoder): every cosine is zero."""


@dataclass(frozen=True, slots=True)
class PassageEvidence:
    """Exact scores of all candidates of one query: p candidate passages of a candidate articles.

    Contract. Candidate articles are every article that owns a passage in the top K of any lane (words
    BM25, bigram BM25, cosine), or is in the top K of article-level BM25 or holds an identifier of the
    query. Values are exact for each candidate, never "absent because another lane found it". Filters and
    audience were applied before. Title passages take part as rows of kind TITLE (if the article has
    a title); issue lines as rows of kind ISSUE.
    """

    article_ids: tuple[str, ...]
    """[a] Ids of the candidate articles, any order, distinct."""
    owner: Ints
    """[p] Index into `article_ids` for each candidate passage."""
    kind: Ints
    """[p] `PassageKind` of each candidate passage."""
    words: Floats
    """[p] BM25 over words of the passage (title and nearest heading count as part of its text)."""
    bigrams: Floats
    """[p] BM25 over character bigrams, same text."""
    cosine: Floats
    """[p] Query vector dot passage vector."""
    article_words: Floats
    """[a] BM25 over words where an article is one document: term counts and lengths summed over its passages."""
    article_bigrams: Floats
    """[a] The same for bigrams."""
    title_words: Floats
    """[a] BM25 over words of titles alone (title collection's own idf and length); 0 without a title."""
    title_bigrams: Floats
    """[a] The same for bigrams."""
    title_cosine: Floats
    """[a] Query vector dot the vector of the title passage; 0 without a title."""
    identifiers: Floats
    """[a] How many of the query's distinct identifiers the article holds."""
    facts: QueryFacts


@dataclass(frozen=True, slots=True)
class Signals:
    """One row per candidate article, every lane scaled to 0..1 within the query."""

    article_ids: tuple[str, ...]
    lanes: dict[str, Floats]
    """Lane name to [a] values: dense, title_dense, words, bigrams, article_words, article_bigrams, title_words, title_bigrams."""
    identifiers: Floats
    """[a] Share of the query's identifiers that the article holds, 0 when the query has none."""
    best_row: Ints
    """[a] The row of `PassageEvidence` that speaks best for the article: cut the snippet there. -1 without a row."""
    evidence: PassageEvidence


def signals_of(evidence: PassageEvidence) -> Signals:
    """The signals of each candidate article, from the exact scores of its passages."""
    size = len(evidence.article_ids)
    best = {
        name: best_per_article(getattr(evidence, name), evidence.owner, size)
        for name in ("words", "bigrams", "cosine")
    }
    lanes = {
        "dense": spread(best["cosine"]),
        "title_dense": spread(evidence.title_cosine),
        "words": spread(best["words"]),
        "bigrams": spread(best["bigrams"]),
        "article_words": spread(evidence.article_words),
        "article_bigrams": spread(evidence.article_bigrams),
        "title_words": spread(evidence.title_words),
        "title_bigrams": spread(evidence.title_bigrams),
    }
    held = evidence.identifiers / max(evidence.facts.identifier_count, 1)
    return Signals(
        evidence.article_ids, lanes, held.astype(np.float32), best_rows(evidence), evidence
    )


def spread(values: Floats) -> Floats:
    """Values min-max scaled to 0..1; all zero where they do not differ.

    >>> spread(np.array([2.0, 4.0, 3.0], np.float32)).tolist()
    [0.0, 1.0, 0.5]
    """
    if not len(values):
        return values.astype(np.float32)
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-9:
        return np.zeros(len(values), np.float32)
    return ((values - low) / (high - low)).astype(np.float32)


def best_per_article(values: Floats, owner: Ints, size: int) -> Floats:
    """The largest value among each article's rows; the smallest value of all for an article without rows."""
    floor = float(values.min()) if len(values) else 0.0
    best = np.full(size, floor, np.float32)
    np.maximum.at(best, owner, values)
    return best


def best_rows(evidence: PassageEvidence) -> Ints:
    """The row of each article whose cosine and keyword scores together are best; sections before titles."""
    rows = np.full(len(evidence.article_ids), -1, np.int64)
    merit = spread(evidence.cosine) + 0.5 * spread(evidence.words) + 0.5 * spread(evidence.bigrams)
    merit = merit - 10.0 * (evidence.kind != PassageKind.SECTION)
    order = np.argsort(merit, kind="stable")
    rows[evidence.owner[order]] = order
    return rows
