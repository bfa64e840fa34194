"""How likely a hit answers the question, and when to say that nothing here does.

Method. Each query of four collections (Chinese product documentation, Chinese citizen service,
English troubleshooting, this product's own articles asked for by their issue lines; 2,448 queries)
was asked twice: as it is, and with its answers taken out of the collection; and each collection was
asked questions of the others, half as many. A logistic regression on the traits of the best hit tells
questions with an answer from both other kinds; a second one tells answers from other hits among the
first ten; collections weigh alike.
`no_good_answer` is said below the value that withholds a tenth of the answerable queries; since a
long question that has an answer stands out more, that value rises with the number of words.
`tests/quality/fit_confidence.py` fits the constants and prints the figures from judged sets.

Hybrid search, documentation / citizen service / troubleshooting / own articles: answerable queries
withheld 8, 9, 9, 6 %; caught of those whose answer is gone 19, 38, 53, 34 % (what is left then is the
nearest relative of the answer), of foreign ones 96, 96, 91, 83 %. Hits called high are the answer in
87, 89, 95, 88 %, medium in 51, 45, 60, 53 %, low in 1 to 3 %.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from indexer.articles import Confidence, Mode
from indexer.fusion import convex
from indexer.signals import Floats, Ints, Signals

TRAITS = ("lead", "keywords", "meaning")
"""Lead: the prose score above the mean of its rivals. Keywords: how often the article's best passage
halves the keyword weight of the whole query, its unknown words included. Meaning: likeness of the
best passage (of the bundled model; another one needs a fit of its own)."""

LEAST_SHARE = 1 / 64
"""Shares of the keyword weight below this one are alike: nothing worth naming matched."""

RIVALS = 9
"""Hits that one is compared with: the rest of a first page."""

JUDGED_HITS = 10
"""Hits that are looked at; what comes later is not likely to be the answer."""

HIGH_FROM = 0.7
MEDIUM_FROM = 0.3
"""Probabilities of being the answer from which a hit is called high or medium."""

FEWEST_WORDS, MOST_WORDS = 8, 32
"""Numbers of words between which the bar for an answer was measured; beyond, it stays."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Fitted for one way of searching; weights are in the order of `TRAITS`."""

    answer: tuple[float, float, float]
    """Weights of the best hit's traits for "the collection holds an answer"."""
    bar: float
    bar_per_word: float
    """The least sum of a good answer: bar + bar_per_word * log2(words / FEWEST_WORDS)."""
    hit: tuple[float, float, float]
    hit_offset: float
    """Log-odds that a hit is the answer: offset and weights of its traits."""

    def bar_for(self, words: int) -> float:
        """The least sum that the best hit of a query of so many words needs."""
        measured = min(max(words, FEWEST_WORDS), MOST_WORDS)
        return self.bar + self.bar_per_word * math.log2(measured / FEWEST_WORDS)


CALIBRATIONS: Mapping[Mode, Calibration] = MappingProxyType(
    {
        Mode.HYBRID: Calibration((5.81, 0.41, 29.66), 9.581, 0.75, (14.02, 0.0, 12.93), -8.336),
        Mode.KEYWORD: Calibration((3.43, 0.99, 0.0), -2.022, 0.15, (9.53, 0.18, 0.0), -3.195),
        Mode.VECTOR: Calibration((5.17, 0.0, 41.64), 15.364, 0.0, (9.66, 0.0, 19.03), -10.494),
    }
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to say about a list of hits."""

    no_good_answer: bool
    confidences: tuple[Confidence, ...]
    """One for each entry of the order that was judged."""


def judge(signals: Signals, scores: Floats, order: Ints) -> Judgement:
    """What the signals say of the hits in `order`; `scores` are those that made the order.

    An article that holds a distinctive identifier of the query is a good answer by that alone.
    """
    if not len(order):
        return Judgement(True, ())
    calibration = CALIBRATIONS[mode_of(signals)]
    traits = traits_of(signals, order[:JUDGED_HITS])
    bar = calibration.bar_for(signals.evidence.facts.word_count)
    exact = signals.identifiers[order] > 0
    poor = float(traits[0] @ np.array(calibration.answer)) < bar and not exact.any()
    odds = traits @ np.array(calibration.hit) + calibration.hit_offset
    levels = [Confidence.HIGH if held else _level(value, poor) for held, value in zip(exact, odds, strict=False)]
    levels += [Confidence.HIGH if held else Confidence.LOW for held in exact[len(levels) :]]
    return Judgement(poor, tuple(levels))


def mode_of(signals: Signals) -> Mode:
    """What the search could use in the end, whatever was asked for."""
    facts = signals.evidence.facts
    if facts.has_words:
        return Mode.HYBRID if facts.has_vectors else Mode.KEYWORD
    return Mode.VECTOR


def traits_of(signals: Signals, rows: Ints) -> NDArray[np.float64]:
    """[n, 3] The `TRAITS` of the articles in `rows`."""
    facts, raw = signals.evidence.facts, signals.raw
    words = raw["words"][rows] / max(facts.word_ceiling, 1e-6)
    bigrams = raw["bigrams"][rows] / max(facts.bigram_ceiling, 1e-6)
    keywords = np.log2(np.maximum((words + bigrams) / 2, LEAST_SHARE))
    meaning = raw["dense"][rows]
    prose = convex(signals)
    # Without rivals there is nothing to lead: what matched has to stand for it.
    lead = _leads(prose, rows) if len(prose) > 1 else (words + bigrams) / 2
    return np.stack([lead, keywords, meaning], axis=1).astype(np.float64)


def _leads(prose: Floats, rows: Ints) -> Floats:
    """How far each of `rows` is above the mean of the best `RIVALS` of the others."""
    best = np.sort(prose)[::-1][: RIVALS + 1]
    rivals = len(best) - 1
    own = np.maximum(prose[rows], best[-1])  # one of `best`, or outranked by all but the last of them
    ahead: Floats = prose[rows] - (best.sum() - own) / rivals
    return ahead


def _level(odds: float, poor: bool) -> Confidence:
    """The name of a probability; nothing is better than low where there is no good answer."""
    probability = 1 / (1 + math.exp(-odds))
    if poor or probability < MEDIUM_FROM:
        return Confidence.LOW
    return Confidence.HIGH if probability >= HIGH_FROM else Confidence.MEDIUM
