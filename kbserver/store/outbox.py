"""What consumers of the outbox read: what happened since, and the texts that are published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from kbserver.domain.articles import Stage
from kbserver.store.models import ArticleRow, CursorRow, OutboxRow, RevisionRow
from kbserver.store.publishing import ARCHIVED, CHANGED

ARTICLE_KINDS = (CHANGED, ARCHIVED)
"""What changes what readers see; what happens to drafts concerns neither the index nor kept pages."""


@dataclass(frozen=True, slots=True)
class PublishedText:
    """The current text of a published article."""

    article_id: str
    path: str
    markdown: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Articles that something happened to, and the number of the last thing read."""

    article_ids: tuple[str, ...]
    last_seq: int


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, whatever it was."""

    seq: int
    kind: str
    article_id: str
    payload: Mapping[str, Any]
    at: datetime


def last_seq(session: Session) -> int:
    """The number of the last thing that happened to an article that readers see, 0 when nothing has."""
    return session.scalar(select(func.max(OutboxRow.seq)).where(OutboxRow.kind.in_(ARTICLE_KINDS))) or 0


def batch_after(session: Session, seq: int, limit: int) -> Batch:
    """The next things that happened to articles after `seq`; an article is named once."""
    query = select(OutboxRow.seq, OutboxRow.article_id).where(OutboxRow.seq > seq, OutboxRow.kind.in_(ARTICLE_KINDS))
    rows = session.execute(query.order_by(OutboxRow.seq).limit(limit)).all()
    return Batch(tuple(dict.fromkeys(row.article_id for row in rows)), rows[-1].seq if rows else seq)


def events_after(session: Session, seq: int, limit: int) -> list[Event]:
    """The next things of every kind that happened after `seq`, in order."""
    rows = session.scalars(select(OutboxRow).where(OutboxRow.seq > seq).order_by(OutboxRow.seq).limit(limit))
    return [Event(row.seq, row.kind, row.article_id, row.payload, row.created_at) for row in rows]


def published_texts(session: Session, ids: Sequence[str] | None = None) -> Iterator[PublishedText]:
    """The current texts of those of `ids` that are published, or of all, by id."""
    query = (
        select(ArticleRow.id, ArticleRow.path, RevisionRow.markdown)
        .join(
            RevisionRow,
            and_(RevisionRow.article_id == ArticleRow.id, RevisionRow.number == ArticleRow.revision),
        )
        .where(ArticleRow.stage == Stage.PUBLISHED)
        .order_by(ArticleRow.id)
    )
    if ids is not None:
        query = query.where(ArticleRow.id.in_(ids))
    for article_id, path, markdown in session.execute(query.execution_options(yield_per=200)):
        yield PublishedText(article_id, path or "", markdown)


def published_hashes(session: Session) -> dict[str, str]:
    """The hash of each published article's current text, by id."""
    query = (
        select(ArticleRow.id, RevisionRow.sha256)
        .join(
            RevisionRow,
            and_(RevisionRow.article_id == ArticleRow.id, RevisionRow.number == ArticleRow.revision),
        )
        .where(ArticleRow.stage == Stage.PUBLISHED)
    )
    return dict(session.execute(query).all())


def cursor_of(session: Session, consumer: str) -> int:
    """How far a consumer has come."""
    row = session.get(CursorRow, consumer)
    return row.seq if row else 0


def advance(session: Session, consumer: str, seq: int) -> None:
    """Note how far a consumer has come."""
    row = session.get(CursorRow, consumer)
    if row is None:
        session.add(CursorRow(consumer=consumer, seq=seq))
    else:
        row.seq = seq
