"""Signals to one score per article: named strategies, one default.

Pure functions. Every strategy gives scores in 0..1; `ranked` sorts by them, ties by article id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from indexer.signals import Floats, Ints, Signals

MEANING: Mapping[str, float] = MappingProxyType({"dense": 0.30, "article_dense": 0.20, "title_dense": 0.15})
"""The best passage finds the place, the whole article says that the place is no accident, the title
what the article is for."""

KEYWORDS: Mapping[str, float] = MappingProxyType(
    {"words": 0.125, "bigrams": 0.125, "article_words": 0.125, "article_bigrams": 0.125}
)
"""Words know the segmentation, bigrams survive a wrong one; one passage and the whole article each
see half. All alike: coordinate ascent on two collections found nothing better for a third."""

RANK_CONSTANT = 60
"""Cormack's k: how slowly a rank loses weight."""


def convex(signals: Signals) -> Floats:
    """Weighted mean of the min-max scaled lanes that the search could use.

    Bruch, Gai, Ingber: An Analysis of Fusion Functions for Hybrid Retrieval (TOIS 2023): distances
    between scores carry information that ranks throw away, and few weights learn from few queries.
    """
    weights = _weights(signals)
    total = np.zeros(len(signals.article_ids), np.float32)
    for name, weight in weights.items():
        total += np.float32(weight) * signals.lanes[name]
    return total / np.float32(sum(weights.values()) or 1.0)


def reciprocal_rank(signals: Signals) -> Floats:
    """Reciprocal rank fusion of best-passage lanes, scaled so that rank one everywhere is 1.

    Cormack, Clarke, Buettcher: Reciprocal Rank Fusion outperforms Condorcet and individual Rank
    Learning Methods (SIGIR 2009). Needs no score scale, so it suits lanes nobody has calibrated.
    """
    lanes = [lane for name in ("dense", "words", "bigrams") if (lane := signals.lanes[name]).any()]
    total = np.zeros(len(signals.article_ids), np.float32)
    for lane in lanes:
        position = np.empty(len(lane), np.int64)
        position[np.argsort(-lane, kind="stable")] = np.arange(len(lane))
        total += np.where(lane > 0, (RANK_CONSTANT + 1) / (RANK_CONSTANT + 1 + position), 0)
    return total / np.float32(max(len(lanes), 1))


STRATEGIES: Mapping[str, Callable[[Signals], Floats]] = MappingProxyType(
    {"convex": convex, "reciprocal_rank": reciprocal_rank}
)
DEFAULT_STRATEGY = "convex"


def fuse(signals: Signals, strategy: str = DEFAULT_STRATEGY) -> Floats:
    """[a] Scores in 0..1; an article with more distinctive identifiers is above all with fewer."""
    prose = np.clip(STRATEGIES[strategy](signals), 0.0, 1.0)
    if not signals.identifiers.any():
        return prose
    prose_share = 0.5 * signals.identifier_step
    return ((signals.identifiers + prose_share * prose) / (1.0 + prose_share)).astype(np.float32)


def ranked(signals: Signals, scores: Floats) -> Ints:
    """Row numbers of the articles, best first; equal scores in order of article id."""
    ids = np.array(signals.article_ids, dtype=np.str_)
    return np.lexsort((ids, -scores))


def _weights(signals: Signals) -> dict[str, float]:
    facts = signals.evidence.facts
    meaning = dict(MEANING) if facts.has_vectors else {}
    return meaning | (dict(KEYWORDS) if facts.has_words else {})
