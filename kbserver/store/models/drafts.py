"""Texts on their way to being published: drafts, what reviewers say of them, files that belong to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kbserver.store.models.base import BIG_ID, Base, Moment


class DraftRow(Base):
    """A text that is not published: a new article, or a change to one. It goes when it is published.

    Several drafts of one article may stand beside each other; `base_revision` says which published
    revision each began from (0: none), and publishing one that is no longer current is a conflict.
    """

    __tablename__ = "drafts"

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    article_id: Mapped[str] = mapped_column(String(64), index=True)
    base_revision: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    """Grows with every save; a save that names an older one is refused."""
    stage: Mapped[str] = mapped_column(String(16))
    markdown: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(Text)
    path: Mapped[str | None] = mapped_column(String(1024))
    """Where the file lies or is to lie; NULL until publishing decides."""
    origin: Mapped[str] = mapped_column(String(16))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    author: Mapped[str] = mapped_column(String(200))
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    reason: Mapped[str] = mapped_column(Text)
    """What the author says the change is for; stands in the revision record."""
    sent_back_reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    updated_by: Mapped[str] = mapped_column(String(200))
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    approved_by: Mapped[str] = mapped_column(String(200))
    publish_at: Mapped[datetime | None] = mapped_column(Moment)
    """When an approved draft is to be published; NULL for at once."""
    is_validated: Mapped[bool]
    """Whether that approval says that the steps hold."""
    is_by_reviewer: Mapped[bool]
    """Whether the text as it stands was saved by somebody who may review."""

    # A number that was given once must not come back: links in mails name drafts by it.
    __table_args__ = (Index(None, "stage", "updated_at"), Index(None, "author_id"), {"sqlite_autoincrement": True})


class DraftCommentRow(Base):
    """A remark on a draft; `quote` is the passage of the text it speaks of, empty for the whole."""

    __tablename__ = "draft_comments"

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    author: Mapped[str] = mapped_column(String(200))
    quote: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    resolved_at: Mapped[datetime | None] = mapped_column(Moment)


class AttachmentRow(Base):
    """A file that an article or a draft shows or offers; its bytes lie in the data folder by hash.

    Readers of the article get it once the published text names it. Until then it is seen by those
    who see the draft that it was put into, or another draft of the article whose text names it.
    """

    __tablename__ = "attachments"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    article_id: Mapped[str] = mapped_column(String(64))
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("drafts.id", ondelete="SET NULL"), index=True)
    """The draft it was put into; NULL once that is published or gone."""
    name: Mapped[str] = mapped_column(String(200))
    """What follows `files/` in the text's link; it holds the beginning of the hash, so one name is one content."""
    content_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    created_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (UniqueConstraint("article_id", "name"),)
