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
Table = NDArray[np.bool_]

COMMON_SHARE = 0.65
"""How much of what all passages have in common is taken out of a query.

A passage near the centre of the collection is somewhat near to every query (a hub: Radovanovic
et al., JMLR 2010), mostly for what the encoder adds to any text. Taking all of it out is centring
(Mu and Viswanath, ICLR 2018) and loses what really is common; 0.5 to 0.8 are equally good on all
sets, 0 costs 0.9 points of nDCG@10 in the mean."""

DISTINCTIVE_HOLDERS = 2
"""An identifier decides only where at most so many articles hold it. `A7` or `2016` in hundreds of
articles names a district or a release; letting those lead cost 2 to 17 points of nDCG@10."""

TYPED_WORDS = 20
"""In a query with more distinct words the identifiers do not lead either: a pasted mail or log names
many, and the one that matters stands in no particular place."""


def _no_floats() -> Floats:
    return np.empty(0, np.float32)


def _no_table() -> Table:
    return np.empty((0, 0), np.bool_)


@dataclass(frozen=True, slots=True)
class QueryFacts:
    """What is known of the query as a whole: it turns raw scores into shares of what was possible."""

    word_ceiling: float = 0.0
    """Sum over the query's distinct words of idf * (k1 + 1), words that occur nowhere counting as the
    rarest: what a passage with all of the query would score in `words`, or a little more."""
    bigram_ceiling: float = 0.0
    """The same for character bigrams."""
    word_count: int = 0
    """Distinct words of the query that occur anywhere in the collection."""
    bigram_count: int = 0
    """The same for character bigrams."""
    identifier_count: int = 0
    """Distinct identifiers of the query, also those that no article has."""
    mean_cosine: float = 0.0
    """`own_meaning` of the query dot the mean of all passage vectors."""
    has_words: bool = True
    """False when keywords were not asked for (vector mode): every keyword array holds zeros."""
    has_vectors: bool = True
    """False when there is no query vector (keyword mode, busy encoder): every cosine is zero."""


@dataclass(frozen=True, slots=True)
class PassageEvidence:
    """Exact scores of all candidates of one query: p candidate passages of a candidate articles.

    Contract. Candidate articles are every article that owns a passage in the top K of any lane
    (words, bigrams, cosine), or is in the top K of article-level BM25, or holds an identifier of
    the query. Rows are at least each candidate article's best passage in each lane, its title
    passage (kind TITLE, if it has a title) and its issue lines (kind ISSUE). Values are exact for
    each row, never "absent because another lane found it". Filters and audience came before.
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
    """[p] `own_meaning` of the query dot passage vector; 0 where the vector is pending."""
    article_words: Floats
    """[a] BM25 over words, an article as one document: counts summed over its passages."""
    article_bigrams: Floats
    """[a] The same for bigrams."""
    title_words: Floats
    """[a] BM25 over words of titles alone, with the titles' own idf and length; 0 without a title."""
    title_bigrams: Floats
    """[a] The same for bigrams."""
    title_cosine: Floats
    """[a] The same for the title passage; 0 without a title. Signals read it from the rows."""
    identifiers: Floats
    """[a] How many of the query's distinct identifiers the article holds."""
    facts: QueryFacts
    article_cosine: Floats = field(default_factory=_no_floats)
    """[a] `own_meaning` of the query dot the mean of the article's passage vectors; empty where the
    index does not keep those means: then the rows that are here stand for the article."""
    holds: Table = field(default_factory=_no_table)
    """[a, i] Which article holds which identifier of the query; every holder is a candidate. Empty
    leaves it to the counts in `identifiers`."""


@dataclass(frozen=True, slots=True)
class Signals:
    """One row per candidate article, every lane scaled to 0..1 within the query."""

    article_ids: tuple[str, ...]
    lanes: Mapping[str, Floats]
    """Lane name to [a] values: dense, article_dense, title_dense, words, bigrams, article_words,
    article_bigrams, title_words, title_bigrams."""
    raw: Mapping[str, Floats]
    """The same lanes as they were before scaling."""
    identifiers: Floats
    """[a] Share of the query's distinctive identifiers that the article holds, 0 without any."""
    identifier_step: float
    """The share that one distinctive identifier makes, 0 without any."""
    best_row: Ints
    """[a] The row of `PassageEvidence` that speaks best for the article, for the snippet; or -1."""
    evidence: PassageEvidence


def signals_of(evidence: PassageEvidence) -> Signals:
    """The signals of each candidate article, from the exact scores of its passages."""
    size = len(evidence.article_ids)
    dense = best_per_article(evidence.cosine, evidence.owner, size)
    whole = evidence.article_cosine
    if not len(whole):
        whole = mean_per_article(evidence.cosine, evidence.owner, size)
    lanes = {
        "dense": dense,
        "article_dense": whole,
        "title_dense": _titles_or(dense, evidence),
        "words": best_per_article(evidence.words, evidence.owner, size),
        "bigrams": best_per_article(evidence.bigrams, evidence.owner, size),
        "article_words": evidence.article_words,
        "article_bigrams": evidence.article_bigrams,
        "title_words": evidence.title_words,
        "title_bigrams": evidence.title_bigrams,
    }
    scaled = {name: spread(lane) for name, lane in lanes.items()}
    shares, step = distinctive_shares(evidence)
    return Signals(evidence.article_ids, scaled, lanes, shares, step, best_rows(evidence), evidence)


def distinctive_shares(evidence: PassageEvidence) -> tuple[Floats, float]:
    """[a] Share of the distinctive identifiers each article holds, and what one of them makes."""
    none = np.zeros(len(evidence.article_ids), np.float32)
    if evidence.facts.word_count > TYPED_WORDS:
        return none, 0.0
    holds = evidence.holds if evidence.holds.size else _levels(evidence.identifiers)
    holders = holds.sum(axis=0)
    distinctive = holds[:, (holders > 0) & (holders <= DISTINCTIVE_HOLDERS)]
    if not distinctive.size:
        return none, 0.0
    step = 1.0 / distinctive.shape[1]
    return (distinctive.sum(axis=1) * step).astype(np.float32), step


def _levels(counts: Floats) -> Table:
    """[a, n] Whether an article holds at least 1, 2 ... n identifiers, when it is not known which."""
    most = int(counts.max()) if len(counts) else 0
    return counts[:, None] >= np.arange(1, most + 1)


def own_meaning(query: Floats, mean: Floats | None) -> Floats:
    """The query vector without most of what every passage has in common; search with this one.

    `mean` is the mean of all passage vectors. Not normalised: only differences of scores count.
    """
    if mean is None:
        return query
    return (query - np.float32(COMMON_SHARE) * mean).astype(np.float32)


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


def best_rows(evidence: PassageEvidence) -> Ints:
    """[a] The row of each article best in meaning and keywords together; sections before titles."""
    rows = np.full(len(evidence.article_ids), -1, np.int64)
    keywords = spread(evidence.words) + spread(evidence.bigrams)
    merit = spread(evidence.cosine) + 0.5 * keywords
    merit = merit - 10.0 * (evidence.kind != PassageKind.SECTION)
    order = np.argsort(merit, kind="stable")
    rows[evidence.owner[order]] = order
    return rows


def _titles_or(otherwise: Floats, evidence: PassageEvidence) -> Floats:
    """[a] The title's likeness; `otherwise` for articles without a title, so that none loses by it."""
    lane = otherwise.copy()
    titles = np.flatnonzero(evidence.kind == PassageKind.TITLE)
    lane[evidence.owner[titles]] = evidence.cosine[titles]
    return lane
