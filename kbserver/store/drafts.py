"""Drafts as rows: made, found, saved under their version, and gone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kbserver.domain.articles import Stage
from kbserver.domain.drafts import Draft, Origin
from kbserver.domain.limits import MAX_ROW_NUMBER
from kbserver.store.models import DraftRow


@dataclass(frozen=True, slots=True)
class NewDraft:
    """A draft that is to be made."""

    article_id: str
    base_revision: int
    markdown: str
    sha256: str
    title: str
    author: str
    at: datetime
    author_id: int | None = None
    origin: Origin = Origin.HUMAN
    path: str = ""
    reason: str = ""
    stage: Stage = Stage.DRAFT
    is_by_reviewer: bool = False


def add(session: Session, new: NewDraft) -> Draft:
    """The draft, as it stands now."""
    row = DraftRow(
        article_id=new.article_id,
        base_revision=new.base_revision,
        version=1,
        stage=new.stage,
        markdown=new.markdown,
        sha256=new.sha256,
        title=new.title,
        path=new.path or None,
        origin=new.origin,
        author_id=new.author_id,
        author=new.author,
        reason=new.reason,
        sent_back_reason="",
        approved_by="",
        is_validated=False,
        is_by_reviewer=new.is_by_reviewer,
        created_at=new.at,
        updated_at=new.at,
        updated_by=new.author,
        submitted_at=new.at if new.stage is Stage.IN_REVIEW else None,
    )
    session.add(row)
    session.flush()
    return draft_of(row)


def row_of(session: Session, draft_id: int) -> DraftRow | None:
    """The row itself, for those who change it; None for a number that none has."""
    return session.get(DraftRow, draft_id) if 0 < draft_id <= MAX_ROW_NUMBER else None


def get(session: Session, draft_id: int) -> Draft | None:
    """The draft with that number."""
    row = row_of(session, draft_id)
    return draft_of(row) if row else None


def of_article(session: Session, article_id: str) -> list[Draft]:
    """All drafts of one article, the one changed last first."""
    query = select(DraftRow).where(DraftRow.article_id == article_id)
    return [draft_of(row) for row in session.scalars(query.order_by(DraftRow.updated_at.desc(), DraftRow.id))]


def in_stages(session: Session, stages: Collection[Stage]) -> list[Draft]:
    """All drafts in these stages, the one that waits longest first."""
    query = select(DraftRow).where(DraftRow.stage.in_(sorted(stages)))
    return [draft_of(row) for row in session.scalars(query.order_by(DraftRow.updated_at, DraftRow.id))]


def by_author(session: Session, author_id: int) -> list[Draft]:
    """Somebody's own drafts, the one changed last first."""
    query = select(DraftRow).where(DraftRow.author_id == author_id)
    return [draft_of(row) for row in session.scalars(query.order_by(DraftRow.updated_at.desc(), DraftRow.id))]


def article_ids(session: Session) -> list[str]:
    """The ids that drafts have taken for articles, published or not."""
    return list(session.scalars(select(DraftRow.article_id).distinct()))


@dataclass(frozen=True, slots=True)
class SavedText:
    """What a draft is to hold from now on."""

    markdown: str
    sha256: str
    title: str
    reason: str
    by: str
    is_by_reviewer: bool
    at: datetime


def save(session: Session, draft_id: int, version: int, text: SavedText) -> bool:
    """Replace the text if the draft still has this version; gives whether it had.

    The version grows only where something changed.
    """
    row = session.get(DraftRow, draft_id)
    if row is None or row.version != version:
        return False
    if (row.sha256, row.reason) != (text.sha256, text.reason):
        row.markdown, row.sha256, row.title, row.reason = text.markdown, text.sha256, text.title, text.reason
        row.version, row.updated_at, row.updated_by = version + 1, text.at, text.by
        row.is_by_reviewer = text.is_by_reviewer
        withdraw_approval(row)
    return True


def withdraw_approval(row: DraftRow) -> None:
    """Make the draft one that nobody has approved; what was approved was the text before."""
    row.approved_by, row.publish_at, row.is_validated = "", None, False


def due(session: Session, now: datetime) -> list[int]:
    """The approved drafts whose time has come, the earliest first."""
    query = select(DraftRow.id).where(DraftRow.stage == Stage.IN_REVIEW, DraftRow.publish_at <= now)
    return list(session.scalars(query.order_by(DraftRow.publish_at, DraftRow.id)))


def renew(session: Session, draft_id: int, new: NewDraft) -> None:
    """Give a draft the text of `new` and put it into review; an approval was of the text before."""
    row = session.get_one(DraftRow, draft_id)
    row.markdown, row.sha256, row.title, row.path = new.markdown, new.sha256, new.title, new.path or None
    row.base_revision, row.reason, row.stage = new.base_revision, new.reason, Stage.IN_REVIEW
    row.version, row.updated_at, row.submitted_at = row.version + 1, new.at, new.at
    row.updated_by, row.is_by_reviewer, row.sent_back_reason = new.author, new.is_by_reviewer, ""
    withdraw_approval(row)


def move(session: Session, draft_id: int, path: str) -> None:
    """Note where the draft's file lies now."""
    session.get_one(DraftRow, draft_id).path = path


def remove(session: Session, draft_id: int) -> None:
    """Take the draft away, with what was said of it."""
    row = session.get(DraftRow, draft_id)
    if row is not None:
        session.delete(row)


def draft_of(row: DraftRow) -> Draft:
    """The row as a value."""
    return Draft(
        id=row.id,
        article_id=row.article_id,
        base_revision=row.base_revision,
        version=row.version,
        stage=Stage(row.stage),
        markdown=row.markdown,
        sha256=row.sha256,
        title=row.title,
        path=row.path or "",
        origin=Origin(row.origin),
        author_id=row.author_id,
        author=row.author,
        reviewer_id=row.reviewer_id,
        reason=row.reason,
        sent_back_reason=row.sent_back_reason,
        created_at=row.created_at,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
        submitted_at=row.submitted_at,
        approved_by=row.approved_by,
        publish_at=row.publish_at,
        is_validated=row.is_validated,
        is_by_reviewer=row.is_by_reviewer,
    )
