"""Signed-in browsers: begun, found again, listed, ended."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session as Connection

from kbserver.domain.limits import MAX_USER_AGENT_CHARS
from kbserver.domain.sessions import Lifetimes, Session
from kbserver.errors import N_, NotFound
from kbserver.services.ports import Clock
from kbserver.services.secret_values import hash_of, new_secret
from kbserver.store import sessions as rows
from kbserver.store.database import Database


@dataclass(frozen=True, slots=True)
class Begun:
    """A session that has just begun, with the secret that is told this once."""

    secret: str
    session: Session


class SessionService:
    """Sessions kept in the database, so that all processes know them and any can be ended."""

    def __init__(self, database: Database, clock: Clock, lifetimes: Lifetimes) -> None:
        self._database = database
        self._clock = clock
        self.lifetimes = lifetimes

    def begin(self, account_id: int, user_agent: str, *, instead_of: str = "") -> Begun:
        """A new session with a new secret; the one with the secret `instead_of` ends."""
        with self._database.write() as connection:
            return self.begin_within(connection, account_id, user_agent, instead_of=instead_of)

    def begin_within(self, connection: Connection, account_id: int, user_agent: str, *, instead_of: str = "") -> Begun:
        """The same as `begin`, as a part of the caller's transaction."""
        now = self._clock.now()
        if instead_of:
            rows.remove(connection, hash_of(instead_of))
        rows.prune(connection, now=now, unused_since=now - self.lifetimes.idle)
        secret = new_secret()
        agent = "".join(c for c in user_agent if c.isprintable())[:MAX_USER_AGENT_CHARS]
        end = now + self.lifetimes.total
        session = rows.add(connection, hash_of(secret), account_id, at=now, expires_at=end, user_agent=agent)
        return Begun(secret, session)

    def find(self, secret: str) -> Session | None:
        """The session with that secret if it still holds; its use is noted now and then."""
        with self._database.read() as connection:
            session = rows.get(connection, hash_of(secret))
        now = self._clock.now()
        if session is None or not session.is_alive(now, self.lifetimes.idle):
            return None
        if session.needs_touch(now):
            with self._database.write() as connection:
                rows.touch(connection, session.key, session.account.id, now)
        return session

    def end(self, secret: str) -> None:
        """Sign that browser out."""
        with self._database.write() as connection:
            rows.remove(connection, hash_of(secret))

    def of_account(self, account_id: int) -> list[Session]:
        """Somebody's sessions that still hold, the one used last first."""
        now = self._clock.now()
        with self._database.read() as connection:
            found = rows.of_account(connection, account_id)
        return [session for session in found if session.is_alive(now, self.lifetimes.idle)]

    def end_one(self, account_id: int, session_id: str) -> None:
        """End one of somebody's own sessions; `NotFound` for any other."""
        with self._database.write() as connection:
            keys = [one.key for one in rows.of_account(connection, account_id) if one.id == session_id]
            if not keys:
                raise NotFound(N_("There is no such session; it may have ended already."))
            rows.remove(connection, keys[0])

    def end_others(self, session: Session) -> int:
        """Sign somebody out everywhere else; gives how many browsers."""
        with self._database.write() as connection:
            return rows.remove_all(connection, session.account.id, but=session.key)
