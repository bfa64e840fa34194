"""Measures of rankings, and differences between two systems."""

from __future__ import annotations

import math

import pytest

from indexer.evaluation import (
    figures,
    ndcg,
    paired_difference,
    per_query,
    precision_at_one,
    recall,
    reciprocal_rank,
)

GRADES = {"a": 1, "b": 1, "z": 0}


@pytest.mark.parametrize(
    ("ranking", "expected"),
    [
        (["a", "b"], 1.0),
        (["a", "x", "b"], (1 + 0.5) / (1 + 1 / math.log2(3))),
        (["z"], 0.0),
        ([], 0.0),
        (["x"] * 10 + ["a"], 0.0),
    ],
)
def test_ndcg_discounts_by_place_within_the_first_ten(ranking: list[str], expected: float) -> None:
    assert ndcg(ranking, GRADES) == pytest.approx(expected)


def test_ndcg_prefers_the_higher_grade_first() -> None:
    grades = {"best": 2, "good": 1}
    assert ndcg(["best", "good"], grades) == 1.0
    assert ndcg(["good", "best"], grades) < 1.0


@pytest.mark.parametrize(("ranking", "expected"), [(["a"], 0.5), (["b", "a"], 1.0), (["z", "x"], 0.0)])
def test_recall_is_the_share_of_relevant_articles(ranking: list[str], expected: float) -> None:
    assert recall(ranking, GRADES) == expected


@pytest.mark.parametrize(("ranking", "expected"), [(["a"], 1.0), (["x", "b"], 0.5), (["x"], 0.0)])
def test_reciprocal_rank_is_of_the_first_relevant_article(ranking: list[str], expected: float) -> None:
    assert reciprocal_rank(ranking, GRADES) == expected


def test_precision_at_one_looks_at_the_first_article_only() -> None:
    assert precision_at_one(["x", "a"], GRADES) == 0.0
    assert precision_at_one(["b"], GRADES) == 1.0


def test_a_query_the_run_does_not_answer_counts_as_zero() -> None:
    assert per_query({}, {"q": {"a": 1}}, ndcg) == {"q": 0.0}


def test_a_query_without_a_relevant_article_counts_nowhere() -> None:
    found = figures({"q": ["a"], "empty": ["a"]}, {"q": {"a": 1}, "empty": {}, "none": {"a": 0}})
    assert found == {"ndcg@10": 1.0, "recall@10": 1.0, "mrr@10": 1.0, "p@1": 1.0}


def test_figures_of_nothing_are_zero() -> None:
    assert set(figures({}, {}).values()) == {0.0}


def test_a_steady_gain_is_certain() -> None:
    better, worse = [[0.6, 0.8, 0.7] * 20], [[0.5, 0.7, 0.6] * 20]
    found = paired_difference(better, worse, resamples=500)
    assert found.mean == pytest.approx(0.1)
    assert found.low > 0.09
    assert found.p_value < 0.01


def test_a_gain_on_as_many_queries_as_it_loses_is_not() -> None:
    found = paired_difference([[1.0, 0.0] * 30], [[0.0, 1.0] * 30], resamples=500)
    assert found.low < 0 < found.high
    assert found.p_value > 0.5


def test_collections_weigh_alike_whatever_their_size() -> None:
    found = paired_difference([[1.0] * 90, [0.0] * 10], [[0.0] * 90, [0.0] * 10], resamples=100)
    assert found.mean == pytest.approx(0.5)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = ([[0.1, 0.9, 0.4]], [[0.2, 0.5, 0.3]])
    assert paired_difference(*values, seed=7) == paired_difference(*values, seed=7)


def test_a_collection_without_queries_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one query"):
        paired_difference([[]], [[]])
