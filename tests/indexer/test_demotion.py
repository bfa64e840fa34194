"""Articles that are due for a check stand lower, by a bounded amount, and nothing else moves."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.demotion import KEPT, lowered_places

SCORES = np.array([0.9, 0.8, 0.8, 0.7, 0.1], np.float32)
ORDER = np.array([0, 1, 2, 3, 4])
IDS = ["a", "b", "c", "d", "e"]


def names(lowered: set[str]) -> str:
    _, places = lowered_places(SCORES, ORDER, IDS, lowered)
    return "".join(IDS[at] for at in ORDER[places])


def test_without_such_articles_nothing_is_touched() -> None:
    scores, places = lowered_places(SCORES, ORDER, IDS, frozenset())

    assert scores is SCORES
    assert places.tolist() == ORDER.tolist()


@pytest.mark.parametrize(
    ("lowered", "expected"),
    [({"a"}, "bcade"), ({"b"}, "acdbe"), ({"d"}, "abcde"), ({"a", "b", "c", "d"}, "abcde"), ({"x"}, "abcde")],
)
def test_an_article_yields_to_those_that_fit_nearly_as_well(lowered: set[str], expected: str) -> None:
    assert names(lowered) == expected


def test_nothing_falls_below_what_fits_less_than_the_kept_share() -> None:
    generator = np.random.default_rng(7)
    scores = np.sort(generator.random(500).astype(np.float32))[::-1]
    ids = [str(n) for n in range(500)]
    lowered = {str(n) for n in generator.choice(500, 50, replace=False)}

    reduced, places = lowered_places(scores, np.arange(500), ids, lowered)

    position = {int(at): place for place, at in enumerate(places)}
    for one in map(int, lowered):
        clearly_less = np.flatnonzero(scores < scores[one] * np.float32(KEPT))
        assert all(position[one] < position[int(other)] for other in clearly_less)
    assert np.all(np.diff(reduced[places]) <= 0)


def test_those_that_are_lowered_keep_their_order_among_themselves() -> None:
    _, places = lowered_places(SCORES, ORDER, IDS, set(IDS))

    assert places.tolist() == ORDER.tolist()
