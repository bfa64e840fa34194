"""Articles as they are published: current facts, facets, and every revision."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, exists
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from kbserver.domain.tasks import FLAGS
from kbserver.store.models.base import BIG_ID, Base, Moment
from kbserver.store.models.trust import TaskRow


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
    valid_to: Mapped[date | None] = mapped_column(Date)
    """The last day on which readers outside the house see it."""
    superseded_by: Mapped[str | None] = mapped_column(String(64))
    """The article that readers of this archived one are sent to."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    facets: Mapped[list[FacetRow]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="FacetRow.position"
    )
    needs_update: Mapped[bool] = column_property(
        exists()
        .where(TaskRow.article_id == id, TaskRow.closed_at.is_(None), TaskRow.kind.in_(FLAGS))
        .correlate_except(TaskRow)
    )
    """Whether something that a reader said of it is still open."""

    __table_args__ = (
        Index(None, "stage", "audience", "updated_at"),
        Index(None, "category"),
    )


class FacetRow(Base):
    """One facet value of an article, in the order of its file."""

    __tablename__ = "article_facets"

    article_id: Mapped[str] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
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
    approver: Mapped[str] = mapped_column(String(200), default="")
    """Who approved it; empty where nobody had to."""
    origin: Mapped[str] = mapped_column(String(16), default="")
    reason: Mapped[str] = mapped_column(Text)
    stage: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (UniqueConstraint("article_id", "number"),)
