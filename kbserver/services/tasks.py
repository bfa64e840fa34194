"""Flag it or fix it: readers say what is wrong with an article, somebody sees to it, and they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kbserver.domain.limits import MAX_BULK_TASKS, MAX_COMMENT_CHARS, MAX_ID_CHARS, MAX_NOTE_CHARS, MAX_OPEN_FLAGS
from kbserver.domain.permissions import Right
from kbserver.domain.reader import Reader
from kbserver.domain.tasks import CHOSEN_RESOLUTIONS, FLAGS, Resolution, Task, TaskFilter, TaskKind, TaskPage, may_close
from kbserver.errors import N_, Conflict, InvalidInput, NotAllowed, NotFound
from kbserver.services.events import EventLog
from kbserver.services.ports import Clock
from kbserver.services.visible import visible_to
from kbserver.store import articles as stored
from kbserver.store import publishing, recipients, tasks
from kbserver.store.database import Database
from kbserver.store.models import ArticleRow
from kbserver.store.tasks import NewTask

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Flag:
    """What a reader says is the matter with an article."""

    article_id: str
    kind: TaskKind
    detail: str = ""
    search_id: str = ""


class TaskService:
    """Tasks for those who see to them, on articles that they may see."""

    def __init__(self, database: Database, clock: Clock, events: EventLog) -> None:
        self._database = database
        self._clock = clock
        self._events = events

    def flag(self, reader: Reader, flag: Flag) -> bool:
        """Open a task for the article's owner; gives whether there is a new one.

        Whoever said the same before adds to what they said, and where many
        readers without an account have flagged an article, one more says nothing new.
        Raises `NotFound` for articles that the reader may not see.
        """
        if flag.kind not in FLAGS:
            raise InvalidInput(N_("Please choose what is wrong."), field="event")
        detail = _checked(flag.detail, MAX_COMMENT_CHARS, "comment")
        at = self._clock.now()
        with self._database.write() as session:
            article = _visible_article(session, reader, flag.article_id)
            owner = recipients.named(session, article.owner) if article.owner else None
            new = NewTask(
                article_id=article.id,
                kind=flag.kind,
                detail=detail,
                at=at,
                opened_by=reader.name,
                opened_by_id=reader.account_id,
                actor="" if reader.account_id else self._events.actor_hash(reader),
                search_id=flag.search_id,
                assignee_id=owner.id if owner else None,
            )
            return self._open(session, new)

    def _open(self, session: Session, new: NewTask) -> bool:
        same = tasks.same_flag(session, new)
        if same is not None:
            if new.detail and new.detail not in same.detail:
                same.detail = f"{same.detail}\n{new.detail}".strip()[:MAX_COMMENT_CHARS]
            return False
        is_nobody = new.opened_by_id is None
        if is_nobody and tasks.open_flags_without_account(session, new.article_id) >= MAX_OPEN_FLAGS:
            return False
        open_task(session, new)
        return True

    def get(self, reader: Reader, task_id: int) -> Task:
        """The task; raises `NotFound`."""
        reader.require(Right.SEE_WORK)
        with self._database.read() as session:
            found = tasks.with_ids(session, [task_id], visible_to(reader)).get(task_id)
        if found is None:
            raise NotFound(N_("There is no such task."))
        return found

    def page(self, reader: Reader, chosen: TaskFilter, page: int = 1, per_page: int = PER_PAGE) -> TaskPage:
        """One page of tasks: open ones the oldest first, closed ones the latest first."""
        reader.require(Right.SEE_WORK)
        visible = visible_to(reader)
        mine = TaskFilter(assignee_id=reader.account_id, article_id=chosen.article_id)
        about = chosen.article_id
        with self._database.read() as session:
            found = tasks.page(session, chosen, visible, limit=per_page, offset=(page - 1) * per_page)
            return TaskPage(
                tuple(found),
                tasks.count(session, chosen, visible),
                page,
                per_page,
                open=tasks.count(session, TaskFilter(article_id=about), visible),
                mine=tasks.count(session, mine, visible) if reader.account_id else 0,
                unassigned=tasks.count(session, TaskFilter(is_unassigned=True, article_id=about), visible),
                closed=tasks.count(session, TaskFilter(is_open=False, article_id=about), visible),
            )

    def of_article(self, reader: Reader, article_id: str) -> tuple[Task, ...]:
        """The open tasks of an article, the oldest first; nothing for those who do not see the work."""
        if not reader.may(Right.SEE_WORK):
            return ()
        with self._database.read() as session:
            chosen = TaskFilter(article_id=article_id)
            return tuple(tasks.page(session, chosen, visible_to(reader), limit=PER_PAGE, offset=0))

    def take(self, reader: Reader, ids: Sequence[int]) -> int:
        """Give open tasks to the reader; gives how many there were."""
        reader.require(Right.SEE_WORK)
        with self._database.write() as session:
            found = self._open_ones(session, reader, ids)
            for task in found:
                is_others = task.assignee_id not in (None, reader.account_id)
                if is_others and not reader.may(Right.HANDLE_TASKS):
                    raise NotAllowed(N_("This task was given to %(who)s."), who=task.assignee)
                row = tasks.row_of(session, task.id)
                assert row is not None
                row.assignee_id = reader.account_id
                publishing.audit(
                    session, reader.name, "take task", task.article_id, {"task": task.id}, self._clock.now()
                )
        return len(found)

    def close(self, reader: Reader, ids: Sequence[int], resolution: Resolution, note: str = "") -> int:
        """Close open tasks, and let those who opened them know; gives how many there were.

        Raises `NotAllowed`, and closes none, where one of them is not the reader's to close.
        """
        reader.require(Right.SEE_WORK)
        if resolution not in CHOSEN_RESOLUTIONS:
            raise InvalidInput(N_("Please choose what came of it."), field="resolution")
        said = _checked(note, MAX_NOTE_CHARS, "note")
        with self._database.write() as session:
            found = self._open_ones(session, reader, ids)
            if not all(may_close(reader, task) for task in found):
                raise NotAllowed(N_("Only who a task was given to, or an engineer, may close it."))
            for task in found:
                close_task(session, task.id, resolution, said, reader.name, self._clock.now())
        return len(found)

    def _open_ones(self, session: Session, reader: Reader, ids: Sequence[int]) -> list[Task]:
        if not ids:
            raise InvalidInput(N_("Please choose at least one task."), field="id")
        if len(ids) > MAX_BULK_TASKS:
            raise InvalidInput(N_("At most %(most)s tasks at once."), field="id", most=MAX_BULK_TASKS)
        found = tasks.with_ids(session, list(ids), visible_to(reader))
        if len(found) < len(set(ids)):
            raise NotFound(N_("There is no such task."))
        if not any(task.is_open for task in found.values()):
            raise Conflict(N_("This has been closed already."))
        return [task for _, task in sorted(found.items()) if task.is_open]


def open_task(session: Session, new: NewTask) -> int:
    """Open a task and let its owner know, in the caller's transaction; gives its number."""
    task_id = tasks.add(session, new)
    publishing.tell_of_task(session, publishing.TASK_OPENED, new.article_id, task_id, new.at)
    detail = {"task": task_id, "kind": new.kind.value}
    publishing.audit(session, new.opened_by or "reader", "open task", new.article_id, detail, new.at)
    return task_id


def close_task(session: Session, task_id: int, resolution: Resolution, note: str, who: str, at: datetime) -> None:
    """Close a task and let who opened it know, in the caller's transaction."""
    row = tasks.row_of(session, task_id)
    assert row is not None, f"there is no task {task_id}"
    tasks.close(row, resolution, note, who, at)
    publishing.tell_of_task(session, publishing.TASK_CLOSED, row.article_id, task_id, at)
    publishing.audit(session, who, "close task", row.article_id, {"task": task_id, "resolution": resolution.value}, at)


def _visible_article(session: Session, reader: Reader, article_id: str) -> ArticleRow:
    row = None
    if len(article_id) <= MAX_ID_CHARS and "\0" not in article_id:
        row = stored.visible_article(session, article_id, visible_to(reader))
    if row is None:
        raise NotFound(N_("There is no such article."))
    return row


def _checked(text: str, most: int, field: str) -> str:
    """The text without outer spaces and control characters; raises when it is too long."""
    if len(text) > most:
        raise InvalidInput(N_("At most %(max_length)s characters are taken."), field=field, max_length=most)
    kept = "".join(c for c in text.replace("\r\n", "\n") if c.isprintable() or c in "\n\t")
    return kept.strip()
