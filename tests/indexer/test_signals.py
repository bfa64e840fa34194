"""Evidence of passages becomes signals of articles."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.articles import PassageKind
from indexer.signals import DISTINCTIVE_HOLDERS, TYPED_WORDS, QueryFacts, own_meaning, signals_of
from tests.indexer.evidence_samples import evidence_of, floats

SECTION, TITLE, ISSUE = PassageKind.SECTION, PassageKind.TITLE, PassageKind.ISSUE


def test_an_articles_best_passage_speaks_for_it() -> None:
    signals = signals_of(evidence_of(["a", "b"], owner=[0, 0, 1], cosine=[0.2, 0.9, 0.5]))
    assert signals.lanes["dense"].tolist() == [1.0, 0.0]


def test_the_whole_article_counts_by_the_mean_of_its_passages() -> None:
    signals = signals_of(evidence_of(["a", "b"], owner=[0, 0, 1], cosine=[0.2, 0.9, 0.6]))
    assert signals.lanes["article_dense"].tolist() == [0.0, 1.0]


def test_the_kept_mean_of_an_article_counts_before_its_rows() -> None:
    signals = signals_of(evidence_of(["a", "b"], cosine=[0.9, 0.1], article_cosine=[0.2, 0.3]))
    assert signals.lanes["article_dense"].tolist() == [0.0, 1.0]


def test_a_passage_that_is_near_to_everything_loses_against_one_that_is_not() -> None:
    mean = floats([1.0, 0.0, 0.0])
    hub, own = floats([0.95, 0.3, 0.0]), floats([0.55, 0.8, 0.2])
    query = floats([0.9, 0.43, 0.0])
    assert query @ hub > query @ own
    assert own_meaning(query, mean) @ hub < own_meaning(query, mean) @ own


def test_a_collection_without_vectors_leaves_the_query_as_it_is() -> None:
    assert own_meaning(floats([0.6, 0.8]), None).tolist() == floats([0.6, 0.8]).tolist()


def test_an_article_without_a_title_is_not_behind_for_it() -> None:
    evidence = evidence_of(
        ["titled", "bare", "far"],
        owner=[0, 0, 1, 2],
        kind=[SECTION, TITLE, SECTION, SECTION],
        cosine=[0.7, 0.6, 0.7, 0.1],
    )
    title = signals_of(evidence).lanes["title_dense"]
    assert title[1] > title[0] > title[2]


def test_the_snippet_comes_from_a_section_even_if_the_title_matches_better() -> None:
    evidence = evidence_of(["a"], owner=[0, 0, 0], kind=[TITLE, SECTION, SECTION], cosine=[0.9, 0.4, 0.5])
    assert signals_of(evidence).best_row.tolist() == [2]


@pytest.mark.parametrize("kind", [TITLE, ISSUE])
def test_the_snippet_comes_from_what_there_is(kind: PassageKind) -> None:
    assert signals_of(evidence_of(["a"], kind=[kind], cosine=[0.9])).best_row.tolist() == [0]


def test_an_article_without_rows_has_no_place_for_a_snippet_and_the_least_of_each_lane() -> None:
    signals = signals_of(evidence_of(["a", "b"], owner=[1], cosine=[0.9], words=[3.0]))
    assert signals.best_row.tolist() == [-1, 0]
    assert all(lane[0] <= lane[1] for lane in signals.lanes.values())


@pytest.mark.parametrize("articles", [[], ["a"], ["a", "b", "c"]])
def test_every_lane_lies_between_zero_and_one(articles: list[str]) -> None:
    values = [0.3 * at - 0.2 for at in range(len(articles))]
    signals = signals_of(evidence_of(articles, words=values, bigrams=values, cosine=values))
    for lane in signals.lanes.values():
        assert lane.shape == (len(articles),)
        assert np.isfinite(lane).all()
        assert ((lane >= 0) & (lane <= 1)).all()


def test_equal_values_in_a_lane_say_nothing() -> None:
    assert not signals_of(evidence_of(["a", "b"], words=[4.0, 4.0])).lanes["words"].any()


def test_identifiers_become_the_share_of_those_asked_for() -> None:
    signals = signals_of(evidence_of(["a", "b", "c"], identifiers=[0, 1, 2]))
    assert signals.identifiers.tolist() == [0.0, 0.5, 1.0]


def test_an_identifier_that_many_articles_hold_decides_nothing() -> None:
    many = [f"a{at}" for at in range(DISTINCTIVE_HOLDERS + 1)]
    signals = signals_of(evidence_of(many, holds=[[True, at == 0] for at in range(len(many))]))
    assert signals.identifiers.tolist() == [1.0] + [0.0] * DISTINCTIVE_HOLDERS


def test_identifiers_do_not_lead_in_a_pasted_text() -> None:
    signals = signals_of(evidence_of(["a", "b"], identifiers=[1, 0], facts=QueryFacts(word_count=TYPED_WORDS + 1)))
    assert not signals.identifiers.any()
