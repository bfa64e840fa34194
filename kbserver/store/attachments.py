"""Files of articles as rows; their bytes are `store.blobs`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kbserver.domain.attachments import Attachment
from kbserver.store.models import AttachmentRow, RevisionRow


def add(session: Session, new: Attachment) -> Attachment:
    """The file as a row; where the article has it already, that one, which now belongs to the new draft."""
    row = _row(session, new.article_id, new.name)
    if row is None:
        row = AttachmentRow(
            id=new.id,
            article_id=new.article_id,
            name=new.name,
            content_type=new.content_type,
            size_bytes=new.size_bytes,
            sha256=new.sha256,
            created_by=new.created_by,
            created_at=new.created_at,
        )
        session.add(row)
    row.draft_id = new.draft_id
    session.flush()
    return attachment_of(row)


def get(session: Session, article_id: str, name: str) -> Attachment | None:
    """The article's file of that name."""
    row = _row(session, article_id, name)
    return attachment_of(row) if row else None


def of_article(session: Session, article_id: str) -> list[Attachment]:
    """All files of an article and its drafts, in the order in which they came."""
    query = select(AttachmentRow).where(AttachmentRow.article_id == article_id).order_by(AttachmentRow.id)
    return [attachment_of(row) for row in session.scalars(query)]


def count_of(session: Session, article_id: str) -> int:
    """How many files an article and its drafts have."""
    query = select(func.count()).select_from(AttachmentRow).where(AttachmentRow.article_id == article_id)
    return session.scalar(query) or 0


def is_in_history(session: Session, attachment: Attachment) -> bool:
    """Whether a revision of the article names the file, so that its history would be torn without it."""
    named = [
        RevisionRow.markdown.contains(text, autoescape=True) for text in (attachment.target, f"files/{attachment.name}")
    ]
    query = select(RevisionRow.id).where(RevisionRow.article_id == attachment.article_id, named[0] | named[1])
    return session.scalar(query.limit(1)) is not None


def loose_before(session: Session, moment: datetime) -> list[Attachment]:
    """Files that came before that moment and whose draft is no more."""
    query = select(AttachmentRow).where(AttachmentRow.draft_id.is_(None), AttachmentRow.created_at < moment)
    return [attachment_of(row) for row in session.scalars(query.order_by(AttachmentRow.id))]


def hashes(session: Session) -> set[str]:
    """The hashes of all files that rows know."""
    return set(session.scalars(select(AttachmentRow.sha256).distinct()))


def remove(session: Session, attachment: Attachment) -> None:
    """Take the row away; the bytes stay, since another row may have the same."""
    row = session.get(AttachmentRow, attachment.id)
    if row is not None:
        session.delete(row)


def attachment_of(row: AttachmentRow) -> Attachment:
    """The row as a value."""
    return Attachment(
        id=row.id,
        article_id=row.article_id,
        draft_id=row.draft_id,
        name=row.name,
        content_type=row.content_type,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        created_by=row.created_by,
        created_at=row.created_at,
    )


def _row(session: Session, article_id: str, name: str) -> AttachmentRow | None:
    where = (AttachmentRow.article_id == article_id, AttachmentRow.name == name)
    return session.scalar(select(AttachmentRow).where(*where))
