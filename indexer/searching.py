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
from typing import Protocol, runtime_checkable

import numpy as np

from indexer import generations
from indexer.answering import answer_of
from indexer.articles import Audience, Filters, Mode, SearchAnswer, SearchRequest
from indexer.gathering import joined, look_up
from indexer.postings import Floats
from indexer.snapshots import Snapshot, open_snapshot
from indexer.suggesting import ArticleSuggestion, Suggestions, corrections, related, typeahead
from indexer.tokenizing import Tokenizer

log = logging.getLogger(__name__)

MAX_QUERY_CHARS = 20_000
"""Characters of a query that are read; callers refuse longer ones with a sentence."""


class Reading(Protocol):
    """A question that is being read."""

    @property
    def milliseconds(self) -> float:
        """How long it took, from asking to the vector."""

    def vector(self) -> Floats:
        """Its vector, when it is there; any exception means "not now"."""


class QueryEncoder(Protocol):
    """What a search needs of an encoder or its queue; any exception means "not now"."""

    @property
    def model_hash(self) -> str:
        """Names the vector space; only vectors of the same hash are compared."""

    def encode_query(self, text: str) -> Floats:
        """The vector of a question, soon."""


@runtime_checkable
class WaitingEncoder(QueryEncoder, Protocol):
    """An encoder on a thread of its own: what needs no vector is done meanwhile."""

    def begin_query(self, text: str) -> Reading:
        """Have a question read; any exception means "not now"."""


class _ReadWhenAsked:
    """A question for an encoder that knows no waiting."""

    def __init__(self, encoder: QueryEncoder, text: str) -> None:
        self._encoder, self._text = encoder, text
        self.milliseconds = 0.0

    def vector(self) -> Floats:
        started = time.perf_counter()
        try:
            return self._encoder.encode_query(self._text)
        finally:
            self.milliseconds = (time.perf_counter() - started) * 1000


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
        reading = self._begun(snapshot, request)
        visible = snapshot.visible(request.reader, request.filters, request.hidden)
        keywords = look_up(snapshot, visible, tokens, request.mode != Mode.VECTOR)
        corrected = corrections(snapshot, visible, tokens)
        vector = _vector(snapshot, reading)
        if vector is None and not keywords.are_wanted:
            keywords = look_up(snapshot, visible, tokens)
        found = joined(snapshot, visible, keywords, vector)
        answer = answer_of(snapshot, request, tokens, found)
        return replace(
            answer,
            corrections=corrected,
            degraded=vector is None and request.mode != Mode.KEYWORD,
            encode_ms=reading.milliseconds if reading else 0.0,
        )

    def _tokenizer_of(self, reader: Audience) -> Tokenizer:
        return self._tokenizer if reader is Audience.INTERNAL or self._outside is None else self._outside()

    def _begun(self, snapshot: Snapshot, request: SearchRequest) -> Reading | None:
        encoder = self._encoder
        if request.mode == Mode.KEYWORD or encoder is None or snapshot.mean_vector is None:
            return None
        if not isinstance(encoder, WaitingEncoder):
            return _ReadWhenAsked(encoder, request.text)
        try:
            return encoder.begin_query(request.text)
        except Exception as error:
            log.warning("answering from keywords: %s", error)
            return None

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


def _vector(snapshot: Snapshot, reading: Reading | None) -> Floats | None:
    """The vector of the question, None if it cannot be had or belongs to other vectors than the index's."""
    if reading is None or snapshot.mean_vector is None:
        return None
    try:
        vector = np.ascontiguousarray(reading.vector(), np.float32)
    except Exception as error:
        log.warning("answering from keywords: %s", error)
        return None
    fits = vector.shape == snapshot.mean_vector.shape and bool(np.isfinite(vector).all())
    return vector if fits else None
