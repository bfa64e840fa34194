"""Leases: which process does the work that only one may do."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from kbserver.store.models import LeaseRow


def acquire(session: Session, name: str, holder: str, now: datetime, seconds: float) -> bool:
    """Take or renew the lease for some seconds; False while another holds it.

    A lease that reaches further ahead than one could have been given was
    written by a clock that ran ahead, and does not count.
    """
    row = session.get(LeaseRow, name)
    until = now + timedelta(seconds=seconds)
    if row is None:
        session.add(LeaseRow(name=name, holder=holder, expires_at=until))
        return True
    if row.holder != holder and now < row.expires_at <= until + timedelta(seconds=seconds):
        return False
    row.holder, row.expires_at = holder, until
    return True


def give_up(session: Session, name: str, holder: str) -> None:
    """Free the lease if `holder` has it."""
    row = session.get(LeaseRow, name)
    if row is not None and row.holder == holder:
        session.delete(row)
