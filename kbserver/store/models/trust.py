"""What keeps articles right: tasks that somebody has to see to, subscriptions, notifications."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kbserver.store.models.base import BIG_ID, Base, Moment


class TaskRow(Base):
    """Something about an article that its owner is to see to; open until `closed_at`."""

    __tablename__ = "tasks"

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    article_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    detail: Mapped[str] = mapped_column(Text)
    search_id: Mapped[str] = mapped_column(String(26))
    opened_by: Mapped[str] = mapped_column(String(200))
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    actor: Mapped[str] = mapped_column(String(64), default="")
    """An HMAC that tells readers without an account apart, so that one does not flag the same thing twice."""
    due_on: Mapped[date | None] = mapped_column(Date)
    """The day a reminder is about; an article has one reminder for a day."""
    opened_at: Mapped[datetime] = mapped_column(Moment)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"), index=True)
    resolution: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text)
    closed_by: Mapped[str] = mapped_column(String(200))
    closed_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        Index(None, "article_id", "closed_at"),
        Index(None, "closed_at", "opened_at"),
        UniqueConstraint("article_id", "kind", "due_on"),
    )


class SubscriptionRow(Base):
    """A category, product or article whose news somebody wants."""

    __tablename__ = "subscriptions"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    value: Mapped[str] = mapped_column(String(512), primary_key=True)


class NotificationRow(Base):
    """One piece of news for one person, shown in the page and sent by mail once."""

    __tablename__ = "notifications"

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(32))
    article_id: Mapped[str] = mapped_column(String(64))
    draft_id: Mapped[int | None] = mapped_column(BIG_ID)
    task_id: Mapped[int | None] = mapped_column(BIG_ID)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)
    mail_after: Mapped[datetime | None] = mapped_column(Moment)
    """When to send it by mail, or to try again; NULL when that is done, not wanted, or given up."""
    mail_attempts: Mapped[int] = mapped_column(Integer, default=0)
    mailed_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (Index(None, "account_id", "read_at"), Index(None, "mail_after"))


class NoticeSettingsRow(Base):
    """How somebody wants to be told; without a row, by mail of everything in the site's language."""

    __tablename__ = "notice_settings"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    lang: Mapped[str] = mapped_column(String(8))
    muted: Mapped[list[str]] = mapped_column(JSON)
    """Kinds of notification that are not mailed."""
