"""Fit the constants of `indexer.confidence` and print how well they do.

    python tests/quality/fit_confidence.py DATA_DIR SET [SET ...]

DATA_DIR holds the prepared model; each SET is a folder as `kb eval` takes it. Indexes are built in a
temporary folder, with the vector cache of DATA_DIR. Every query is asked twice, the second time with
its answers hidden, in each way of searching.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.articles import Mode
from indexer.building import build_index
from indexer.confidence import FEWEST_WORDS, JUDGED_HITS, MOST_WORDS, TRAITS, traits_of
from indexer.encoding.catalog import load_encoder
from indexer.encoding.vector_cache import VectorCache
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
    words: Floats
    """[q] log2 of the query's words over the fewest measured, within what was measured."""
    hits: Floats
    """[h, traits] Of all first hits."""
    right: Floats
    """[h] Whether each of them is an answer."""


def observe(name: str, judged: JudgedSet, snapshot: Snapshot, encoder, tokenizer: Tokenizer, mode: Mode) -> Observed:  # type: ignore[no-untyped-def]
    """Ask every judged query of a set with and without its answers."""
    present, absent, words, hits, right = [], [], [], [], []
    for query_id, text in judged.queries:
        answers = {snapshot.by_id[doc] for doc, grade in judged.grades.get(query_id, {}).items() if grade > 0}
        if not answers:
            continue
        vector = None if mode == Mode.KEYWORD else encoder.encode_query(text)
        tokens = tokenizer.query(text)
        shown = np.ones(len(snapshot.records), np.bool_)
        found = signals_of(gather(snapshot, Visible(None, None), tokens, vector, mode != Mode.VECTOR).evidence)
        shown[list(answers)] = False
        hidden = Visible(shown, shown[snapshot.owner])
        without = signals_of(gather(snapshot, hidden, tokens, vector, mode != Mode.VECTOR).evidence)
        if not found.article_ids or not without.article_ids:
            continue
        rows = best_rows(found)
        traits = traits_of(found, rows)
        present.append(traits[0])
        absent.append(traits_of(without, best_rows(without)[:1])[0])
        count = min(max(found.evidence.facts.word_count, FEWEST_WORDS), MOST_WORDS)
        words.append(np.log2(count / FEWEST_WORDS))
        hits.append(traits)
        right += [snapshot.by_id[found.article_ids[row]] in answers for row in rows]
    return Observed(
        name, np.array(present), np.array(absent), np.array(words), np.concatenate(hits), np.array(right, float)
    )


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
    used = np.ones(traits.shape[1], np.bool_)
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
    pairs = [
        (np.concatenate([one.present, one.absent]), np.repeat([1.0, 0.0], [len(one.present), len(one.absent)]))
        for one in sets
    ]
    answer = logistic(pairs)[:-1]
    bar, slope = bar_of([one.present @ answer for one in sets], [one.words for one in sets])
    hit = logistic([(one.hits, one.right) for one in sets])
    print(f"{name}: traits {TRAITS}")  # noqa: T201
    print(f"  Calibration({rounded(answer)}, {bar:.3f}, {slope:.2f}, {rounded(hit[:-1])}, {hit[-1]:.3f})")  # noqa: T201
    for one in sets:
        line = bar + slope * one.words
        withheld, caught = (one.present @ answer < line).mean(), (one.absent @ answer < line).mean()
        chance = 1 / (1 + np.exp(-(one.hits @ hit[:-1] + hit[-1])))
        said = f"{one.name}: answerable withheld {withheld:.3f}, unanswerable caught {caught:.3f}"
        print(f"  {said}; {bands(chance, one.right)}")  # noqa: T201


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


def main(arguments: Sequence[str]) -> None:
    """Fit on the sets named on the command line."""
    data, folders = Path(arguments[0]), [Path(folder) for folder in arguments[1:]]
    encoder, tokenizer, cache = load_encoder(data), Tokenizer(), VectorCache(data / VECTOR_FILE)
    found: Mapping[Mode, list[Observed]] = {mode: [] for mode in Mode}
    for folder in folders:
        judged = read_judged_set(folder)
        with tempfile.TemporaryDirectory() as scratch:
            root = Path(scratch)
            build_index(root, judged.documents, encoder=encoder, tokenizer=tokenizer, cache=cache)
            snapshot = open_snapshot(root, encoder.model_hash)
            for mode, sets in found.items():
                sets.append(observe(folder.name, judged, snapshot, encoder, tokenizer, mode))
    for mode, sets in found.items():
        report(str(mode), sets)


if __name__ == "__main__":
    main(sys.argv[1:])
