"""Signals become one score and one order."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.fusion import STRATEGIES, fuse, ranked
from indexer.signals import QueryFacts, signals_of
from tests.indexer.evidence_samples import evidence_of

EVERY_STRATEGY = pytest.mark.parametrize("strategy", sorted(STRATEGIES))


def order_of(strategy: str = "convex", **evidence: object) -> list[str]:
    signals = signals_of(evidence_of(**evidence))  # type: ignore[arg-type]
    return [signals.article_ids[at] for at in ranked(signals, fuse(signals, strategy))]


@EVERY_STRATEGY
def test_what_leads_every_lane_comes_first(strategy: str) -> None:
    lanes = {"words": [1, 3, 2], "bigrams": [1, 3, 2], "cosine": [0.1, 0.3, 0.2]}
    assert order_of(strategy, articles=["a", "b", "c"], **lanes) == ["b", "c", "a"]


@EVERY_STRATEGY
def test_scores_lie_between_zero_and_one(strategy: str) -> None:
    values = np.random.default_rng(1).normal(size=40).tolist()
    facts = QueryFacts(identifier_count=3)
    evidence = evidence_of([f"a{n}" for n in range(40)], words=values, bigrams=values, cosine=values, facts=facts)
    scores = fuse(signals_of(evidence), strategy)
    assert ((scores >= 0) & (scores <= 1)).all()


@EVERY_STRATEGY
def test_equal_scores_are_in_order_of_article_id(strategy: str) -> None:
    assert order_of(strategy, articles=["b", "c", "a"], words=[2, 2, 2]) == ["a", "b", "c"]


@EVERY_STRATEGY
def test_no_candidates_give_no_scores(strategy: str) -> None:
    signals = signals_of(evidence_of([]))
    assert len(ranked(signals, fuse(signals, strategy))) == 0


@EVERY_STRATEGY
def test_an_exact_identifier_is_above_any_prose(strategy: str) -> None:
    order = order_of(
        strategy,
        articles=["prose", "code"],
        words=[9, 0],
        bigrams=[9, 0],
        cosine=[0.9, 0.1],
        article_words=[9, 0],
        identifiers=[0, 1],
        facts=QueryFacts(identifier_count=1),
    )
    assert order == ["code", "prose"]


@EVERY_STRATEGY
def test_more_of_the_identifiers_is_above_fewer_with_better_prose(strategy: str) -> None:
    order = order_of(
        strategy,
        articles=["one", "two", "none"],
        words=[9, 0, 5],
        cosine=[0.9, 0.1, 0.5],
        identifiers=[1, 2, 0],
        facts=QueryFacts(identifier_count=3),
    )
    assert order == ["two", "one", "none"]


def test_prose_decides_between_articles_with_the_same_identifier() -> None:
    order = order_of(articles=["a", "b"], cosine=[0.1, 0.9], identifiers=[1, 1], facts=QueryFacts(identifier_count=1))
    assert order == ["b", "a"]


def test_a_search_by_keywords_alone_uses_the_whole_scale() -> None:
    evidence = evidence_of(
        ["a", "b"], words=[2, 1], bigrams=[2, 1], article_words=[2, 1], facts=QueryFacts(has_vectors=False)
    )
    assert fuse(signals_of(evidence)).max() == pytest.approx(0.75)


def test_a_search_by_meaning_alone_uses_the_whole_scale() -> None:
    evidence = evidence_of(["a", "b"], cosine=[0.9, 0.1], facts=QueryFacts(has_words=False))
    assert fuse(signals_of(evidence)).tolist() == pytest.approx([1.0, 0.0])


def test_a_strategy_that_does_not_exist_is_refused() -> None:
    with pytest.raises(KeyError):
        fuse(signals_of(evidence_of(["a"])), "best")
