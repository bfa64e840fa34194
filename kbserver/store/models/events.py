"""What readers did: searches, and what they did with articles."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kbserver.store.models.base import BIG_ID, Base, Moment


class SearchEventRow(Base):
    """One search; the asker is known only as an HMAC."""

    __tablename__ = "search_events"

    search_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
    actor: Mapped[str] = mapped_column(String(64))
    audience: Mapped[str] = mapped_column(String(16))
    query: Mapped[str] = mapped_column(Text)
    mode: Mapped[str] = mapped_column(String(16))
    total: Mapped[int] = mapped_column(Integer)
    shown: Mapped[list[str]] = mapped_column(JSON)
    degraded: Mapped[bool]
    no_good_answer: Mapped[bool]
    took_ms: Mapped[float]


class FeedbackRow(Base):
    """What somebody did with an article; `search_id` may name a search that has been pruned."""

    __tablename__ = "open_events"

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
    actor: Mapped[str] = mapped_column(String(64))
    search_id: Mapped[str] = mapped_column(String(26))
    article_id: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    comment: Mapped[str] = mapped_column(Text)


class VerdictRow(Base):
    """Whether an article helped with a search, once for each who says so; never a value of the article itself."""

    __tablename__ = "verdicts"

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    search_id: Mapped[str] = mapped_column(String(26))
    article_id: Mapped[str] = mapped_column(String(64), index=True)
    actor: Mapped[str] = mapped_column(String(64))
    helped: Mapped[bool]
    comment: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)

    __table_args__ = (UniqueConstraint("search_id", "article_id", "actor"),)
