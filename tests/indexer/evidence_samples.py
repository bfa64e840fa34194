"""Evidence written out by hand, for tests of signals, fusion and confidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.articles import PassageKind
from indexer.signals import Floats, PassageEvidence, QueryFacts


def floats(values: Sequence[float]) -> Floats:
    return np.array(values, np.float32)


def evidence_of(
    articles: Sequence[str],
    *,
    owner: Sequence[int] | None = None,
    kind: Sequence[PassageKind] | None = None,
    words: Sequence[float] | None = None,
    bigrams: Sequence[float] | None = None,
    cosine: Sequence[float] | None = None,
    article_cosine: Sequence[float] = (),
    holds: Sequence[Sequence[bool]] = (),
    article_words: Sequence[float] | None = None,
    identifiers: Sequence[float] | None = None,
    facts: QueryFacts | None = None,
) -> PassageEvidence:
    """Evidence in which every lane that is not given is zero; one section per article unless `owner` says more."""
    owner = range(len(articles)) if owner is None else owner
    no_rows, nothing = [0.0] * len(owner), [0.0] * len(articles)
    return PassageEvidence(
        article_ids=tuple(articles),
        owner=np.array(owner, np.int64),
        kind=np.array(kind or [PassageKind.SECTION] * len(owner), np.int64),
        words=floats(words or no_rows),
        bigrams=floats(bigrams or no_rows),
        cosine=floats(cosine or no_rows),
        article_words=floats(article_words or nothing),
        article_bigrams=floats(nothing),
        title_words=floats(nothing),
        title_bigrams=floats(nothing),
        title_cosine=floats(nothing),
        identifiers=floats(identifiers or nothing),
        facts=facts or QueryFacts(word_ceiling=10.0, bigram_ceiling=10.0, word_count=3, bigram_count=4),
        article_cosine=floats(article_cosine),
        holds=np.array(holds, np.bool_).reshape(len(articles) if holds else 0, -1 if holds else 0),
    )
