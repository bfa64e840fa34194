"""Signed-in browsers as rows; deleting one signs it out."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session as Connection

from kbserver.domain.sessions import Session
from kbserver.store.accounts import account_of
from kbserver.store.models import AccountRow, SessionRow

ID_CHARS = 16


def add(
    session: Connection, key: str, account_id: int, *, at: datetime, expires_at: datetime, user_agent: str
) -> Session:
    """The session that begins now; the account's last sign-in is noted."""
    row = SessionRow(
        secret_hash=key,
        account_id=account_id,
        created_at=at,
        last_seen_at=at,
        expires_at=expires_at,
        user_agent=user_agent,
    )
    account = session.get_one(AccountRow, account_id)
    account.last_seen_at = at
    session.add(row)
    session.flush()
    return _session_of(row, account)


def get(session: Connection, key: str) -> Session | None:
    """The session kept under that hash, alive or not."""
    query = select(SessionRow, AccountRow).join(AccountRow, AccountRow.id == SessionRow.account_id)
    found = session.execute(query.where(SessionRow.secret_hash == key)).first()
    return _session_of(*found) if found else None


def of_account(session: Connection, account_id: int) -> list[Session]:
    """Somebody's sessions, the one used last first."""
    query = select(SessionRow, AccountRow).join(AccountRow, AccountRow.id == SessionRow.account_id)
    rows = session.execute(query.where(SessionRow.account_id == account_id).order_by(SessionRow.last_seen_at.desc()))
    return [_session_of(*row) for row in rows]


def touch(session: Connection, key: str, account_id: int, at: datetime) -> None:
    """Note that the session was used."""
    session.execute(update(SessionRow).where(SessionRow.secret_hash == key).values(last_seen_at=at))
    session.execute(update(AccountRow).where(AccountRow.id == account_id).values(last_seen_at=at))


def remove(session: Connection, key: str) -> None:
    """Sign that browser out."""
    session.execute(delete(SessionRow).where(SessionRow.secret_hash == key))


def remove_all(session: Connection, account_id: int, *, but: str = "") -> int:
    """Sign somebody out everywhere, except in the session of that hash; gives how many browsers."""
    where = (SessionRow.account_id == account_id, SessionRow.secret_hash != but)
    result = session.execute(delete(SessionRow).where(*where))
    return int(result.rowcount)  # type: ignore[attr-defined]


def prune(session: Connection, *, now: datetime, unused_since: datetime) -> None:
    """Delete what no longer holds."""
    session.execute(
        delete(SessionRow).where(or_(SessionRow.expires_at <= now, SessionRow.last_seen_at <= unused_since))
    )


def _session_of(row: SessionRow, account: AccountRow) -> Session:
    return Session(
        key=row.secret_hash,
        id=hashlib.sha256(f"session id:{row.secret_hash}".encode()).hexdigest()[:ID_CHARS],
        account=account_of(account),
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        user_agent=row.user_agent,
    )
