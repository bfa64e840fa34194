"""Vectors that were computed before, in place of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.encoding import VectorCache
from indexer.vectorising import Vectoriser
from tests.bench.collection import Collection
from tests.bench.corpora import Variations
from tests.bench.progress import bar

Floats = NDArray[np.float32]

MODEL = "replayed"
PASSAGES, QUESTIONS = "passages.npy", "questions.npy"


class ReplayEncoder:
    """Gives the vectors it was given; a text it does not know is an error, for no model may run."""

    model_hash = MODEL

    def __init__(self, questions: Mapping[str, Floats], dimensions: int) -> None:
        self._questions = questions
        self.dimensions = dimensions

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        """Every vector comes from the cache."""
        raise LookupError(f"{len(texts)} passages have no vector in the cache")

    def encode_query(self, text: str) -> Floats:
        """The vector of a question."""
        return self._questions[text]


def save_real_vectors(collection: Collection, folder: Path, data_dir: Path, model: str) -> None:
    """The collection's vectors of the real model into `folder`; out of the product's cache where they are there."""
    from indexer.encoding import load_encoder

    encoder = load_encoder(data_dir, model)
    texts = Variations(collection.articles).texts
    with VectorCache(data_dir / "vectors") as cache, bar("vectors", len(texts)) as shown:
        vectors = Vectoriser(encoder, cache).vectors(texts, shown.update)
    questions = np.stack([encoder.encode_query(question.text) for question in collection.questions])
    encoder.close()
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / PASSAGES, vectors.astype(np.float16))
    np.save(folder / QUESTIONS, questions.astype(np.float32))
