"""Tasks as rows: opened, listed for those who may see their articles, taken over and closed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from kbserver.domain.articles import Stage
from kbserver.domain.tasks import FLAGS, Resolution, Task, TaskFilter, TaskKind
from kbserver.store.articles import Visible
from kbserver.store.models import AccountRow, ArticleRow, TaskRow

_Assignee = aliased(AccountRow)


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task that is to be opened."""

    article_id: str
    kind: TaskKind
    detail: str
    at: datetime
    opened_by: str = ""
    opened_by_id: int | None = None
    actor: str = ""
    search_id: str = ""
    assignee_id: int | None = None
    due_on: date | None = None


def add(session: Session, new: NewTask) -> int:
    """The number of the task that is open now."""
    row = TaskRow(
        article_id=new.article_id,
        kind=new.kind,
        detail=new.detail,
        search_id=new.search_id,
        opened_by=new.opened_by,
        opened_by_id=new.opened_by_id,
        actor=new.actor,
        opened_at=new.at,
        assignee_id=new.assignee_id,
        due_on=new.due_on,
        resolution="",
        note="",
        closed_by="",
    )
    session.add(row)
    session.flush()
    return row.id


def same_flag(session: Session, new: NewTask) -> TaskRow | None:
    """The open task in which the same person said the same of the article."""
    who = TaskRow.opened_by_id == new.opened_by_id if new.opened_by_id else TaskRow.actor == new.actor
    query = select(TaskRow).where(TaskRow.article_id == new.article_id, TaskRow.kind == new.kind, who)
    return session.scalar(query.where(TaskRow.closed_at.is_(None)).limit(1))


def open_flags_without_account(session: Session, article_id: str) -> int:
    """Open flags on the article by readers without an account."""
    query = select(func.count()).select_from(TaskRow)
    where = (TaskRow.article_id == article_id, TaskRow.closed_at.is_(None), TaskRow.kind.in_(FLAGS))
    return session.scalar(query.where(*where, TaskRow.opened_by_id.is_(None))) or 0


def row_of(session: Session, task_id: int) -> TaskRow | None:
    """The row itself, for those who change it."""
    return session.get(TaskRow, task_id)


def page(session: Session, chosen: TaskFilter, visible: Visible, *, limit: int, offset: int) -> list[Task]:
    """One page of the tasks on visible articles that fit: open ones by age, closed ones the latest first."""
    order = TaskRow.opened_at if chosen.is_open else TaskRow.closed_at.desc()
    query = _tasks(visible).where(*_conditions(chosen)).order_by(order, TaskRow.id)
    return _read(session, query.limit(limit).offset(offset))


def count(session: Session, chosen: TaskFilter, visible: Visible) -> int:
    """Tasks on visible articles that fit."""
    query = select(func.count()).select_from(TaskRow).join(ArticleRow, ArticleRow.id == TaskRow.article_id)
    return session.scalar(query.where(visible.clause, *_conditions(chosen))) or 0


def with_ids(session: Session, ids: Collection[int], visible: Visible) -> dict[int, Task]:
    """Those of the tasks whose articles are visible, by number."""
    if not ids:
        return {}
    return {task.id: task for task in _read(session, _tasks(visible).where(TaskRow.id.in_(ids)))}


def open_of(session: Session, article_id: str, kinds: Iterable[TaskKind] = TaskKind) -> list[TaskRow]:
    """The open tasks of an article, the oldest first, for those who change them."""
    query = select(TaskRow).where(TaskRow.article_id == article_id, TaskRow.closed_at.is_(None))
    return list(session.scalars(query.where(TaskRow.kind.in_([*kinds])).order_by(TaskRow.id)))


def close(row: TaskRow, resolution: Resolution, note: str, who: str, at: datetime) -> None:
    """Note what came of a task."""
    row.resolution, row.note, row.closed_by, row.closed_at = resolution, note, who, at


def reminded_of(session: Session) -> set[tuple[str, date]]:
    """Articles and days that there has been a reminder for."""
    query = select(TaskRow.article_id, TaskRow.due_on).where(TaskRow.kind == TaskKind.OVERDUE)
    return {(article_id, due_on) for article_id, due_on in session.execute(query) if due_on}


def open_of_archived(session: Session) -> list[TaskRow]:
    """The open tasks of articles that are archived."""
    query = select(TaskRow).join(ArticleRow, ArticleRow.id == TaskRow.article_id)
    return list(session.scalars(query.where(ArticleRow.stage == Stage.ARCHIVED, TaskRow.closed_at.is_(None))))


def open_reminders(session: Session) -> list[tuple[TaskRow, ArticleRow]]:
    """Every open reminder with its article."""
    query = (
        select(TaskRow, ArticleRow)
        .join(ArticleRow, ArticleRow.id == TaskRow.article_id)
        .where(TaskRow.kind == TaskKind.OVERDUE, TaskRow.closed_at.is_(None))
    )
    return [(task, article) for task, article in session.execute(query.order_by(TaskRow.id))]


def _tasks(visible: Visible) -> Select[tuple[TaskRow, str, str | None]]:
    return (
        select(TaskRow, ArticleRow.title, _Assignee.name)
        .join(ArticleRow, ArticleRow.id == TaskRow.article_id)
        .outerjoin(_Assignee, _Assignee.id == TaskRow.assignee_id)
        .where(visible.clause)
    )


def _conditions(chosen: TaskFilter) -> Iterable[ColumnElement[bool]]:
    yield TaskRow.closed_at.is_(None) if chosen.is_open else TaskRow.closed_at.is_not(None)
    if chosen.assignee_id is not None:
        yield TaskRow.assignee_id == chosen.assignee_id
    if chosen.is_unassigned:
        yield TaskRow.assignee_id.is_(None)
    if chosen.article_id:
        yield TaskRow.article_id == chosen.article_id
    if chosen.kind:
        yield TaskRow.kind == chosen.kind


def _read(session: Session, query: Select[tuple[TaskRow, str, str | None]]) -> list[Task]:
    return [task_of(row, title, assignee or "") for row, title, assignee in session.execute(query)]


def task_of(row: TaskRow, title: str, assignee: str) -> Task:
    """The row as a value."""
    return Task(
        id=row.id,
        article_id=row.article_id,
        title=title,
        kind=TaskKind(row.kind),
        detail=row.detail,
        opened_by=row.opened_by,
        opened_by_id=row.opened_by_id,
        opened_at=row.opened_at,
        assignee_id=row.assignee_id,
        assignee=assignee,
        due_on=row.due_on,
        resolution=Resolution(row.resolution) if row.resolution else None,
        note=row.note,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
    )
