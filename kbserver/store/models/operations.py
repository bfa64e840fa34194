"""What keeps the parts in step: the outbox with its cursors, the audit record, files that wait, leases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kbserver.store.models.base import BIG_ID, Base, Moment


class OutboxRow(Base):
    """Something that happened, for consumers to catch up with in the order of `seq`."""

    __tablename__ = "outbox"

    seq: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(32))
    article_id: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Moment)

    # A number that was deleted must not come back, or a consumer would miss the new row.
    __table_args__ = ({"sqlite_autoincrement": True},)


class CursorRow(Base):
    """How far a consumer of the outbox has come."""

    __tablename__ = "outbox_cursors"

    consumer: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(BIG_ID)


class AuditRow(Base):
    """Who did what to what."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(1024))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class QuarantineRow(Base):
    """A file that could not become an article."""

    __tablename__ = "quarantined_files"

    path: Mapped[str] = mapped_column(String(1024), primary_key=True)
    line: Mapped[int] = mapped_column(Integer)
    zh: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)
    file_hash: Mapped[str] = mapped_column(String(64))
    seen_at: Mapped[datetime] = mapped_column(Moment)


class HeldFileRow(Base):
    """A file whose text is known and not published; `file_hash` is empty for one that was removed."""

    __tablename__ = "held_files"

    path: Mapped[str] = mapped_column(String(1024), primary_key=True)
    article_id: Mapped[str] = mapped_column(String(64), index=True)
    file_hash: Mapped[str] = mapped_column(String(64))
    hold: Mapped[str] = mapped_column(String(16))
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("drafts.id", ondelete="SET NULL"), index=True)
    seen_at: Mapped[datetime] = mapped_column(Moment)


class LeaseRow(Base):
    """Which process does the work that only one may do."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(Moment)
