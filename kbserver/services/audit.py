"""Reading the audit record."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from kbserver.domain.audit import AuditFilter, AuditLine, AuditPage
from kbserver.domain.limits import MAX_AUDIT_EXPORT, MAX_FILTER_CHARS, MAX_ROW_NUMBER
from kbserver.domain.permissions import Right
from kbserver.domain.reader import Reader
from kbserver.errors import N_, InvalidInput
from kbserver.store import audit
from kbserver.store.audit import AuditScope
from kbserver.store.database import Database

PER_PAGE = 50


class AuditService:
    """The audit record for those who may see it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, reader: Reader, chosen: AuditFilter, before: int | None = None) -> AuditPage:
        """Fifty lines, the newest first; `before` is where the page before said that this one begins."""
        reader.require(Right.SEE_AUDIT)
        scope = _scope(chosen)
        start = min(before, MAX_ROW_NUMBER) if before is not None else None
        with self._database.read() as session:
            found = list(audit.lines(session, scope, start, PER_PAGE + 1))
            actions = audit.actions(session)
        shown = found[:PER_PAGE]
        return AuditPage(tuple(shown), shown[-1].id if len(found) > PER_PAGE else None, tuple(actions))

    def export(self, reader: Reader, chosen: AuditFilter) -> tuple[AuditLine, ...]:
        """All lines that fit, the newest first, up to the limit of an export."""
        reader.require(Right.SEE_AUDIT)
        scope = _scope(chosen)
        with self._database.read() as session:
            return tuple(audit.lines(session, scope, None, MAX_AUDIT_EXPORT))


def _scope(chosen: AuditFilter) -> AuditScope:
    for name in ("actor", "action", "subject"):
        if len(getattr(chosen, name)) > MAX_FILTER_CHARS:
            raise InvalidInput(N_("At most %(most)s characters are taken here."), field=name, most=MAX_FILTER_CHARS)
    until = _midnight(chosen.until, "until", days_later=1) if chosen.until else None
    since = _midnight(chosen.since, "since") if chosen.since else None
    return AuditScope(chosen.actor.strip(), chosen.action, chosen.subject.strip(), since, until)


def _midnight(day: date, field: str, days_later: int = 0) -> datetime:
    """The beginning of the day, or of one after it, in the machine's time zone."""
    try:
        return datetime.combine(day + timedelta(days=days_later), time()).astimezone()
    except (ValueError, OverflowError, OSError) as error:
        raise InvalidInput(N_("That day cannot be used."), field=field) from error
