"""Search and feedback events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from kbserver.store.models import FeedbackRow, SearchEventRow, VerdictRow


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


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an article helped with a search, in the words of one reader; `actor` is an HMAC."""

    created_at: datetime
    actor: str
    search_id: str
    article_id: str
    helped: bool
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


def note_verdicts(session: Session, verdicts: Iterable[Verdict]) -> None:
    """Keep verdicts, one for a reader, a search and an article: the last word replaces the one before."""
    for verdict in verdicts:
        same = (
            VerdictRow.search_id == verdict.search_id,
            VerdictRow.article_id == verdict.article_id,
            VerdictRow.actor == verdict.actor,
        )
        row = session.scalar(select(VerdictRow).where(*same)) or VerdictRow(**asdict(verdict))
        row.helped, row.created_at = verdict.helped, verdict.created_at
        row.comment = verdict.comment or row.comment
        session.add(row)


def prune(session: Session, before: datetime) -> int:
    """Delete events older than that; gives how many."""
    deleted = 0
    for table in (SearchEventRow, FeedbackRow, VerdictRow):
        result = session.execute(delete(table).where(table.created_at < before))
        deleted += result.rowcount
    return deleted
