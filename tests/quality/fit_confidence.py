"""Fit the constants of `indexer.confidence` and print how well they do.

    python tests/quality/fit_confidence.py DATA_DIR SET [SET ...]

DATA_DIR holds the prepared model; each SET is a folder as `kb eval` takes it, or a folder of articles, which
are then asked for by their issue lines. Indexes are built in a temporary folder, with the vector cache of
DATA_DIR. Every query is asked twice, the second time with its answers hidden, in each way of searching;
and each set is asked questions of the others, which nothing in it can answer.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.articles import Mode
from indexer.building import build_index
from indexer.confidence import FEWEST_WORDS, JUDGED_HITS, MOST_WORDS, TRAITS, traits_of
from indexer.encoding import Encoder
from indexer.encoding.catalog import load_encoder
from indexer.encoding.vector_cache import VectorCache
from indexer.frontmatter import parse_article
from indexer.fusion import convex
from indexer.gathering import gather
from indexer.signals import Signals, signals_of
from indexer.snapshots import Snapshot, Visible, open_snapshot
from indexer.tokenizing import Tokenizer
from kbserver.adapters.evaluating import JudgedSet, read_judged_set
from kbserver.adapters.search_index import VECTOR_FILE

WITHHELD = 0.09
"""The share of answerable queries for which no good answer may be said; the aim is 0.10 on new sets."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Observed:
    """What one collection showed in one way of searching."""

    name: str
    present: Floats
    """[q, traits] Of the best hit, the answer being in the collection."""
    absent: Floats
    """[q, traits] Of the best hit, the answer being hidden."""
    foreign: Floats
    """[f, traits] Of the best hit for questions of the other collections."""
    words: Floats
    """[q] `length_of` each question of the collection."""
    foreign_words: Floats
    """[f] The same for the others."""
    hits: Floats
    """[h, traits] Of all first hits."""
    right: Floats
    """[h] Whether each of them is an answer."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks one collection in one way of searching."""

    snapshot: Snapshot
    encoder: Encoder
    tokenizer: Tokenizer
    mode: Mode

    def __call__(self, text: str, shown: NDArray[np.bool_] | None = None) -> Signals:
        """The signals of the articles found among those `shown`, or among all."""
        vector = None if self.mode == Mode.KEYWORD else self.encoder.encode_query(text)
        visible = Visible(None, None) if shown is None else Visible(shown, shown[self.snapshot.owner])
        tokens = self.tokenizer.query(text)
        return signals_of(gather(self.snapshot, visible, tokens, vector, self.mode != Mode.VECTOR).evidence)


def observe(name: str, judged: JudgedSet, foreign: Sequence[str], ask: Asker) -> Observed:
    """Ask every judged query of a set with and without its answers, and the foreign ones."""
    snapshot = ask.snapshot
    present, absent, words, hits, right = [], [], [], [], []
    for query_id, text in judged.queries:
        answers = {snapshot.by_id[doc] for doc, grade in judged.grades.get(query_id, {}).items() if grade > 0}
        if not answers:
            continue
        shown = np.ones(len(snapshot.records), np.bool_)
        shown[list(answers)] = False
        found, without = ask(text), ask(text, shown)
        if not found.article_ids or not without.article_ids:
            continue
        rows = best_rows(found)
        traits = traits_of(found, rows)
        present.append(traits[0])
        absent.append(traits_of(without, best_rows(without)[:1])[0])
        words.append(length_of(found))
        hits.append(traits)
        right += [snapshot.by_id[found.article_ids[row]] in answers for row in rows]
    strange = [found for found in map(ask, foreign) if found.article_ids]
    return Observed(
        name,
        np.array(present),
        np.array(absent),
        np.array([traits_of(found, best_rows(found)[:1])[0] for found in strange]),
        np.array(words),
        np.array([length_of(found) for found in strange]),
        np.concatenate(hits),
        np.array(right, float),
    )


def length_of(signals: Signals) -> float:
    """log2 of the question's words over the fewest measured, within what was measured."""
    count = min(max(signals.evidence.facts.word_count, FEWEST_WORDS), MOST_WORDS)
    return float(np.log2(count / FEWEST_WORDS))


def best_rows(signals: Signals) -> NDArray[np.int64]:
    """The rows of the first hits by prose: identifiers are certain without calibration."""
    return np.argsort(-convex(signals), kind="stable")[:JUDGED_HITS]


def logistic(samples: Sequence[tuple[Floats, Floats]], ridge: float = 1e-3) -> Floats:
    """Weights and offset of a logistic regression; each pair is one collection, all weighing alike.

    More of a trait never speaks against an answer: a trait that would weigh less than nothing, as one
    does that repeats another, is left out.
    """
    scale = np.concatenate([traits for traits, _ in samples]).std(axis=0) + 1e-9
    traits = np.concatenate([np.c_[traits / scale, np.ones(len(traits))] for traits, _ in samples])
    labels = np.concatenate([labels for _, labels in samples])
    weight = np.concatenate([np.full(len(labels), 1 / len(labels)) for _, labels in samples])
    used = np.append(scale > 1e-6, True)  # a trait that a way of searching has not got is the same everywhere
    while True:
        found = np.zeros(traits.shape[1])
        found[used] = _newton(traits[:, used], labels, weight, ridge)
        negative = np.flatnonzero(found[:-1] < 0)
        if not len(negative):
            return np.append(found[:-1] / scale, found[-1])
        used[negative] = False


