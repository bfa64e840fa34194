"""Notifications as rows: made once, shown, read, and mailed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from kbserver.domain.notifications import NoticeKind
from kbserver.store.models import NotificationRow


@dataclass(frozen=True, slots=True)
class NewNotice:
    """News for one person."""

    account_id: int
    kind: NoticeKind
    article_id: str
    at: datetime
    draft_id: int | None = None
    task_id: int | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    mail_after: datetime | None = None


def add(session: Session, new: NewNotice) -> None:
    """Keep the news; the same thing that is neither read nor mailed yet is renewed instead."""
    row = session.scalar(
        select(NotificationRow)
        .where(
            NotificationRow.account_id == new.account_id,
            NotificationRow.kind == new.kind,
            NotificationRow.article_id == new.article_id,
            NotificationRow.draft_id == new.draft_id,
            NotificationRow.task_id == new.task_id,
            NotificationRow.read_at.is_(None),
            NotificationRow.mailed_at.is_(None),
        )
        .limit(1)
    )
    if row is None:
        row = NotificationRow(
            account_id=new.account_id,
            kind=new.kind,
            article_id=new.article_id,
            draft_id=new.draft_id,
            task_id=new.task_id,
            mail_after=new.mail_after,
            mail_attempts=0,
        )
        session.add(row)
    row.payload, row.created_at = dict(new.payload), new.at
    session.flush()


def newest(session: Session, account_id: int, *, limit: int, offset: int = 0) -> list[NotificationRow]:
    """Somebody's news, newest first."""
    query = select(NotificationRow).where(NotificationRow.account_id == account_id)
    order = (NotificationRow.created_at.desc(), NotificationRow.id.desc())
    return list(session.scalars(query.order_by(*order).limit(limit).offset(offset)))


def unread(session: Session, account_id: int, limit: int) -> list[NotificationRow]:
    """Somebody's unread news, newest first."""
    query = select(NotificationRow).where(NotificationRow.account_id == account_id, NotificationRow.read_at.is_(None))
    return list(session.scalars(query.order_by(NotificationRow.id.desc()).limit(limit)))


def mark_read(session: Session, account_id: int, at: datetime, ids: Collection[int] | None = None) -> None:
    """Note that somebody has read these, or everything."""
    query = update(NotificationRow).where(NotificationRow.account_id == account_id, NotificationRow.read_at.is_(None))
    if ids is not None:
        query = query.where(NotificationRow.id.in_(ids))
    session.execute(query.values(read_at=at))


def due_accounts(session: Session, now: datetime, limit: int) -> list[int]:
    """Accounts that have news to be mailed now, the one that waits longest first."""
    query = select(NotificationRow.account_id, NotificationRow.mail_after).where(NotificationRow.mail_after <= now)
    rows = session.execute(query.order_by(NotificationRow.mail_after, NotificationRow.id))
    return list(dict.fromkeys(row.account_id for row in rows))[:limit]


def due_of(session: Session, account_id: int, now: datetime, limit: int) -> list[NotificationRow]:
    """The news of one account that is to be mailed now, oldest first, for those who change it."""
    query = select(NotificationRow).where(NotificationRow.account_id == account_id, NotificationRow.mail_after <= now)
    return list(session.scalars(query.order_by(NotificationRow.id).limit(limit)))


def with_ids(session: Session, ids: Collection[int]) -> list[NotificationRow]:
    """The rows themselves, for those who change them."""
    return list(session.scalars(select(NotificationRow).where(NotificationRow.id.in_(ids))))


def prune(session: Session, before: datetime) -> None:
    """Delete what is older than that and not waiting to be mailed."""
    old = (NotificationRow.created_at < before, NotificationRow.mail_after.is_(None))
    session.execute(delete(NotificationRow).where(*old))
