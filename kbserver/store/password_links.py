"""Links to set a password, as rows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from kbserver.store.models import PasswordLinkRow


def add(session: Session, key: str, account_id: int, *, by: str, at: datetime, expires_at: datetime) -> None:
    """Keep a link under the hash of its secret; those that the account had before are gone."""
    remove_all(session, account_id)
    session.add(
        PasswordLinkRow(secret_hash=key, account_id=account_id, created_by=by, created_at=at, expires_at=expires_at)
    )


def account_id_of(session: Session, key: str, now: datetime) -> int | None:
    """Whose password the link sets, None where it was used, ran out or never was."""
    row = session.get(PasswordLinkRow, key)
    return row.account_id if row is not None and row.used_at is None and now < row.expires_at else None


def use(session: Session, key: str, at: datetime) -> None:
    """Note that the link has done its work."""
    session.get_one(PasswordLinkRow, key).used_at = at


def remove_all(session: Session, account_id: int) -> None:
    """Take back all links of an account."""
    session.execute(delete(PasswordLinkRow).where(PasswordLinkRow.account_id == account_id))
