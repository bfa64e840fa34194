"""The embedded search backend: the indexer's library behind the site's port."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from indexer.articles import Article, Audience, SearchAnswer, SearchRequest
from indexer.building import RebuildNeededError, build_index
from indexer.checking import check_index, repair
from indexer.encoding import Encoder, VectorCache
from indexer.generations import DamageError, IndexBusyError, current_manifest
from indexer.searching import Searcher
from indexer.segments import content_hash
from indexer.terms import Terms
from indexer.tokenizing import Tokenizer
from indexer.updating import IndexWriter
from kbserver.adapters.late_encoder import LateEncoder, prepared_encoder
from kbserver.config import Settings
from kbserver.errors import N_, IndexUnavailable
from kbserver.services.ports import IndexStatus

TERMS_FILE = "terms.yml"
VECTOR_FILE = "vectors.sqlite3"
REFRESH_SECONDS = 0.5
"""How often a process looks whether another one has published a new generation."""

log = logging.getLogger(__name__)
Progress = Callable[[str, int, int], None]


class EmbeddedSearchIndex:
    """Whoosh and FAISS below the data folder; serves what is there and says what is not."""

    def __init__(
        self,
        settings: Settings,
        names: Iterable[str] = (),
        public_names: Iterable[str] = (),
        load: Callable[[], Encoder] | None = None,
    ) -> None:
        """`names` are words to keep whole, such as products; outside the house only the `public_names` are.

        How a hidden article's tag cuts up a question would tell that there is such a tag.
        """
        self._root: Path = settings.index_dir
        terms, public_terms = (_terms(settings, words) for words in (names, public_names))
        self._tokenizer = Tokenizer(terms)
        # A second dictionary takes 24 MB, and many sites have no readers outside.
        outside = None if public_terms == terms else cache(lambda: Tokenizer(public_terms))
        served = current_manifest(self._root)
        load = load or prepared_encoder(settings.data_dir, settings.embedding_model)
        self.encoder = LateEncoder(load, served.model if served else "")
        self._cache = VectorCache(settings.data_dir / VECTOR_FILE)
        self._searcher = Searcher(self._root, tokenizer=self._tokenizer, encoder=self.encoder, outside=outside)
        self._stop = threading.Event()

    def start(self) -> None:
        """Load the model and follow other processes' generations, both in the background."""
        self.encoder.load_in_background(lambda: self._searcher.refresh(force=True))
        threading.Thread(target=self._follow, name="kb-generations", daemon=True).start()

    def load_model(self) -> bool:
        """Load the model now; gives whether there is one."""
        loaded = self.encoder.load()
        if loaded:
            self._searcher.refresh(force=True)
        return loaded

    def close(self) -> None:
        """Stop following and give back the model."""
        self._stop.set()
        self.encoder.close()

    def search(self, request: SearchRequest) -> SearchAnswer:
        """Hits that the reader may see; raises `IndexUnavailable` while there is no index."""
        self._require()
        return self._searcher.search(request)

    def typeahead(
        self, text: str, reader: Audience, limit: int, hidden: frozenset[str] = frozenset()
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Queries, and ids of articles, that continue the text."""
        self._require()
        found = self._searcher.typeahead(text, reader, limit, hidden)
        return tuple(found.queries), tuple(article.article_id for article in found.articles)

    def related(
        self, article_id: str, reader: Audience, limit: int, hidden: frozenset[str] = frozenset()
    ) -> tuple[str, ...]:
        """Ids of articles like this one, nearest first."""
        self._require()
        return tuple(near.article_id for near in self._searcher.related(article_id, reader, limit, hidden))

    def status(self) -> IndexStatus:
        """How the index stands now."""
        now = self._searcher.status()
        degraded = list(now.problems)
        if self.encoder.problem:
            degraded.append(self.encoder.problem)
        if now.pending_vectors:
            degraded.append(f"{now.pending_vectors} passages are found by words only until they are encoded.")
        return IndexStatus(
            ready=now.generation > 0,
            needs_rebuild=now.generation == 0 or now.stale_tokenizer,
            sequence=now.sequence,
            generation=now.generation,
            articles=now.articles,
            passages=now.passages,
            pending=now.pending_vectors,
            degraded=tuple(degraded),
            details={"model": now.model, "segments": str(now.segments), "tokenizer": now.tokenizer},
        )

    def update(self, changed: Iterable[Article], deleted: Iterable[str], sequence: int) -> None:
        """Make changes searchable by words; by meaning too where few passages are new."""
        with _as_unavailable():
            self._writer().update(changed, deleted, sequence)
        self._searcher.refresh()

    def fill_pending(self) -> int:
        """Encode what waits and join small segments; gives how many passages still wait."""
        with _as_unavailable():
            writer = self._writer()
            left = writer.fill_pending() if self.encoder.encoder else 0
            self._searcher.refresh()
            if writer.maintain():
                self._searcher.refresh()
        return left

    def rebuild(self, articles: Iterable[Article], sequence: int, progress: Progress | None = None) -> None:
        """Build anew from all articles, aside, and switch to it."""
        with _as_unavailable():
            build_index(
                self._root,
                articles,
                encoder=self.encoder.encoder,
                tokenizer=self._tokenizer,
                sequence=sequence,
                cache=self._cache,
                progress=progress,
            )
        self._searcher.refresh(force=True)

    def check(self, articles: Iterable[Article]) -> tuple[str, ...]:
        """What differs from these articles or is damaged, a sentence with the id each; empty when whole."""
        encoder = self.encoder.encoder
        drifts = check_index(
            self._root,
            {article.id: content_hash(article) for article in articles},
            tokenizer=self._tokenizer,
            model=encoder.model_hash if encoder else None,
        )
        return tuple(f"{drift.kind} {drift.id}: {drift.detail}" for drift in drifts)

    def repair(self, articles: Iterable[Article], sequence: int) -> None:
        """Make the index hold exactly these articles, by an update where that is enough."""
        with _as_unavailable():
            repair(
                self._root,
                articles,
                tokenizer=self._tokenizer,
                encoder=self.encoder.encoder,
                cache=self._cache,
                sequence=sequence,
            )
        self._searcher.refresh(force=True)

    def _writer(self) -> IndexWriter:
        return IndexWriter(self._root, tokenizer=self._tokenizer, encoder=self.encoder.encoder, cache=self._cache)

    def _require(self) -> None:
        if self._searcher.status().generation == 0:
            raise IndexUnavailable(N_("There is no search index yet."))

    def _follow(self) -> None:
        while not self._stop.wait(REFRESH_SECONDS):
            try:
                self._searcher.refresh()
            except Exception:
                log.exception("the index cannot be opened anew")


def _terms(settings: Settings, names: Iterable[str]) -> Terms:
    return Terms.load(settings.articles_dir / TERMS_FILE, [Article("", "", "", tags=tuple(names))])


@contextmanager
def _as_unavailable() -> Iterator[None]:
    """The indexer's errors in the site's words; the worker tries again."""
    try:
        yield
    except IndexBusyError as error:
        raise IndexUnavailable(N_("Another process is writing the index.")) from error
    except (DamageError, RebuildNeededError) as error:
        raise IndexUnavailable(N_("The index must be built anew: %(why)s"), why=error) from error
