"""Files that could not become articles."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kbserver.domain.articles import QuarantinedFile
from kbserver.store.models import QuarantineRow


def quarantined(session: Session) -> list[QuarantinedFile]:
    """All quarantined files by path."""
    rows = session.scalars(select(QuarantineRow).order_by(QuarantineRow.path))
    return [QuarantinedFile(row.path, row.line, row.zh, row.en, row.seen_at) for row in rows]


def quarantined_hashes(session: Session) -> dict[str, str]:
    """The hash that each quarantined file had, by path."""
    return dict(session.execute(select(QuarantineRow.path, QuarantineRow.file_hash)).all())


def set_aside(session: Session, file: QuarantinedFile, file_hash: str) -> None:
    """Quarantine a file, or renew what is known of it."""
    row = session.get(QuarantineRow, file.path) or QuarantineRow(path=file.path)
    row.line, row.zh, row.en = file.line, file.zh, file.en
    row.file_hash, row.seen_at = file_hash, file.seen_at
    session.add(row)


def release(session: Session, path: str) -> None:
    """Forget that a file was quarantined."""
    row = session.get(QuarantineRow, path)
    if row is not None:
        session.delete(row)


def seen(at: datetime, path: str, line: int, zh: str, en: str) -> QuarantinedFile:
    """A quarantined file as seen at a moment, its reason cut to what a table cell can show."""
    return QuarantinedFile(path, line, zh[:1000], en[:1000], at)
