"""This product as one of the peers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from indexer.articles import SearchRequest
from indexer.building import build_index
from indexer.searching import Searcher
from indexer.tokenizing import Tokenizer
from tests.bench.peer import ARTICLES, Floats, Task
from tests.bench.replay import ReplayEncoder


class Product:
    """The product's index, with vectors out of memory as the peers get them."""

    def __init__(self, folder: Path) -> None:
        self._root = folder / "index"

    def index(self, task: Task) -> None:
        """Build the index."""
        encoder = ReplayEncoder({}, task.vectors.shape[1], dict(zip(task.texts, task.vectors, strict=True)))
        manifest = build_index(self._root, task.collection.articles, encoder=encoder, tokenizer=Tokenizer())
        if manifest.pending:
            raise AssertionError(f"{manifest.pending} passages have no vectors")

    def open(self, questions: Mapping[str, Floats]) -> Callable[[str], list[str]]:
        """Open the index as the site does."""
        dimensions = len(next(iter(questions.values()), np.empty(0)))
        searcher = Searcher(self._root, tokenizer=Tokenizer(), encoder=ReplayEncoder(questions, dimensions))

        def ask(text: str) -> list[str]:
            return [hit.article_id for hit in searcher.search(SearchRequest(text, limit=ARTICLES)).hits]

        return ask
