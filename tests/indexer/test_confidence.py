"""What is said of hits: how sure they are, and when none of them is good."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.articles import Confidence, Mode
from indexer.confidence import CALIBRATIONS, JUDGED_HITS, Judgement, judge, mode_of, traits_of
from indexer.fusion import convex, fuse, ranked
from indexer.signals import PassageEvidence, QueryFacts, signals_of
from tests.indexer.evidence_samples import evidence_of

FACTS = QueryFacts(word_ceiling=30.0, bigram_ceiling=30.0, word_count=8, mean_cosine=0.10)


def judged(evidence: PassageEvidence) -> Judgement:
    signals = signals_of(evidence)
    scores = fuse(signals)
    return judge(signals, scores, ranked(signals, scores))


def clear_winner(facts: QueryFacts = FACTS, count: int = 20, **more: object) -> PassageEvidence:
    """One article far ahead in every lane."""
    words = [25.0] + [4.0 + 0.01 * at for at in range(count - 1)]
    cosine = [0.40] + [0.20 + 0.001 * at for at in range(count - 1)]
    ids = [f"a{at:02}" for at in range(count)]
    lanes = {"words": words, "bigrams": words, "article_words": words}
    return evidence_of(ids, cosine=cosine, facts=facts, **lanes, **more)  # type: ignore[arg-type]


def crowd(facts: QueryFacts = FACTS, count: int = 60, **more: object) -> PassageEvidence:
    """Many articles, all alike and all far."""
    words = [3.0 + 0.05 * at for at in range(count)]
    cosine = [0.10 + 0.0005 * at for at in range(count)]
    lanes = {"words": words, "bigrams": words, "article_words": words}
    return evidence_of([f"a{at:02}" for at in range(count)], cosine=cosine, facts=facts, **lanes, **more)  # type: ignore[arg-type]


def test_one_article_far_ahead_is_a_good_answer_of_high_confidence() -> None:
    found = judged(clear_winner())
    assert not found.no_good_answer
    assert found.confidences[0] == Confidence.HIGH


def test_what_follows_far_behind_is_low() -> None:
    assert set(judged(clear_winner()).confidences[1:]) == {Confidence.LOW}


def test_many_alike_and_far_are_no_good_answer() -> None:
    found = judged(crowd())
    assert found.no_good_answer
    assert set(found.confidences) == {Confidence.LOW}


def test_no_hits_are_no_good_answer() -> None:
    assert judged(evidence_of([])) == Judgement(True, ())


def test_a_distinctive_identifier_is_a_good_answer_by_itself() -> None:
    found = judged(crowd(identifiers=[0] * 59 + [1]))
    assert not found.no_good_answer
    assert found.confidences[0] == Confidence.HIGH


@pytest.mark.parametrize("count", [1, 2, JUDGED_HITS, JUDGED_HITS + 30])
def test_every_hit_gets_a_confidence(count: int) -> None:
    assert len(judged(crowd(count=count)).confidences) == count


def test_a_single_article_that_matches_fully_is_good() -> None:
    facts = QueryFacts(word_ceiling=10.0, bigram_ceiling=10.0, word_count=4)
    evidence = evidence_of(["only"], words=[9.0], bigrams=[9.0], cosine=[0.3], facts=facts)
    assert not judged(evidence).no_good_answer


def test_a_long_question_needs_more_than_a_short_one() -> None:
    calibration = CALIBRATIONS[Mode.HYBRID]
    assert calibration.bar_for(40) > calibration.bar_for(5)


@pytest.mark.parametrize(("words", "same_as"), [(0, 8), (3, 8), (32, 500)])
def test_beyond_the_measured_lengths_the_bar_stays(words: int, same_as: int) -> None:
    calibration = CALIBRATIONS[Mode.HYBRID]
    assert calibration.bar_for(words) == calibration.bar_for(same_as)


@pytest.mark.parametrize(
    ("facts", "mode"),
    [
        (QueryFacts(), Mode.HYBRID),
        (QueryFacts(has_vectors=False), Mode.KEYWORD),
        (QueryFacts(has_words=False), Mode.VECTOR),
    ],
)
def test_the_calibration_follows_what_the_search_could_use(facts: QueryFacts, mode: Mode) -> None:
    assert mode_of(signals_of(evidence_of(["a"], facts=facts))) == mode


@pytest.mark.parametrize("mode", list(Mode))
def test_more_of_a_trait_never_speaks_against_an_answer(mode: Mode) -> None:
    calibration = CALIBRATIONS[mode]
    assert min(calibration.answer + calibration.hit) >= 0


def test_the_lead_is_over_the_mean_of_the_nine_best_others() -> None:
    signals = signals_of(clear_winner())
    prose = convex(signals)
    order = np.argsort(-prose)
    expected = [prose[at] - np.sort(np.delete(prose, at))[::-1][:9].mean() for at in order]
    assert traits_of(signals, order)[:, 0] == pytest.approx(expected, abs=1e-6)


def test_words_that_occur_nowhere_speak_against_an_answer() -> None:
    known = QueryFacts(word_ceiling=30.0, bigram_ceiling=30.0, word_count=3)
    mostly_unknown = QueryFacts(word_ceiling=300.0, bigram_ceiling=300.0, word_count=3)

    sure, doubtful = (
        traits_of(signals_of(clear_winner(facts)), np.array([0]))[0] @ np.array(CALIBRATIONS[Mode.HYBRID].answer)
        for facts in (known, mostly_unknown)
    )

    assert doubtful < sure
