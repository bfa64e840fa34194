"""Which articles have passed their day: those to rank lower, and those to keep from readers outside the house.

The index knows no dates, so that nothing has to be built anew because a night has passed. The ids
go along with each question instead, and the retrievers leave them out as they do with audiences.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date

from kbserver.domain.reader import Reader
from kbserver.domain.visibility import sees_expired
from kbserver.services.ports import Clock
from kbserver.store import articles as stored
from kbserver.store import outbox
from kbserver.store.database import Database


@dataclass(frozen=True, slots=True)
class Passed:
    """Articles by what has passed for them."""

    lowered: frozenset[str] = frozenset()
    """Due for a check, or no longer to be followed."""
    expired: frozenset[str] = frozenset()
    """No longer to be followed."""


class Validity:
    """Knows what has passed today; read anew when something is published and when a day has gone by."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: tuple[tuple[date, int], Passed] | None = None
        self._lock = threading.Lock()

    def today(self) -> date:
        """The day it is, in the machine's time zone."""
        return self._clock.now().astimezone().date()

    def passed(self) -> Passed:
        """The published articles whose day has passed."""
        today = self.today()
        with self._database.read() as session:
            key = (today, outbox.last_seq(session))
            with self._lock:
                if self._known is not None and self._known[0] == key:
                    return self._known[1]
            overdue, expired = stored.overdue_ids(session, today), stored.expired_ids(session, today)
        passed = Passed(frozenset(overdue) | frozenset(expired), frozenset(expired))
        with self._lock:
            self._known = (key, passed)
        return passed

    def hidden_from(self, reader: Reader) -> frozenset[str]:
        """The articles that the reader may no longer see."""
        return frozenset() if sees_expired(reader) else self.passed().expired
