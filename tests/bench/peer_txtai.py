"""txtai with its hybrid index: BM25 and FAISS, scores joined half and half."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import rjieba

from tests.bench.peer import NEAREST, Floats, Task, articles_in_order

PACKAGES = ("txtai",)


class Txtai:
    """txtai gets Chinese words already split, for its own tokenizer does not split them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def index(self, task: Task) -> None:
        """Index and save."""
        from txtai import Embeddings

        words = [_words(text) for text in task.texts]
        vectors = dict(zip(words, task.vectors, strict=True))
        embeddings = Embeddings(self._settings(vectors))
        embeddings.index((number, text, None) for number, text in enumerate(words))
        embeddings.save(str(self._folder / "index"))
        (self._folder / "owners.json").write_text(json.dumps(task.owners), encoding="utf-8")

    def open(self, questions: Mapping[str, Floats]) -> Callable[[str], list[str]]:
        """Load the index."""
        from txtai import Embeddings

        owners = json.loads((self._folder / "owners.json").read_text(encoding="utf-8"))
        settings = self._settings({_words(text): vector for text, vector in questions.items()})
        embeddings = Embeddings(settings)
        # The saved settings name the function that gave the vectors; this process has its own.
        embeddings.load(str(self._folder / "index"), config={"transform": settings["transform"]})

        def ask(text: str) -> list[str]:
            return articles_in_order([owners[number] for number, _ in embeddings.search(_words(text), NEAREST)])

        return ask

    def _settings(self, vectors: Mapping[str, Floats]) -> dict[str, object]:
        def transform(texts: list[str]) -> Floats:
            return np.stack([vectors[text] for text in texts])

        return {
            "method": "external",
            "transform": transform,
            "backend": "faiss",
            "hybrid": True,
            "scoring": {"method": "bm25", "terms": True, "normalize": True, "tokenizer": {"whitespace": True}},
        }


def _words(text: str) -> str:
    return " ".join(word for word in rjieba.cut_for_search(text) if not word.isspace())
