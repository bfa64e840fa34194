"""What waits for whom."""

from __future__ import annotations

from kbserver.domain.articles import ArticleSummary, Stage
from kbserver.domain.drafts import sees_all_drafts
from kbserver.domain.permissions import Right
from kbserver.domain.queue import QueuedDraft, WorkCounts
from kbserver.domain.reader import Reader
from kbserver.services.visible import archived_for, visible_to
from kbserver.store import articles as stored
from kbserver.store import queue
from kbserver.store.database import Database

MAX_ROWS = 200
"""Rows of one queue; what waits behind them comes up as they are seen to."""


class QueueService:
    """Queues for those who may see work."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def in_review(self, reader: Reader) -> tuple[QueuedDraft, ...]:
        """Drafts in review that the reader may see, the one that waits longest first; approved ones last."""
        reader.require(Right.SEE_WORK)
        with self._database.read() as session:
            if sees_all_drafts(reader):
                return tuple(queue.in_review(session, None, MAX_ROWS))
            return tuple(queue.in_review(session, reader.account_id, MAX_ROWS)) if reader.account_id else ()

    def own(self, reader: Reader) -> tuple[QueuedDraft, ...]:
        """The reader's own drafts, those that were sent back first."""
        reader.require(Right.SEE_WORK)
        if reader.account_id is None:
            return ()
        with self._database.read() as session:
            return tuple(queue.own(session, reader.account_id, MAX_ROWS))

    def archived(self, reader: Reader) -> tuple[ArticleSummary, ...]:
        """Archived articles for those who may restore them, the last one first."""
        reader.require(Right.ARCHIVE)
        with self._database.read() as session:
            return tuple(stored.latest(session, archived_for(reader), MAX_ROWS))

    def counts(self, reader: Reader) -> WorkCounts:
        """How much waits for the reader; nothing for those who have no work here."""
        if not reader.may(Right.SEE_WORK) or reader.account_id is None:
            return WorkCounts()
        me = reader.account_id
        with self._database.read() as session:
            if reader.may(Right.REVIEW) and sees_all_drafts(reader):
                to_review = queue.count_in_review(session, not_author_id=me)
            else:
                to_review = queue.count_in_review(session, author_id=me)
            drafts, sent_back = queue.count_own(session, me)
            return WorkCounts(to_review, queue.count_open_tasks(session, visible_to(reader)), drafts, sent_back)


def is_waiting_for(reader: Reader, draft: QueuedDraft) -> bool:
    """Whether the reader may decide on the draft now."""
    is_open = draft.stage is Stage.IN_REVIEW and draft.publish_at is None
    return is_open and reader.may(Right.REVIEW) and draft.author_id != reader.account_id
