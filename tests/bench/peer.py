"""What the benchmark asks of this product and of every peer alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tests.bench.collection import Collection, load_collection
from tests.bench.replay import PASSAGES, QUESTIONS

Floats = NDArray[np.float32]

ARTICLES = 10
"""Articles that a search is to give."""

NEAREST = 50
"""Passages that a peer is asked for; their articles are taken in that order, each once."""


@dataclass(frozen=True, slots=True)
class Task:
    """The passages to index, with their vectors."""

    collection: Collection
    owners: Sequence[str]
    """Article of each passage."""
    texts: Sequence[str]
    vectors: Floats


class Peer(Protocol):
    """A search system that keeps its index in a folder."""

    def index(self, task: Task) -> None:
        """Index the passages with the vectors given, on disk."""

    def open(self, questions: Mapping[str, Floats]) -> Callable[[str], list[str]]:
        """Open what `index` left; what comes back gives article ids for one of `questions`, best first."""


def load_questions(source: Path) -> dict[str, Floats]:
    """Every question with its vector."""
    texts = json.loads((source / "questions.json").read_text(encoding="utf-8"))
    return dict(zip(texts, np.load(source / QUESTIONS), strict=True))


def load_task(eval_data: Path, articles: Path, source: Path) -> Task:
    """Everything that is indexed."""
    collection = load_collection(eval_data, articles)
    rows = [json.loads(line) for line in (source / "passages.jsonl").read_text(encoding="utf-8").splitlines()]
    return Task(
        collection,
        [row[0] for row in rows],
        [row[1] for row in rows],
        np.load(source / PASSAGES).astype(np.float32),
    )


def articles_in_order(owners: Sequence[str]) -> list[str]:
    """The articles of ranked passages, each once.

    >>> articles_in_order(["b", "a", "b"])
    ['b', 'a']
    """
    return list(dict.fromkeys(owners))[:ARTICLES]
