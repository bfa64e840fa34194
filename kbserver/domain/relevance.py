"""How good a ranking is against judged answers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], k: int = 10) -> float:
    """Discounted gain of the first `k`, as a share of the best possible.

    >>> ndcg(["b", "a"], {"a": 1})
    0.6309297535714575
    """
    ideal = _gain(sorted(grades.values(), reverse=True)[:k])
    return _gain([grades.get(doc, 0) for doc in ranked[:k]]) / ideal if ideal else 0.0


def recall(ranked: Sequence[str], grades: Mapping[str, int], k: int = 10) -> float:
    """Share of the relevant answers that are among the first `k`.

    >>> recall(["b", "a"], {"a": 1, "c": 1})
    0.5
    """
    relevant = {doc for doc, grade in grades.items() if grade > 0}
    return len(relevant & set(ranked[:k])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranked: Sequence[str], grades: Mapping[str, int], k: int = 10) -> float:
    """One over the place of the first relevant answer, 0 when none is among the first `k`.

    >>> reciprocal_rank(["b", "a"], {"a": 1})
    0.5
    """
    places = (place for place, doc in enumerate(ranked[:k], 1) if grades.get(doc, 0) > 0)
    return 1 / next(places, math.inf)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of the values lies (nearest rank), 0 of none.

    >>> percentile([3, 1, 2], 0.5), percentile([], 0.5)
    (2, 0.0)
    """
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(place + 1) for place, grade in enumerate(grades, 1))
