"""Reading the audit record; it is written with what it tells of, by `store.publishing.audit`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from kbserver.domain.audit import AuditLine
from kbserver.store.models import AuditRow


@dataclass(frozen=True, slots=True)
class AuditScope:
    """Which lines are meant; empty fields do not restrict. `until` is left out."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def clauses(self) -> tuple[ColumnElement[bool], ...]:
        """The same as conditions on `audit`."""
        found = []
        if self.actor:
            found.append(AuditRow.actor.icontains(self.actor, autoescape=True))
        if self.action:
            found.append(AuditRow.action == self.action)
        if self.subject:
            found.append(AuditRow.subject.icontains(self.subject, autoescape=True))
        if self.since:
            found.append(AuditRow.created_at >= self.since)
        if self.until:
            found.append(AuditRow.created_at < self.until)
        return tuple(found)


def lines(session: Session, scope: AuditScope, before: int | None, limit: int) -> Iterator[AuditLine]:
    """Lines with a number below `before`, the newest first."""
    query = select(AuditRow).where(*scope.clauses)
    if before is not None:
        query = query.where(AuditRow.id < before)
    rows = session.scalars(query.order_by(AuditRow.id.desc()).limit(limit).execution_options(yield_per=500))
    return (AuditLine(row.id, row.created_at, row.actor, row.action, row.subject, row.detail) for row in rows)


def actions(session: Session) -> list[str]:
    """Every action that there is a line of, by name."""
    return list(session.scalars(select(AuditRow.action).distinct().order_by(AuditRow.action)))
