"""Queries for queues: drafts without their texts, and counts."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from kbserver.domain.articles import Stage
from kbserver.domain.drafts import Origin
from kbserver.domain.queue import QueuedDraft
from kbserver.store.articles import Visible
from kbserver.store.models import AccountRow, ArticleRow, DraftCommentRow, DraftRow, TaskRow


def in_review(session: Session, author_id: int | None, limit: int) -> list[QueuedDraft]:
    """Drafts in review, the one that waits longest first and approved ones last; all authors', or one's."""
    where = [DraftRow.stage == Stage.IN_REVIEW, *([DraftRow.author_id == author_id] if author_id else [])]
    order = (DraftRow.publish_at.is_not(None), DraftRow.publish_at, DraftRow.submitted_at, DraftRow.id)
    return _read(session, _drafts(where).order_by(*order).limit(limit))


def own(session: Session, author_id: int, limit: int) -> list[QueuedDraft]:
    """Somebody's drafts: those that were sent back, then those being written, then those in review."""
    order = (
        DraftRow.stage != Stage.DRAFT,
        DraftRow.sent_back_reason == "",
        DraftRow.updated_at.desc(),
        DraftRow.id,
    )
    return _read(session, _drafts([DraftRow.author_id == author_id]).order_by(*order).limit(limit))


def count_in_review(session: Session, *, author_id: int | None = None, not_author_id: int | None = None) -> int:
    """Drafts in review that nobody has approved: all, one author's, or all but one's."""
    where = [DraftRow.stage == Stage.IN_REVIEW, DraftRow.publish_at.is_(None)]
    if author_id is not None:
        where.append(DraftRow.author_id == author_id)
    if not_author_id is not None:
        where.append(DraftRow.author_id.is_distinct_from(not_author_id))
    return session.scalar(select(func.count()).select_from(DraftRow).where(*where)) or 0


def count_own(session: Session, author_id: int) -> tuple[int, int]:
    """Somebody's drafts that are not in review, and how many of them were sent back."""
    sent_back = func.count().filter(DraftRow.sent_back_reason != "")
    query = select(func.count(), sent_back).where(DraftRow.author_id == author_id, DraftRow.stage == Stage.DRAFT)
    total, back = session.execute(query).one()
    return total, back


def count_open_tasks(session: Session, visible: Visible) -> int:
    """Open tasks on articles that may be shown."""
    query = select(func.count()).select_from(TaskRow).join(ArticleRow, ArticleRow.id == TaskRow.article_id)
    return session.scalar(query.where(TaskRow.closed_at.is_(None), visible.clause)) or 0


def name_of(session: Session, account_id: int | None) -> str:
    """How an account is called on pages, empty for none."""
    return session.scalar(select(AccountRow.display_name).where(AccountRow.id == account_id)) or ""


def _drafts(where: Collection[ColumnElement[bool]]) -> Select[tuple[DraftRow, str | None, int]]:
    comments = (
        select(func.count())
        .where(DraftCommentRow.draft_id == DraftRow.id, DraftCommentRow.resolved_at.is_(None))
        .scalar_subquery()
    )
    columns = (
        DraftRow.id,
        DraftRow.article_id,
        DraftRow.title,
        DraftRow.base_revision,
        DraftRow.stage,
        DraftRow.origin,
        DraftRow.author,
        DraftRow.author_id,
        AccountRow.display_name,
        DraftRow.reviewer_id,
        DraftRow.submitted_at,
        DraftRow.updated_at,
        DraftRow.publish_at,
        DraftRow.approved_by,
        DraftRow.sent_back_reason,
        comments,
    )
    return select(*columns).outerjoin(AccountRow, AccountRow.id == DraftRow.reviewer_id).where(*where)


def _read(session: Session, query: Select[tuple[DraftRow, str | None, int]]) -> list[QueuedDraft]:
    found = []
    for draft_id, article_id, title, base, stage, origin, author, author_id, reviewer, *rest in session.execute(query):
        names = (author, author_id, reviewer or "")
        found.append(QueuedDraft(draft_id, article_id, title, base, Stage(stage), Origin(origin), *names, *rest))
    return found
