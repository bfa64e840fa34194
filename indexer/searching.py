"""Questions to answers: one snapshot, both retrievers, fusion, hits.

A `Searcher` is shared by all threads. Whatever happens to the encoder or to
the index on disk, a search answers from what is left and says so.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from indexer import generations
from indexer.answering import answer_of
from indexer.articles import Audience, Filters, Mode, SearchAnswer, SearchRequest
from indexer.gathering import gather
from indexer.postings import Floats
from indexer.snapshots import Snapshot, open_snapshot
from indexer.suggesting import ArticleSuggestion, Suggestions, related, typeahead
from indexer.tokenizing import Tokenizer

log = logging.getLogger(__name__)

MAX_QUERY_CHARS = 20_000
"""Characters of a query that are read; callers refuse longer ones with a sentence."""


class QueryEncoder(Protocol):
    """What a search needs of an encoder or its queue; any exception means "not now"."""

    @property
    def model_hash(self) -> str:
        """Names the vector space; only vectors of the same hash are compared."""

    def encode_query(self, text: str) -> Floats:
        """The vector of a question, soon."""


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """What is being served."""

    generation: int
    articles: int
    passages: int
    segments: int
    pending_vectors: int
    """Passages found by words only until their vectors are there."""
    sequence: int
    model: str
    tokenizer: str
    stale_tokenizer: bool
    """True when the index was made by other rules than queries are read by: build it anew."""
    problems: tuple[str, ...] = ()
    """Why newer generations, or parts of this one, are not served."""


class Searcher:
    """Searches the index under `root`; an index that is missing or damaged answers with what there is."""

    def __init__(
        self,
        root: Path,
        *,
        tokenizer: Tokenizer,
        encoder: QueryEncoder | None = None,
        outside: Callable[[], Tokenizer] | None = None,
    ) -> None:
        """`outside` gives the tokenizer for readers outside the house, where the vocabulary is not for all."""
        self.root = root
        self._tokenizer = tokenizer
        self._outside = outside
        self._encoder = encoder
        self._refreshing = threading.Lock()
        self._served: object = None
        self._snapshot = Snapshot(None, [])
        self.refresh(force=True)

    def refresh(self, *, force: bool = False) -> bool:
        """Serve the current generation; whether that changed. Reads one small file if it did not.

        Searches under way finish on the generation they began with. An encoder that became
        ready meanwhile is noticed too.
        """
        with self._refreshing:
            model = self._model
            served = (generations.read_pointer(self.root), model)
            if served == self._served and not force:
                return False
            before = self._snapshot
            self._snapshot = open_snapshot(self.root, model, before)
            self._served = served
            for problem in self._snapshot.problems:
                log.error("damaged index: %s", problem)
            return self._snapshot.generation != before.generation

    @property
    def _model(self) -> str | None:
        try:
            return self._encoder.model_hash if self._encoder else None
        except Exception as error:
            log.warning("no vectors are used: %s", error)
            return None

    def search(self, request: SearchRequest) -> SearchAnswer:
        """The answer to `request`; hits best first, ties by article id. Never raises for what was asked.

        `degraded` when meaning was wanted but could not be used. Offsets beyond the last hit give no hits.
        """
        snapshot = self._snapshot
        tokens = self._tokenizer_of(request.reader).query(request.text[:MAX_QUERY_CHARS])
        if not tokens.normalized:
            return SearchAnswer((), generation=snapshot.generation)
        started = time.perf_counter()
        vector = self._vector(snapshot, request)
        encode_ms = (time.perf_counter() - started) * 1000 if request.mode != Mode.KEYWORD else 0.0
        visible = snapshot.visible(request.reader, request.filters, request.hidden)
        use_words = request.mode != Mode.VECTOR or vector is None
        found = gather(snapshot, visible, tokens, vector, use_words)
        answer = answer_of(snapshot, visible, request, tokens, found)
        return replace(answer, degraded=vector is None and request.mode != Mode.KEYWORD, encode_ms=encode_ms)

    def _tokenizer_of(self, reader: Audience) -> Tokenizer:
        return self._tokenizer if reader is Audience.INTERNAL or self._outside is None else self._outside()

    def _vector(self, snapshot: Snapshot, request: SearchRequest) -> Floats | None:
        if request.mode == Mode.KEYWORD or self._encoder is None or snapshot.mean_vector is None:
            return None
        try:
            vector = np.ascontiguousarray(self._encoder.encode_query(request.text), np.float32)
        except Exception as error:
            log.warning("answering from keywords: %s", error)
            return None
        fits = vector.shape == snapshot.mean_vector.shape and bool(np.isfinite(vector).all())
        return vector if fits else None

    def typeahead(
        self, prefix: str, reader: Audience, limit: int = 8, hidden: frozenset[str] = frozenset()
    ) -> Suggestions:
        """Queries and articles that continue `prefix`, out of what `reader` may see without the `hidden` ones."""
        snapshot = self._snapshot
        return typeahead(
            snapshot, self._tokenizer_of(reader), prefix, snapshot.visible(reader, Filters(), hidden), limit
        )

    def related(
        self, article_id: str, reader: Audience, limit: int = 5, hidden: frozenset[str] = frozenset()
    ) -> tuple[ArticleSuggestion, ...]:
        """Articles like `article_id`; none if the reader may not see it or it is not indexed."""
        snapshot = self._snapshot
        return related(
            snapshot, self._tokenizer_of(reader), article_id, snapshot.visible(reader, Filters(), hidden), limit
        )

    def status(self) -> IndexStatus:
        """What is being served at this moment."""
        snapshot = self._snapshot
        manifest = snapshot.manifest
        made_by = manifest.tokenizer if manifest else self._tokenizer.version
        return IndexStatus(
            generation=snapshot.generation,
            articles=len(snapshot.by_id),
            passages=snapshot.rows,
            segments=len(snapshot.parts),
            pending_vectors=snapshot.pending,
            sequence=manifest.sequence if manifest else 0,
            model=manifest.model if manifest else "",
            tokenizer=made_by,
            stale_tokenizer=made_by != self._tokenizer.version,
            problems=snapshot.problems,
        )
