"""Where articles lie in the folder, and which text the two sides last had in common."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, and_, case, or_, select
from sqlalchemy.orm import Session

from kbserver.domain.articles import Stage
from kbserver.domain.folder import KnownFile
from kbserver.store.models import ArticleRow, CursorRow, RevisionRow
from kbserver.store.publishing import audit

FIRST_IMPORT = "first-import"
"""Cursor of the import into an empty database: 1 while it is under way."""


def known_files(session: Session) -> dict[str, KnownFile]:
    """Every file that stands for an article, by path."""
    rows = session.execute(_KNOWN.where(ArticleRow.path.is_not(None)))
    return {known.path: known for known in (KnownFile(i, p or "", h, Stage(s), n, d) for i, p, h, s, n, d in rows)}


def known_file(session: Session, *, path: str = "", article_id: str = "") -> KnownFile | None:
    """The file at a path, or of an article; None when the database has none."""
    where = ArticleRow.path == path if path else ArticleRow.id == article_id
    row = session.execute(_KNOWN.where(where)).one_or_none()
    return KnownFile(row[0], row[1] or "", row[2], Stage(row[3]), row[4], row[5]) if row else None


def out_of_step(session: Session, ids: Sequence[str] | None = None) -> list[str]:
    """Those of `ids`, or of all articles, whose file is not what the database says, by id."""
    wanted = case((ArticleRow.stage == Stage.PUBLISHED, RevisionRow.sha256), else_="")
    differs = or_(
        and_(ArticleRow.stage == Stage.PUBLISHED, ArticleRow.file_hash != wanted),
        and_(ArticleRow.stage == Stage.ARCHIVED, ArticleRow.path.is_not(None)),
    )
    query = select(ArticleRow.id).join(RevisionRow, _CURRENT).where(differs).order_by(ArticleRow.id)
    return list(session.scalars(query if ids is None else query.where(ArticleRow.id.in_(ids))))


def text_of(session: Session, article_id: str) -> str:
    """The article's current text."""
    return session.scalars(
        select(RevisionRow.markdown).join(ArticleRow, _CURRENT).where(ArticleRow.id == article_id)
    ).one()


def revision_with(session: Session, article_id: str, sha256: str) -> int:
    """The number of the newest revision with that text, 0 when there is none."""
    query = select(RevisionRow.number).where(RevisionRow.article_id == article_id, RevisionRow.sha256 == sha256)
    return session.scalar(query.order_by(RevisionRow.number.desc()).limit(1)) or 0


def note_common(session: Session, article_id: str, file_hash: str) -> None:
    """Note the text that the file holds now and the database knows."""
    session.get_one(ArticleRow, article_id).file_hash = file_hash


def note_gone(session: Session, article_id: str) -> None:
    """Note that an archived article has no file any more, so that its name is free."""
    row = session.get_one(ArticleRow, article_id)
    row.path, row.file_hash = None, ""


def move(session: Session, article_id: str, path: str, at: datetime, actor: str) -> None:
    """Note that an article's file has another name now; no new revision."""
    row = session.get_one(ArticleRow, article_id)
    before, row.path = row.path, path
    audit(session, actor, "move", article_id, {"from": before, "to": path}, at)
    session.flush()


def free_path(session: Session, path: str, article_id: str) -> str | None:
    """Take a file name from any other article; gives that article's id."""
    other = session.scalar(select(ArticleRow).where(ArticleRow.path == path, ArticleRow.id != article_id))
    if other is None:
        return None
    other.path = None
    session.flush()
    return other.id


def begin_first_import(session: Session) -> bool:
    """Whether this is the first import: into a database without articles, or going on with one cut off."""
    row = session.get(CursorRow, FIRST_IMPORT)
    if row is not None:
        return row.seq == 1
    is_empty = session.scalar(select(ArticleRow.id).limit(1)) is None
    session.add(CursorRow(consumer=FIRST_IMPORT, seq=int(is_empty)))
    return is_empty


def end_first_import(session: Session) -> None:
    """From now on files are changes."""
    session.get_one(CursorRow, FIRST_IMPORT).seq = 0


_CURRENT = and_(RevisionRow.article_id == ArticleRow.id, RevisionRow.number == ArticleRow.revision)
_KNOWN: Select[tuple[str, str | None, str, str, int, str]] = select(
    ArticleRow.id, ArticleRow.path, ArticleRow.file_hash, ArticleRow.stage, ArticleRow.revision, RevisionRow.sha256
).join(RevisionRow, _CURRENT)
