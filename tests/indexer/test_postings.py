from __future__ import annotations

import math

import numpy as np
import pytest

from indexer.postings import (
    K1,
    B,
    FieldPostings,
    PostingsBuilder,
    hashes_of,
    idf,
    level_arrays,
    top_rows,
)

PASSAGES = [{"a": 2, "b": 1}, {"b": 3}, {"c": 1}, {"a": 1}]
OWNER = np.array([0, 0, 1, 1])


def field() -> FieldPostings:
    builder = PostingsBuilder()
    for row, counts in enumerate(PASSAGES):
        builder.add(row, counts)
    arrays, _ = level_arrays(builder.sorted(), OWNER, np.array([True, False, True, False]), 2, {})
    return FieldPostings.of({f"f.{name}": value for name, value in arrays.items()}, "f")


def postings(level: str, term: str) -> list[int]:
    found = field()
    return found.levels[level].postings(int(found.find(hashes_of([term]))[0]))[0].tolist()


@pytest.mark.parametrize(
    ("level", "term", "documents"),
    [
        ("passages", "a", [0, 3]),
        ("passages", "b", [0, 1]),
        ("articles", "b", [0]),
        ("articles", "a", [0, 1]),
        ("titles", "a", [0]),
        ("titles", "b", [0]),
        ("titles", "c", [1]),
    ],
)
def test_each_level_lists_the_documents_of_a_term(level, term, documents):
    assert postings(level, term) == documents


def test_a_weight_is_bm25_without_the_idf():
    found = field()
    weights = found.levels["passages"].postings(int(found.find(hashes_of(["b"]))[0]))[1]
    mean = 8 / 4
    expected = 3 * (K1 + 1) / (3 + K1 * (1 - B + B * 3 / mean))
    assert math.isclose(weights[1], expected, rel_tol=1e-6)


def test_an_article_counts_a_term_of_all_its_passages():
    found = field()
    weight = found.levels["articles"].postings(int(found.find(hashes_of(["b"]))[0]))[1][0]
    expected = 4 * (K1 + 1) / (4 + K1 * (1 - B + B * 6 / 4))
    assert math.isclose(weight, expected, rel_tol=1e-6)


def test_an_unknown_term_has_no_number():
    assert field().find(hashes_of(["zzz", "a"]))[0] == -1


def test_idf_falls_with_frequency_and_is_zero_for_unknown_terms():
    values = idf(10, np.array([0, 1, 5, 10]))
    assert values[0] == 0
    assert values[1] > values[2] > values[3] > 0


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("rare", [0, 1, 2])
def test_the_best_rows_are_those_of_a_full_sort(seed, rare):
    random = np.random.default_rng(seed)
    lists = [np.unique(random.integers(0, 500, size)) for size in (3, 40, 300)]
    scores = np.zeros(500)
    for rows in lists:
        scores[rows] += random.integers(1, 5, len(rows))
    expected = np.argsort(-scores, kind="stable")[:25]
    assert top_rows(scores, lists[rare], 25).tolist() == expected[scores[expected] > 0].tolist()


def test_no_scores_give_no_rows():
    assert len(top_rows(np.zeros(5), np.empty(0, np.int64), 3)) == 0
