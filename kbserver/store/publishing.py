"""Writes that change what is published: revision, facts, audit and outbox in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from indexer.articles import Article
from kbserver.domain.articles import Stage
from kbserver.domain.drafts import Draft
from kbserver.store.models import ArticleRow, AuditRow, FacetRow, OutboxRow, RevisionRow

STORED_FACETS = ("product", "model", "version", "platform", "tag")
"""Facets kept as rows; a category is a column, because it has ancestors."""

CHANGED = "article.changed"
ARCHIVED = "article.archived"
SUBMITTED = "draft.submitted"
SENT_BACK = "draft.sent_back"
SCHEDULED = "draft.scheduled"
OUTDATED = "draft.outdated"
"""An approved draft could not be published when its time came, because the article had changed."""

TASK_OPENED = "task.opened"
TASK_CLOSED = "task.closed"


@dataclass(frozen=True, slots=True)
class NewRevision:
    """A text that is to become an article's next revision."""

    article: Article
    path: str
    markdown: str
    sha256: str
    author: str
    reason: str
    excerpt: str
    verified_until: date | None
    at: datetime
    approver: str = ""
    origin: str = ""
    actor: str = ""
    """Who did it, as the audit record tells; empty for the author."""
    is_on_disk: bool = False
    """Whether the file at `path` holds this text already, because it came from there."""


def unused_path(session: Session, path: str) -> str:
    """The path, or one with a number where another article's file lies there already."""
    stem, dot, suffix = path.rpartition(".")
    number, free = 1, path
    while session.scalar(select(ArticleRow.id).where(ArticleRow.path == free)):
        number += 1
        free = f"{stem}-{number}{dot}{suffix}"
    return free


def article_ids(session: Session) -> list[str]:
    """The ids of all articles that ever were."""
    return list(session.scalars(select(ArticleRow.id)))


def published_count(session: Session) -> int:
    """Articles that are published."""
    published = ArticleRow.stage == Stage.PUBLISHED
    return session.scalar(select(func.count()).select_from(ArticleRow).where(published)) or 0


def publish(session: Session, new: NewRevision) -> int:
    """Make the text the article's published revision; gives its number."""
    number = _next_number(session, new.article.id)
    row = session.get(ArticleRow, new.article.id)
    if row is None:
        row = ArticleRow(id=new.article.id, created_at=new.at, file_hash="")
        session.add(row)
    row.revision, row.stage, row.superseded_by, row.path = number, Stage.PUBLISHED, None, new.path
    if new.is_on_disk:
        row.file_hash = new.sha256
    _set_facts(row, new)
    _add_revision(session, new, number)
    _tell(session, CHANGED, new.article.id, {"revision": number}, new.at)
    detail = {"revision": number, "path": new.path, "author": new.author, "approver": new.approver}
    said = {key: value for key, value in detail.items() if value}
    audit(session, new.actor or new.author, "publish", new.article.id, said, new.at)
    return number


def archive(
    session: Session,
    article_id: str,
    at: datetime,
    actor: str,
    reason: str,
    superseded_by: str | None = None,
    *,
    file_is_gone: bool = False,
) -> None:
    """Take an article from readers, who are sent to another one if one is named.

    Its revisions stay. Its file, unless it is gone already, is removed afterwards.
    """
    row = session.get_one(ArticleRow, article_id)
    row.stage, row.superseded_by, row.updated_at = Stage.ARCHIVED, superseded_by, at
    _tell(session, ARCHIVED, article_id, {"actor": actor, "path": row.path, "reason": reason}, at)
    if file_is_gone:
        row.path, row.file_hash = None, ""
    detail = {"reason": reason} | ({"superseded_by": superseded_by} if superseded_by else {})
    audit(session, actor, "archive", article_id, detail, at)


def tell_of_draft(session: Session, kind: str, draft: Draft, payload: Mapping[str, Any], at: datetime) -> None:
    """Let consumers know of something that happened to a draft."""
    told = {"draft": draft.id, "author_id": draft.author_id, "title": draft.title, **payload}
    _tell(session, kind, draft.article_id, told, at)


def tell_of_task(session: Session, kind: str, article_id: str, task_id: int, at: datetime) -> None:
    """Let consumers know that a task was opened or closed."""
    _tell(session, kind, article_id, {"task": task_id}, at)


def audit(session: Session, actor: str, action: str, subject: str, detail: Mapping[str, Any], at: datetime) -> None:
    """Add a line to the audit record."""
    session.add(AuditRow(created_at=at, actor=actor, action=action, subject=subject, detail=dict(detail)))


def _next_number(session: Session, article_id: str) -> int:
    highest = select(func.max(RevisionRow.number)).where(RevisionRow.article_id == article_id)
    return (session.scalar(highest) or 0) + 1


def _add_revision(session: Session, new: NewRevision, number: int) -> None:
    # A revision refers to its article, and the mapping does not tell the session so.
    session.flush()
    session.add(
        RevisionRow(
            article_id=new.article.id,
            number=number,
            markdown=new.markdown,
            sha256=new.sha256,
            author=new.author,
            reason=new.reason,
            approver=new.approver,
            origin=new.origin,
            stage=Stage.PUBLISHED,
            created_at=new.at,
        )
    )


def _set_facts(row: ArticleRow, new: NewRevision) -> None:
    article = new.article
    row.title, row.type, row.category = article.title, article.type, article.category
    row.audience, row.lang, row.state = article.audience, article.lang, article.state
    row.owner, row.excerpt = article.owner, new.excerpt
    row.verified_at, row.verified_until = article.verified_at, new.verified_until
    row.valid_to = article.valid_to
    row.updated_at = article.updated_at or new.at
    row.facets = [
        FacetRow(facet=facet, position=position, value=value)
        for facet in STORED_FACETS
        for position, value in enumerate(dict.fromkeys(article.facet_values(facet)))
    ]


def _tell(session: Session, kind: str, article_id: str, payload: dict[str, Any], at: datetime) -> None:
    session.add(OutboxRow(kind=kind, article_id=article_id, payload=payload, created_at=at))
