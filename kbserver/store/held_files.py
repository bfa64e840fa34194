"""Files that are known and not published."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from kbserver.domain.folder import HeldFile, Hold
from kbserver.store.models import HeldFileRow


def all_held(session: Session) -> list[HeldFile]:
    """Every held file by path."""
    return [_held(row) for row in session.scalars(select(HeldFileRow).order_by(HeldFileRow.path))]


def at_path(session: Session, path: str) -> HeldFile | None:
    """The held file at that path."""
    row = session.get(HeldFileRow, path)
    return _held(row) if row else None


def of_article(session: Session, article_id: str) -> HeldFile | None:
    """The held file of an article; it has one at most."""
    row = session.scalar(select(HeldFileRow).where(HeldFileRow.article_id == article_id))
    return _held(row) if row else None


def decided(session: Session) -> list[HeldFile]:
    """Files whose draft is gone: their text was published, or was not taken."""
    query = select(HeldFileRow).where(HeldFileRow.draft_id.is_(None), HeldFileRow.hold != Hold.REMOVED)
    return [_held(row) for row in session.scalars(query.order_by(HeldFileRow.path))]


def article_ids(session: Session) -> list[str]:
    """The ids of articles that held files speak of."""
    return list(session.scalars(select(HeldFileRow.article_id)))


def hold(session: Session, held: HeldFile) -> None:
    """Hold the file, in place of whatever was held at its path or of its article."""
    for row in session.scalars(select(HeldFileRow).where(HeldFileRow.article_id == held.article_id)):
        if row.path != held.path:
            session.delete(row)
    row = session.get(HeldFileRow, held.path) or HeldFileRow(path=held.path)
    row.article_id, row.file_hash, row.hold = held.article_id, held.file_hash, held.hold
    row.draft_id, row.seen_at = held.draft_id, held.seen_at
    session.add(row)
    session.flush()


def release(session: Session, path: str) -> None:
    """Forget that the file was held."""
    row = session.get(HeldFileRow, path)
    if row is not None:
        session.delete(row)
        session.flush()


def _held(row: HeldFileRow) -> HeldFile:
    return HeldFile(row.path, row.article_id, row.file_hash, Hold(row.hold), row.draft_id, row.seen_at)
