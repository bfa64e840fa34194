"""How good rankings are against judged answers, and whether one is better than another by chance.

Pure functions over plain values: a run maps each query to article ids, best first; judgements map
each query to the grade of each relevant article. Queries without a relevant article count nowhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Run = Mapping[str, Sequence[str]]
Judgements = Mapping[str, Mapping[str, int]]
Measure = Callable[[Sequence[str], Mapping[str, int]], float]

RESAMPLES = 10_000


def ndcg(ranking: Sequence[str], grades: Mapping[str, int], k: int = 10) -> float:
    """Discounted gain of the first `k`, as a share of the best possible.

    >>> round(ndcg(["b", "a"], {"a": 1}), 4)
    0.6309
    """
    ideal = _gain(sorted(grades.values(), reverse=True)[:k])
    return _gain([grades.get(article, 0) for article in ranking[:k]]) / ideal if ideal else 0.0


def recall(ranking: Sequence[str], grades: Mapping[str, int], k: int = 10) -> float:
    """Share of the relevant articles that are among the first `k`.

    >>> recall(["b", "a"], {"a": 1, "c": 1})
    0.5
    """
    relevant = {article for article, grade in grades.items() if grade > 0}
    return len(relevant.intersection(ranking[:k])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranking: Sequence[str], grades: Mapping[str, int], k: int = 10) -> float:
    """One over the place of the first relevant article, 0 when none is among the first `k`.

    >>> reciprocal_rank(["b", "a"], {"a": 1})
    0.5
    """
    places = (at for at, article in enumerate(ranking[:k], 1) if grades.get(article, 0) > 0)
    return 1 / next(places, math.inf)


def precision_at_one(ranking: Sequence[str], grades: Mapping[str, int]) -> float:
    """1 when the first article is relevant, else 0."""
    return reciprocal_rank(ranking, grades, 1)


MEASURES: Mapping[str, Measure] = {
    "ndcg@10": ndcg,
    "recall@10": recall,
    "mrr@10": reciprocal_rank,
    "p@1": precision_at_one,
}


def per_query(run: Run, judgements: Judgements, measure: Measure) -> dict[str, float]:
    """The measure of each judged query, in the judgements' order; 0 for one the run does not have."""
    judged = {query: grades for query, grades in judgements.items() if any(grades.values())}
    return {query: measure(run.get(query, ()), grades) for query, grades in judged.items()}


def figures(run: Run, judgements: Judgements) -> dict[str, float]:
    """The mean of each of `MEASURES` over the judged queries."""
    values = {name: per_query(run, judgements, measure) for name, measure in MEASURES.items()}
    return {name: _mean(list(found.values())) for name, found in values.items()}


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much one system is ahead of another, and within which bounds that is certain."""

    mean: float
    low: float
    high: float
    p_value: float
    """How often chance alone would give a difference at least as large, in either direction."""


def paired_difference(
    better: Sequence[Sequence[float]],
    worse: Sequence[Sequence[float]],
    seed: int = 1,
    resamples: int = RESAMPLES,
) -> Difference:
    """The mean difference with its 95 % bootstrap interval and randomisation p-value.

    Each element is one collection: values per query, in the same order for both systems. Queries
    are resampled within their collection and collections weigh alike, so the interval is that of
    the mean of the collections' means. Smucker, Allan, Carterette: A Comparison of Statistical
    Significance Tests for Information Retrieval Evaluation (CIKM 2007). Same seed, same answer.
    """
    gaps = [np.asarray(a, float) - np.asarray(b, float) for a, b in zip(better, worse, strict=True)]
    if not gaps or any(not len(gap) for gap in gaps):
        raise ValueError("every collection needs at least one query")
    rng = np.random.default_rng(seed)
    mean = float(np.mean([gap.mean() for gap in gaps]))
    drawn = np.mean([_resampled(gap, rng, resamples) for gap in gaps], axis=0)
    flipped = np.mean([_flipped(gap, rng, resamples) for gap in gaps], axis=0)
    low, high = np.percentile(drawn, [2.5, 97.5])
    extreme = int((np.abs(flipped) >= abs(mean) - 1e-12).sum())
    return Difference(mean, float(low), float(high), (extreme + 1) / (resamples + 1))


def _resampled(gap: NDArray[np.float64], rng: np.random.Generator, times: int) -> NDArray[np.float64]:
    """Means of `times` samples of the queries with replacement."""
    counts = rng.multinomial(len(gap), np.full(len(gap), 1 / len(gap)), size=times)
    return counts @ gap / len(gap)


def _flipped(gap: NDArray[np.float64], rng: np.random.Generator, times: int) -> NDArray[np.float64]:
    """Means with the two systems exchanged at random per query."""
    signs = rng.integers(0, 2, (times, len(gap)), dtype=np.int8) * 2 - 1
    return signs @ gap / len(gap)


def _gain(grades: Sequence[int]) -> float:
    return float(sum((2**grade - 1) / math.log2(place + 1) for place, grade in enumerate(grades, 1)))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0