def _newton(traits: Floats, labels: Floats, weight: Floats, ridge: float) -> Floats:
    """The weights that make the labels most likely, the last of them an offset."""
    found = np.zeros(traits.shape[1])
    penalty = np.diag([ridge] * (len(found) - 1) + [0.0])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-traits @ found))
        slope = traits.T @ (weight * (chance - labels)) + penalty @ found
        curve = (traits * (weight * chance * (1 - chance))[:, None]).T @ traits + penalty
        found = found - np.linalg.solve(curve, slope)
    return found


def bar_of(sums: Sequence[Floats], words: Sequence[Floats]) -> tuple[float, float]:
    """The line over the words below which `WITHHELD` of each collection's answerable queries lie, at most."""
    best = (-np.inf, 0.0, 0.0)
    for slope in np.arange(0.0, 1.51, 0.05):
        level = [value - slope * count for value, count in zip(sums, words, strict=True)]
        bar = min(float(np.quantile(value, WITHHELD)) for value in level)
        withheld = float(np.mean([(value < bar).mean() for value in level]))
        if withheld > best[0] + 1e-9:
            best = (withheld, bar, float(slope))
    return best[1], best[2]


def report(name: str, sets: Sequence[Observed]) -> None:
    """The constants of one way of searching, and what they give on each set."""
    pairs = [(np.concatenate([one.present, one.absent, one.foreign]), labels_of(one)) for one in sets]
    answer = logistic(pairs)[:-1]
    bar, slope = bar_of([one.present @ answer for one in sets], [one.words for one in sets])
    hit = logistic([(one.hits, one.right) for one in sets])
    print(f"{name}: traits {TRAITS}")  # noqa: T201
    print(f"  Calibration({rounded(answer)}, {bar:.3f}, {slope:.2f}, {rounded(hit[:-1])}, {hit[-1]:.3f})")  # noqa: T201
    for one in sets:
        line = bar + slope * one.words
        withheld, caught = (one.present @ answer < line).mean(), (one.absent @ answer < line).mean()
        strange = (one.foreign @ answer < bar + slope * one.foreign_words).mean()
        own = np.quantile(one.present @ answer - slope * one.words, 0.1)
        at_a_tenth = (one.absent @ answer - slope * one.words < own).mean()
        chance = 1 / (1 + np.exp(-(one.hits @ hit[:-1] + hit[-1])))
        said = f"{one.name}: answerable withheld {withheld:.3f}, unanswerable caught {caught:.3f}"
        said += f" ({at_a_tenth:.3f} where a tenth is withheld), foreign caught {strange:.3f}"
        print(f"  {said}; {bands(chance, one.right)}")  # noqa: T201


def labels_of(one: Observed) -> Floats:
    """1 for questions that have an answer, 0 for the others, in the order in which traits are joined."""
    return np.repeat([1.0, 0.0], [len(one.present), len(one.absent) + len(one.foreign)])


def bands(chance: Floats, right: Floats) -> str:
    """How often a hit of each level is an answer."""
    said = []
    for name, low, high in (("high", 0.7, 1.01), ("medium", 0.3, 0.7), ("low", 0.0, 0.3)):
        inside = (chance >= low) & (chance < high)
        said.append(f"{name} {right[inside].mean() if inside.any() else 0:.2f} of {int(inside.sum())}")
    return ", ".join(said)


def rounded(values: Floats) -> tuple[float, ...]:
    """Short constants for the module."""
    return tuple(round(float(value), 2) for value in values)


def read_set(folder: Path) -> JudgedSet:
    """A judged set, or a folder of articles with their issue lines as the questions."""
    if (folder / "corpus.jsonl").exists():
        return read_judged_set(folder)
    files = sorted(folder.rglob("*.md"))
    articles = [parse_article(path.read_text(encoding="utf-8"), path.name).article for path in files]
    asked = [(f"{article.id}-{number}", line) for article in articles for number, line in enumerate(article.issue)]
    grades = {name: {name.rpartition("-")[0]: 1} for name, _ in asked}
    return JudgedSet(tuple(replace(article, issue=()) for article in articles), tuple(asked), grades, "")


def foreign_to(name: str, sets: Mapping[str, JudgedSet]) -> list[str]:
    """Questions of the other sets, half as many in all as the set has of its own, the same every time."""
    dice = random.Random(name)
    others = [judged for other, judged in sets.items() if other != name]
    share = max(1, len(sets[name].queries) // 2 // max(1, len(others)))
    return [text for judged in others for _, text in dice.sample(judged.queries, min(share, len(judged.queries)))]


def main(arguments: Sequence[str]) -> None:
    """Fit on the sets named on the command line."""
    data, sets = Path(arguments[0]), {Path(folder).name: read_set(Path(folder)) for folder in arguments[1:]}
    encoder, tokenizer, cache = load_encoder(data), Tokenizer(), VectorCache(data / VECTOR_FILE)
    found: Mapping[Mode, list[Observed]] = {mode: [] for mode in Mode}
    for name, judged in sets.items():
        with tempfile.TemporaryDirectory() as scratch:
            build_index(Path(scratch), judged.documents, encoder=encoder, tokenizer=tokenizer, cache=cache)
            snapshot = open_snapshot(Path(scratch), encoder.model_hash)
            for mode, observed in found.items():
                ask = Asker(snapshot, encoder, tokenizer, mode)
                observed.append(observe(name, judged, foreign_to(name, sets), ask))
    for mode, observed in found.items():
        report(str(mode), observed)


if __name__ == "__main__":
    main(sys.argv[1:])
