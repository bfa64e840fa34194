"""News as one person may see it: the gate before every page, count and mail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from sqlalchemy.orm import Session

from kbserver.domain.articles import ArticleSummary, Stage
from kbserver.domain.drafts import Draft, may_see_draft
from kbserver.domain.notifications import OF_DRAFTS, OF_TASKS, Notice, NoticeKind, NoticePage
from kbserver.domain.permissions import Right
from kbserver.domain.reader import Reader
from kbserver.domain.tasks import Task
from kbserver.errors import N_, SignInRequired
from kbserver.services.ports import Clock
from kbserver.services.visible import visible_to
from kbserver.store import articles as stored
from kbserver.store import drafts, notifications, tasks
from kbserver.store.database import Database
from kbserver.store.models import NotificationRow

PER_PAGE = 30
KEPT = timedelta(days=180)
"""How long news is kept."""

MOST_COUNTED = 99
"""Unread news are counted up to here; the rest is "more"."""


STILL_TRUE: Mapping[NoticeKind, Callable[[Draft], bool]] = MappingProxyType(
    {
        NoticeKind.REVIEW_ASKED: lambda draft: draft.stage is Stage.IN_REVIEW and not draft.is_scheduled,
        NoticeKind.SENT_BACK: lambda draft: draft.stage is Stage.DRAFT,
        NoticeKind.APPROVED: lambda draft: draft.is_scheduled,
        NoticeKind.CONFLICT: lambda draft: not draft.is_scheduled,
    }
)
"""What a draft was told for, and when that has been overtaken: it was approved, sent again, or published."""


@dataclass(frozen=True, slots=True)
class _About:
    """What a list of news is about, as far as the reader may see it."""

    articles: Mapping[str, ArticleSummary]
    drafts: Mapping[int, Draft]
    tasks: Mapping[int, Task]


class NoticeService:
    """The news of the person who asks."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def page(self, reader: Reader, page: int = 1) -> NoticePage:
        """One page of news, newest first; what may no longer be seen is left out."""
        account_id = _account(reader)
        with self._database.read() as session:
            rows = notifications.newest(session, account_id, limit=PER_PAGE + 1, offset=(page - 1) * PER_PAGE)
            found = shown(session, reader, rows[:PER_PAGE])
        return NoticePage(tuple(found), page, len(rows) > PER_PAGE, self.unread(reader))

    def unread(self, reader: Reader) -> int:
        """How many unread news the reader may see, at most `MOST_COUNTED`; 0 for those without an account."""
        if reader.account_id is None:
            return 0
        with self._database.read() as session:
            rows = notifications.unread(session, reader.account_id, MOST_COUNTED)
            return len(shown(session, reader, rows))

    def mark_read(self, reader: Reader, ids: Sequence[int] | None = None) -> None:
        """Note that these, or all of the reader's news, are read."""
        account_id = _account(reader)
        with self._database.write() as session:
            notifications.mark_read(session, account_id, self._clock.now(), ids)

    def forget_old(self) -> None:
        """Delete news that has lain for so long that nobody needs it, read or not."""
        with self._database.write() as session:
            notifications.prune(session, self._clock.now() - KEPT)


def shown(session: Session, reader: Reader, rows: Sequence[NotificationRow]) -> list[Notice]:
    """What the reader may see of these news at this moment, in the same order."""
    about = _About(
        stored.visible_summaries(session, [row.article_id for row in rows], visible_to(reader)),
        {row.draft_id: draft for row in rows if row.draft_id and (draft := drafts.get(session, row.draft_id))},
        tasks.with_ids(session, [row.task_id for row in rows if row.task_id], visible_to(reader)),
    )
    found = (_notice(reader, row, about) for row in rows)
    return [notice for notice in found if notice is not None]


def _notice(reader: Reader, row: NotificationRow, about: _About) -> Notice | None:
    kind = NoticeKind(row.kind)
    if kind in OF_DRAFTS:
        draft = about.drafts.get(row.draft_id or 0)
        return _of_draft(row, kind, draft) if draft is not None and may_see_draft(reader, draft) else None
    article = about.articles.get(row.article_id)
    task = about.tasks.get(row.task_id or 0)
    if article is None or (kind in OF_TASKS and task is None):
        return None
    is_work = kind in (NoticeKind.FLAGGED, NoticeKind.OVERDUE) and reader.may(Right.SEE_WORK)
    return Notice(
        id=row.id,
        kind=kind,
        title=article.title,
        url=f"/tasks?article={article.id}" if is_work else article.url,
        created_at=row.created_at,
        is_read=row.read_at is not None,
        article_id=article.id,
        revision=int(row.payload.get("revision", 0)),
        task=task,
    )


def _of_draft(row: NotificationRow, kind: NoticeKind, draft: Draft) -> Notice | None:
    if not STILL_TRUE[kind](draft):
        return None
    return Notice(
        id=row.id,
        kind=kind,
        title=draft.title or draft.article_id,
        url=f"{draft.url}/review" if kind is NoticeKind.REVIEW_ASKED else draft.url,
        created_at=row.created_at,
        is_read=row.read_at is not None,
        article_id=draft.article_id,
        draft=draft,
    )


def _account(reader: Reader) -> int:
    if reader.account_id is None:
        raise SignInRequired(N_("Please sign in to do this."))
    return reader.account_id
