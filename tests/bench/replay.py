"""Vectors that were computed before, in place of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from indexer.encoding import VectorCache, is_prepared, load_encoder, prepare_model
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

    def __init__(
        self, questions: Mapping[str, Floats], dimensions: int, passages: Mapping[str, Floats] | None = None
    ) -> None:
        self._questions = questions
        self._passages = passages or {}
        self.dimensions = dimensions

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        """The vectors of passages; most are never asked for, since they come from the cache."""
        return np.stack([self._passages[text] for text in texts])

    def encode_query(self, text: str) -> Floats:
        """The vector of a question."""
        return self._questions[text]


def save_real_vectors(collection: Collection, folder: Path, data_dir: Path, model: str) -> None:
    """The collection's vectors of the real model into `folder`; out of the product's cache where they are there."""
    # Here and not above: the processes whose memory is measured import this module too.
    from kbserver.adapters.search_index import VECTOR_FILE

    if not is_prepared(data_dir, model):
        with bar("prepare the model", 0) as shown:
            prepare_model(data_dir, model, lambda done, total: _moved(shown, done, total))
    encoder = load_encoder(data_dir, model)
    texts = Variations(collection.articles).texts
    with VectorCache(data_dir / VECTOR_FILE) as cache, bar("vectors", len(texts)) as shown:
        vectors = Vectoriser(encoder, cache).vectors(texts, shown.update)
    questions = np.stack([encoder.encode_query(question.text) for question in collection.questions])
    encoder.close()
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / PASSAGES, vectors.astype(np.float16))
    np.save(folder / QUESTIONS, questions.astype(np.float32))


def _moved(shown: tqdm, done: int, total: int) -> None:  # type: ignore[type-arg]
    shown.total = total
    shown.update(done - shown.n)
