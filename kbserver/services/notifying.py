"""From what happened to who is told: notifications as a consumer of the outbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from sqlalchemy.orm import Session

from kbserver.domain.drafts import Draft, may_see_draft
from kbserver.domain.notifications import MAIL_DELAY, NoticeKind
from kbserver.domain.permissions import Right
from kbserver.domain.subscriptions import covering
from kbserver.domain.tasks import VERIFIED_REASON, TaskKind
from kbserver.services.ports import Clock
from kbserver.services.visible import visible_to
from kbserver.store import articles as stored
from kbserver.store import drafts, notifications, outbox, publishing, recipients, subscriptions, tasks
from kbserver.store.database import Database
from kbserver.store.notifications import NewNotice
from kbserver.store.outbox import Event
from kbserver.store.recipients import Recipient

CONSUMER = "notifications"
BATCH = 100

Told = tuple[Recipient, NewNotice]
Producer = Callable[[Session, Event, date], Iterator[Told]]


class NotificationConsumer:
    """Tells people what happened, each once; the cursor moves in the same transaction."""

    def __init__(self, database: Database, clock: Clock, *, mails: bool) -> None:
        self._database = database
        self._clock = clock
        self._mails = mails

    def catch_up(self) -> int:
        """Take in everything that happened since the last time; gives how many things there were."""
        taken = 0
        while True:
            with self._database.write() as session:
                events = outbox.events_after(session, outbox.cursor_of(session, CONSUMER), BATCH)
                for event in events:
                    for notice in self._notices(session, event):
                        notifications.add(session, notice)
                if events:
                    outbox.advance(session, CONSUMER, events[-1].seq)
            taken += len(events)
            if len(events) < BATCH:
                return taken

    def _notices(self, session: Session, event: Event) -> Iterator[NewNotice]:
        produce = PRODUCERS.get(event.kind)
        if produce is None:
            return
        now = self._clock.now()
        for person, notice in produce(session, event, now.astimezone().date()):
            wants_mail = self._mails and person.email and notice.kind not in person.muted
            yield replace(notice, mail_after=now + MAIL_DELAY if wants_mail else None)


def _review_asked(session: Session, event: Event, today: date) -> Iterator[Told]:
    """The reviewer whom the author asked, else everybody who may review; never the author."""
    draft = _draft(session, event)
    if draft is None:
        return
    asked = recipients.with_right(session, Right.REVIEW)
    if draft.reviewer_id is not None:
        asked = [person for person in asked if person.id == draft.reviewer_id]
    for person in asked:
        if person.id != draft.author_id and may_see_draft(person.reader(today), draft):
            yield person, _of_draft(person, NoticeKind.REVIEW_ASKED, draft, event)


def _to_author(kind: NoticeKind) -> Producer:
    def produce(session: Session, event: Event, _: date) -> Iterator[Told]:
        draft = _draft(session, event)
        if draft is not None:
            for person in recipients.with_ids(session, [draft.author_id]):
                yield person, _of_draft(person, kind, draft, event)

    return produce


def _changed(session: Session, event: Event, today: date) -> Iterator[Told]:
    """The author whose text somebody else approved, and those who subscribed to what it is about."""
    article = stored.known_summary(session, event.article_id)
    number = int(event.payload.get("revision", 0))
    revision = stored.revision(session, event.article_id, number)
    if article is None or revision is None:
        return
    author = recipients.named(session, revision.author)
    if author is not None and revision.approver and revision.approver != revision.author:
        yield author, _of_article(author, NoticeKind.PUBLISHED, event)
    if revision.reason == VERIFIED_REASON:
        # Nothing in it has changed.
        return
    wanted = covering(article.id, article.category, article.facets.get("product", ()))
    for person in recipients.with_ids(session, subscriptions.subscribers(session, wanted)):
        is_own = author is not None and person.id == author.id
        if not is_own and stored.visible_article(session, article.id, visible_to(person.reader(today))):
            yield person, _of_article(person, NoticeKind.CHANGED, event)


def _task_opened(session: Session, event: Event, today: date) -> Iterator[Told]:
    """Whose article it is; what readers report of nobody's article goes to those who review."""
    row = tasks.row_of(session, int(event.payload.get("task", 0)))
    if row is None:
        return
    is_reminder = row.kind == TaskKind.OVERDUE
    told = recipients.with_ids(session, [row.assignee_id])
    if not told and not is_reminder:
        told = recipients.with_right(session, Right.REVIEW)
    kind = NoticeKind.OVERDUE if is_reminder else NoticeKind.FLAGGED
    for person in told:
        sees = stored.visible_article(session, row.article_id, visible_to(person.reader(today)))
        if sees and person.id != row.opened_by_id:
            yield person, NewNotice(person.id, kind, row.article_id, event.at, task_id=row.id)


def _task_closed(session: Session, event: Event, today: date) -> Iterator[Told]:
    """Who reported it, unless they closed it themselves."""
    row = tasks.row_of(session, int(event.payload.get("task", 0)))
    for person in recipients.with_ids(session, [row.opened_by_id if row else None]):
        assert row is not None
        sees = stored.visible_article(session, row.article_id, visible_to(person.reader(today)))
        if sees and row.closed_by != person.name:
            yield person, NewNotice(person.id, NoticeKind.FLAG_CLOSED, row.article_id, event.at, task_id=row.id)


PRODUCERS: Mapping[str, Producer] = MappingProxyType(
    {
        publishing.CHANGED: _changed,
        publishing.SUBMITTED: _review_asked,
        publishing.SENT_BACK: _to_author(NoticeKind.SENT_BACK),
        publishing.SCHEDULED: _to_author(NoticeKind.APPROVED),
        publishing.OUTDATED: _to_author(NoticeKind.CONFLICT),
        publishing.TASK_OPENED: _task_opened,
        publishing.TASK_CLOSED: _task_closed,
    }
)
"""Who is told of what; anything else that happens is nobody's news."""


def _draft(session: Session, event: Event) -> Draft | None:
    return drafts.get(session, int(event.payload.get("draft", 0)))


def _of_draft(person: Recipient, kind: NoticeKind, draft: Draft, event: Event) -> NewNotice:
    return NewNotice(person.id, kind, draft.article_id, event.at, draft_id=draft.id)


def _of_article(person: Recipient, kind: NoticeKind, event: Event) -> NewNotice:
    payload = {"revision": int(event.payload.get("revision", 0))}
    return NewNotice(person.id, kind, event.article_id, event.at, payload=payload)
