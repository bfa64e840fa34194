"""Wrong passwords of late, counted for all processes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from kbserver.store.models import SignInFailureRow


@dataclass(frozen=True, slots=True)
class Failures:
    """How often, and when last."""

    count: int
    last_at: datetime


def failures_of(session: Session, key: str) -> Failures | None:
    """What is noted under that key."""
    row = session.get(SignInFailureRow, key)
    return Failures(row.failures, row.last_at) if row else None


def count(session: Session, key: str, at: datetime) -> None:
    """Note one more."""
    row = session.get(SignInFailureRow, key)
    if row is None:
        session.add(SignInFailureRow(key=key, failures=1, last_at=at))
    else:
        row.failures, row.last_at = row.failures + 1, at


def forgive(session: Session, key: str) -> None:
    """Take back the one noted last: it was none."""
    row = session.get(SignInFailureRow, key)
    if row is not None:
        row.failures = max(0, row.failures - 1)


def forget(session: Session, key: str) -> None:
    """Note nothing any more under that key."""
    session.execute(delete(SignInFailureRow).where(SignInFailureRow.key == key))


def prune(session: Session, before: datetime) -> None:
    """Forget what is older than that."""
    session.execute(delete(SignInFailureRow).where(SignInFailureRow.last_at < before))
