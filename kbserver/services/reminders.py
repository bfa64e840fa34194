"""Reminders: an article that is due for a check becomes somebody's task, once for each day it is due."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from kbserver.domain.articles import Stage
from kbserver.domain.tasks import Resolution, TaskKind
from kbserver.services.ports import Clock
from kbserver.services.tasks import close_task, open_task
from kbserver.store import articles as stored
from kbserver.store import recipients, tasks
from kbserver.store.articles import Due
from kbserver.store.database import Database
from kbserver.store.tasks import NewTask

REMIND_BEFORE = timedelta(days=14)
"""Two weeks: enough to find an hour for it before readers see that it is overdue."""

MOST_AT_ONCE = 500
"""Tasks opened in one transaction, so that nobody waits for the database; the next run goes on."""

SYSTEM = "reminder"
"""Who closes what has settled itself, as the audit record shows it."""

log = logging.getLogger(__name__)


class Reminders:
    """Run often and by one process; doing it again changes nothing."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def run(self) -> int:
        """Open a task for every article that is due soon or since, close those that are settled; gives how many."""
        now = self._clock.now()
        today = now.astimezone().date()
        with self._database.write() as session:
            settled = _settle(session, now)
            reminded = tasks.reminded_of(session)
            due = stored.due_articles(session, today + REMIND_BEFORE)
            new = [one for one in due if (one.article_id, one.on) not in reminded][:MOST_AT_ONCE]
            for one in new:
                _remind(session, one, now)
        if new or settled:
            log.info("reminders opened=%s settled=%s", len(new), settled)
        return len(new) + settled


def _remind(session: Session, due: Due, now: datetime) -> None:
    owner = recipients.named(session, due.owner) if due.owner else None
    assignee_id = owner.id if owner else None
    new = NewTask(due.article_id, TaskKind.OVERDUE, "", now, SYSTEM, assignee_id=assignee_id, due_on=due.on)
    open_task(session, new)


def _settle(session: Session, now: datetime) -> int:
    """Close tasks of articles that are gone, and reminders of days that no longer stand in the article."""
    settled = 0
    for row in tasks.open_of_archived(session):
        close_task(session, row.id, Resolution.ARCHIVED, "", SYSTEM, now)
        settled += 1
    for row, article in tasks.open_reminders(session):
        is_due = row.due_on in (article.verified_until, article.valid_to)
        if article.stage == Stage.PUBLISHED and not is_due:
            close_task(session, row.id, Resolution.VERIFIED, "", SYSTEM, now)
            settled += 1
    return settled
