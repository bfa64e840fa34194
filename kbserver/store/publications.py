"""What was published and archived, in order and with the people who stand for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from kbserver.store.models import AccountRow, ArticleRow, OutboxRow, RevisionRow
from kbserver.store.outbox import ARTICLE_KINDS
from kbserver.store.publishing import ARCHIVED


@dataclass(frozen=True, slots=True)
class Published:
    """One change of what readers see; `markdown` is None where the article was archived."""

    seq: int
    article_id: str
    path: str
    revision: int
    title: str
    markdown: str | None
    author: str
    email: str
    approver: str
    reason: str
    at: datetime


def published_after(session: Session, seq: int, limit: int) -> Iterator[Published]:
    """The next changes after `seq`, in order."""
    query = select(OutboxRow).where(OutboxRow.seq > seq, OutboxRow.kind.in_(ARTICLE_KINDS))
    for event in session.scalars(query.order_by(OutboxRow.seq).limit(limit)):
        row = session.get_one(ArticleRow, event.article_id)
        if event.kind == ARCHIVED:
            yield _archived(session, event, row)
        else:
            yield _published(session, row, int(event.payload["revision"]), event.seq)


def current(session: Session, article_id: str) -> Published | None:
    """The revision that readers see, None where the article is not published."""
    row = session.get(ArticleRow, article_id)
    return _published(session, row, row.revision, 0) if row and row.path else None


def _published(session: Session, row: ArticleRow, number: int, seq: int) -> Published:
    where = and_(RevisionRow.article_id == row.id, RevisionRow.number == number)
    revision = session.scalars(select(RevisionRow).where(where)).one()
    return Published(
        seq=seq,
        article_id=row.id,
        path=row.path or "",
        revision=number,
        title=row.title,
        markdown=revision.markdown,
        author=revision.author,
        email=_email(session, revision.author),
        approver=revision.approver,
        reason=revision.reason,
        at=revision.created_at,
    )


def _archived(session: Session, event: OutboxRow, row: ArticleRow) -> Published:
    actor = str(event.payload.get("actor") or "")
    return Published(
        seq=event.seq,
        article_id=row.id,
        path=str(event.payload.get("path") or ""),
        revision=row.revision,
        title=row.title,
        markdown=None,
        author=actor,
        email=_email(session, actor),
        approver="",
        reason=str(event.payload.get("reason") or ""),
        at=event.created_at,
    )


def _email(session: Session, name: str) -> str:
    return session.scalar(select(AccountRow.email).where(AccountRow.name == name)) or ""
