"""Tables. What they mean to people is said in `domain`; here is only how they are kept."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

CONSTRAINT_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
# SQLite numbers rows by itself only for a column declared exactly INTEGER.
BIG_ID = BigInteger().with_variant(Integer, "sqlite")


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime, also on SQLite, which forgets time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables, with names for constraints so that migrations can speak of them."""

    metadata = MetaData(naming_convention=CONSTRAINT_NAMES)


class ArticleRow(Base):
    """The current facts of an article, taken from its current revision."""

    __tablename__ = "articles"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    path: Mapped[str | None] = mapped_column(String(1024), unique=True)
    file_hash: Mapped[str] = mapped_column(String(64))
    stage: Mapped[str] = mapped_column(String(16))
    revision: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(String(16))
    category: Mapped[str] = mapped_column(String(512))
    audience: Mapped[str] = mapped_column(String(16))
    lang: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    owner: Mapped[str] = mapped_column(String(200))
    excerpt: Mapped[str] = mapped_column(Text)
    verified_at: Mapped[date | None] = mapped_column(Date)
    verified_until: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    facets: Mapped[list[FacetRow]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="FacetRow.position"
    )

    __table_args__ = (
        Index(None, "stage", "audience", "updated_at"),
        Index(None, "category"),
    )


class FacetRow(Base):
    """One facet value of an article, in the order of its file."""

    __tablename__ = "article_facets"

    article_id: Mapped[str] = mapped_column(
        ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True
    )
    facet: Mapped[str] = mapped_column(String(16), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    value: Mapped[str] = mapped_column(String(200))

    __table_args__ = (Index(None, "facet", "value"),)


class RevisionRow(Base):
    """One version of an article's whole text; rows are added and never changed."""

    __tablename__ = "revisions"

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    article_id: Mapped[str] = mapped_column(ForeignKey("articles.id"))
    number: Mapped[int] = mapped_column(Integer)
    markdown: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    author: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text)
    stage: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (UniqueConstraint("article_id", "number"),)


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


class LeaseRow(Base):
    """Which process does the work that only one may do."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(Moment)


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
