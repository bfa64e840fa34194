"""What was searched and opened, kept for some time without names."""

from __future__ import annotations

import hmac
import logging
import threading
from collections import deque
from datetime import timedelta
from typing import TypeVar

from kbserver.domain.reader import Reader
from kbserver.domain.searching import Feedback, FeedbackKind, SearchQuery, SearchResult
from kbserver.errors import Busy
from kbserver.services.ports import Clock
from kbserver.store import events as stored
from kbserver.store.database import Database

MAX_WAITING = 10_000
"""Events kept in memory while the database cannot take them; older ones are dropped first."""

T = TypeVar("T")

log = logging.getLogger(__name__)


class EventLog:
    """Collects events and writes them together: a search must not wait for a disk."""

    def __init__(self, database: Database, clock: Clock, key: bytes) -> None:
        self._database = database
        self._clock = clock
        self._key = key
        self._searches: deque[stored.SearchEvent] = deque(maxlen=MAX_WAITING)
        self._feedback: deque[stored.FeedbackEvent] = deque(maxlen=MAX_WAITING)
        self._verdicts: deque[stored.Verdict] = deque(maxlen=MAX_WAITING)
        self._flushing = threading.Lock()

    def actor_hash(self, reader: Reader) -> str:
        """Tells one reader from another without saying who it is; empty when nobody is known."""
        return hmac.digest(self._key, reader.actor.encode(), "sha256").hex()[:32] if reader.actor else ""

    def searched(self, reader: Reader, query: SearchQuery, result: SearchResult) -> None:
        """Note a search."""
        self._searches.append(
            stored.SearchEvent(
                search_id=result.search_id,
                created_at=self._clock.now(),
                actor=self.actor_hash(reader),
                audience=reader.audience,
                query=result.normalized_query,
                mode=query.mode,
                total=result.estimated_total,
                shown=[hit.article.id for hit in result.hits],
                degraded=result.degraded,
                no_good_answer=result.no_good_answer,
                took_ms=result.took_ms,
            )
        )

    def gave_feedback(self, reader: Reader, feedback: Feedback) -> None:
        """Note what a reader did with an article."""
        self._feedback.append(
            stored.FeedbackEvent(
                created_at=self._clock.now(),
                actor=self.actor_hash(reader),
                search_id=feedback.search_id,
                article_id=feedback.article_id,
                kind=feedback.kind,
                comment=feedback.comment,
            )
        )

    def gave_verdict(self, reader: Reader, feedback: Feedback) -> None:
        """Note whether an article helped; the last word of a reader on a search and an article counts."""
        self._verdicts.append(
            stored.Verdict(
                created_at=self._clock.now(),
                actor=self.actor_hash(reader),
                search_id=feedback.search_id,
                article_id=feedback.article_id,
                helped=feedback.kind is FeedbackKind.HELPFUL,
                comment=feedback.comment,
            )
        )

    def flush(self) -> None:
        """Write what waits; on a busy or full database it waits on."""
        with self._flushing:
            searches, feedback, verdicts = map(_taken, (self._searches, self._feedback, self._verdicts))
            if not (searches or feedback or verdicts):
                return
            try:
                with self._database.write() as session:
                    stored.add_searches(session, searches)
                    stored.add_feedback(session, feedback)
                    stored.note_verdicts(session, verdicts)
            except Exception as error:
                self._searches.extendleft(reversed(searches))
                self._feedback.extendleft(reversed(feedback))
                self._verdicts.extendleft(reversed(verdicts))
                if not isinstance(error, Busy):
                    raise

    def prune(self, days: int) -> int:
        """Delete events older than that many days; gives how many."""
        with self._database.write() as session:
            deleted = stored.prune(session, self._clock.now() - timedelta(days=days))
        log.info("pruned events deleted=%s days=%s", deleted, days)
        return deleted


def _taken(waiting: deque[T]) -> list[T]:
    return [waiting.popleft() for _ in range(len(waiting))]
