"""Search and feedback events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from kbserver.store.models import FeedbackRow, SearchEventRow


@dataclass(frozen=True, slots=True)
class SearchEvent:
    """One search as it is kept; `actor` is an HMAC, `shown` the ids on the page in order."""

    search_id: str
    created_at: datetime
    actor: str
    audience: str
    query: str
    mode: str
    total: int
    shown: list[str]
    degraded: bool
    no_good_answer: bool
    took_ms: float


@dataclass(frozen=True, slots=True)
class FeedbackEvent:
    """One feedback act as it is kept."""

    created_at: datetime
    actor: str
    search_id: str
    article_id: str
    kind: str
    comment: str


def add_searches(session: Session, events: Iterable[SearchEvent]) -> None:
    """Keep searches."""
    rows = [asdict(event) for event in events]
    if rows:
        session.execute(insert(SearchEventRow), rows)


def add_feedback(session: Session, events: Iterable[FeedbackEvent]) -> None:
    """Keep feedback."""
    rows = [asdict(event) for event in events]
    if rows:
        session.execute(insert(FeedbackRow), rows)


def prune(session: Session, before: datetime) -> int:
    """Delete events older than that; gives how many."""
    deleted = 0
    for table in (SearchEventRow, FeedbackRow):
        result = session.execute(delete(table).where(table.created_at < before))
        deleted += result.rowcount
    return deleted
