"""Evidence per candidate passage to signals per candidate article: what fusion and confidence read.

Pure numpy. The search engine gathers candidates, fills a `PassageEvidence` with exact values for
every one of them, and `signals_of` turns it into one row per article with every lane in 0..1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from indexer.articles import PassageKind

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

COMMONNESS_SHARE = 0.65
"""How much of a passage's likeness to everything is taken off its cosine.

A passage near the centre of the collection is somewhat near to every query (a hub: Radovanovic
et al., JMLR 2010), mostly for what the encoder adds to any text. Taking all of it off is centring
of the passages (Mu and Viswanath, ICLR 2018), which loses what really is common; 0.5 to 0.8 are
equally good on all sets, 0 costs 0.9 points of nDCG@10 in the mean."""


def _no_floats() -> Floats:
    return np.empty(0, np.float32)


@dataclass(frozen=True, slots=True)
class QueryFacts:
    """What is known of the query as a whole: it turns raw scores into shares of what was possible."""

    word_ceiling: float = 0.0
    """Sum over the query's distinct words of idf * (k1 + 1): no passage can score more in `words`."""
    bigram_ceiling: float = 0.0
    """The same for character bigrams."""
    word_count: int = 0
    """Distinct words of the query that occur anywhere in the collection."""
    bigram_count: int = 0
    """The same for character bigrams."""
    identifier_count: int = 0
    """Distinct identifiers of the query, also those that no article has."""
    mean_cosine: float = 0.0
    """How near the query is to everything: query vector dot the mean of all passage vectors."""
    has_words: bool = True
    """False when keywords were not asked for (vector mode): every keyword array holds zeros."""
    has_vectors: bool = True
    """False when there is no query vector (keyword mode, busy encoder): every cosine is zero."""


@dataclass(frozen=True, slots=True)
class PassageEvidence:
    """Exact scores of all candidates of one query: p candidate passages of a candidate articles.

    Contract. Candidate articles are every article that owns a passage in the top K of any lane
    (words, bigrams, cosine), or is in the top K of article-level BM25, or holds an identifier of
    the query. All passages of a candidate article are rows. Values are exact for each candidate,
    never "absent because another lane found it". Filters and audience were applied before. Title
    passages are rows of kind TITLE (if the article has a title), issue lines rows of kind ISSUE.
    """

    article_ids: tuple[str, ...]
    """[a] Ids of the candidate articles, any order, distinct."""
    owner: Ints
    """[p] Index into `article_ids` for each candidate passage."""
    kind: Ints
    """[p] `PassageKind` of each candidate passage."""
    words: Floats
    """[p] BM25 over words of the passage; its title and nearest headings count as its text."""
    bigrams: Floats
    """[p] BM25 over character bigrams, same text."""
    cosine: Floats
    """[p] Query vector dot passage vector; 0 where the vector is pending."""
    article_words: Floats
    """[a] BM25 over words, an article as one document: counts summed over its passages."""
    article_bigrams: Floats
    """[a] The same for bigrams."""
    title_words: Floats
    """[a] BM25 over words of titles alone, with the titles' own idf and length; 0 without a title."""
    title_bigrams: Floats
    """[a] The same for bigrams."""
    title_cosine: Floats
    """[a] Query vector dot the vector of the title passage; 0 without a title."""
    identifiers: Floats
    """[a] How many of the query's distinct identifiers the article holds."""
    facts: QueryFacts
    commonness: Floats = field(default_factory=_no_floats)
    """[p] Passage vector dot the mean of all passage vectors; empty counts as all 0."""


@dataclass(frozen=True, slots=True)
class Signals:
    """One row per candidate article, every lane scaled to 0..1 within the query."""

    article_ids: tuple[str, ...]
    lanes: Mapping[str, Floats]
    """Lane name to [a] values: dense, article_dense, title_dense, words, bigrams, article_words,
    article_bigrams, title_words, title_bigrams."""
    identifiers: Floats
    """[a] Share of the query's identifiers that the article holds, 0 when the query has none."""
    best_row: Ints
    """[a] The row of `PassageEvidence` that speaks best for the article, for the snippet; or -1."""
    evidence: PassageEvidence


def signals_of(evidence: PassageEvidence) -> Signals:
    """The signals of each candidate article, from the exact scores of its passages."""
    size = len(evidence.article_ids)
    own = own_likeness(evidence)
    dense = best_per_article(own, evidence.owner, size)
    lanes = {
        "dense": dense,
        "article_dense": mean_per_article(own, evidence.owner, size),
        "title_dense": _titles_or(dense, own, evidence),
        "words": best_per_article(evidence.words, evidence.owner, size),
        "bigrams": best_per_article(evidence.bigrams, evidence.owner, size),
        "article_words": evidence.article_words,
        "article_bigrams": evidence.article_bigrams,
        "title_words": evidence.title_words,
        "title_bigrams": evidence.title_bigrams,
    }
    scaled = {name: spread(lane) for name, lane in lanes.items()}
    held = evidence.identifiers / max(evidence.facts.identifier_count, 1)
    best = best_rows(evidence, own)
    return Signals(evidence.article_ids, scaled, held.astype(np.float32), best, evidence)


def own_likeness(evidence: PassageEvidence) -> Floats:
    """[p] Cosine of each passage beyond what it has with everything."""
    if not len(evidence.commonness) or not evidence.facts.has_vectors:
        return evidence.cosine
    return evidence.cosine - np.float32(COMMONNESS_SHARE) * evidence.commonness


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
    """[a] The largest value among each article's rows; the smallest of all without rows."""
    best = np.full(size, values.min() if len(values) else 0.0, np.float32)
    np.maximum.at(best, owner, values)
    return best


def mean_per_article(values: Floats, owner: Ints, size: int) -> Floats:
    """[a] The mean of each article's rows; the smallest value of all without rows."""
    rows = np.bincount(owner, minlength=size)
    sums = np.bincount(owner, weights=values, minlength=size)
    floor = values.min() if len(values) else 0.0
    return np.where(rows > 0, sums / np.maximum(rows, 1), floor).astype(np.float32)


def best_rows(evidence: PassageEvidence, own: Floats) -> Ints:
    """[a] The row of each article best in meaning and keywords together; sections before titles."""
    rows = np.full(len(evidence.article_ids), -1, np.int64)
    merit = spread(own) + 0.5 * spread(evidence.words) + 0.5 * spread(evidence.bigrams)
    merit = merit - 10.0 * (evidence.kind != PassageKind.SECTION)
    order = np.argsort(merit, kind="stable")
    rows[evidence.owner[order]] = order
    return rows


def _titles_or(otherwise: Floats, own: Floats, evidence: PassageEvidence) -> Floats:
    """[a] The title's likeness; `otherwise` for articles without a title, so that none loses by it."""
    lane = otherwise.copy()
    titles = np.flatnonzero(evidence.kind == PassageKind.TITLE)
    lane[evidence.owner[titles]] = own[titles]
    return lane
