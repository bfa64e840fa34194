"""Remarks on drafts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kbserver.domain.comments import Comment
from kbserver.domain.limits import MAX_ROW_NUMBER
from kbserver.store.models import DraftCommentRow


def add(
    session: Session, draft_id: int, author_id: int | None, author: str, quote: str, body: str, at: datetime
) -> Comment:
    """The remark, as it stands now."""
    row = DraftCommentRow(
        draft_id=draft_id, author_id=author_id, author=author, quote=quote, body=body, created_at=at, resolved_at=None
    )
    session.add(row)
    session.flush()
    return comment_of(row)


def of_draft(session: Session, draft_id: int) -> list[Comment]:
    """All remarks on a draft, oldest first."""
    query = select(DraftCommentRow).where(DraftCommentRow.draft_id == draft_id).order_by(DraftCommentRow.id)
    return [comment_of(row) for row in session.scalars(query)]


def row_of(session: Session, comment_id: int) -> DraftCommentRow | None:
    """The row itself, for those who change it."""
    return session.get(DraftCommentRow, comment_id) if 0 < comment_id <= MAX_ROW_NUMBER else None


def count(session: Session, draft_id: int) -> int:
    """How many remarks there are on a draft."""
    return session.scalar(select(func.count()).where(DraftCommentRow.draft_id == draft_id)) or 0


def comment_of(row: DraftCommentRow) -> Comment:
    """The row as a value."""
    return Comment(
        row.id, row.draft_id, row.author_id, row.author, row.quote, row.body, row.created_at, row.resolved_at
    )
