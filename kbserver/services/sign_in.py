"""Signing in with a password, and changing it."""

from __future__ import annotations

import hashlib
import ipaddress
import logging
from dataclasses import dataclass

from sqlalchemy.orm import Session as Connection

from kbserver.domain.accounts import account_name
from kbserver.domain.passwords import check_new_password
from kbserver.domain.sessions import Session
from kbserver.domain.throttling import BY_ACCOUNT, BY_ADDRESS, FORGOTTEN_AFTER
from kbserver.errors import N_, InvalidInput, SignInRefused, TooManyTries
from kbserver.services.passwords import Passwords
from kbserver.services.ports import Clock
from kbserver.services.secret_values import is_same
from kbserver.services.sessions import Begun, SessionService
from kbserver.store import accounts, sign_in_failures
from kbserver.store import sessions as session_rows
from kbserver.store.database import Database
from kbserver.store.publishing import audit

log = logging.getLogger(__name__)

IPV6_NETWORK_BITS = 64
"""One customer of a network provider has at least this much, so single addresses in it mean nothing."""


@dataclass(frozen=True, slots=True)
class Browser:
    """Where somebody signs in from; `secret` is that of a session the browser already has."""

    address: str = ""
    user_agent: str = ""
    secret: str = ""


class SignInService:
    """Lets people in who know their password, and slows down those who guess."""

    def __init__(self, database: Database, clock: Clock, passwords: Passwords, sessions: SessionService) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords
        self._sessions = sessions

    def sign_in(self, name: str, password: str, browser: Browser) -> Begun:
        """A new session; raises `SignInRefused`, or `TooManyTries` where somebody guesses.

        Whether there is such an account can be told neither from the answer nor from its time.
        """
        by_account, by_address = _account_key(_normal(name)), _address_key(browser.address)
        # The try counts before the password is looked at, or many tries at once would all be free.
        self._count_try(by_account, by_address)
        account_id, kept = self._kept(_normal(name))
        if not self._passwords.is_right(kept, password) or kept is None:
            log.info("sign-in refused account=%s", account_id)
            raise SignInRefused
        hashed_as_today = self._passwords.hash(password) if self._passwords.is_outdated(kept) else kept
        with self._database.write() as connection:
            row = accounts.row_of(connection, account_id)
            if row is None or row.is_disabled or not is_same(row.password_hash or "", kept):
                raise SignInRefused
            row.password_hash = hashed_as_today
            sign_in_failures.forget(connection, by_account)
            sign_in_failures.forgive(connection, by_address)
            log.info("signed in account=%s", account_id)
            return self._sessions.begin_within(connection, account_id, browser.user_agent, instead_of=browser.secret)

    def change_password(self, session: Session, current: str, new: str, browser: Browser) -> Begun:
        """A new session in place of all the account's sessions, with the new password set."""
        account = session.account
        if current == new:
            raise InvalidInput(N_("The new password must differ from the present one."), field="new_password")
        check_new_password(new, account.name)
        key = _account_key(account.name)
        self._count_try(key)
        with self._database.read() as connection:
            row = accounts.row_of(connection, account.id)
            kept = row.password_hash if row else None
        if not self._passwords.is_right(kept, current):
            raise InvalidInput(N_("The present password is not right."), field="current_password")
        kept_from_now = self._passwords.hash(new)
        with self._database.write() as connection:
            sign_in_failures.forget(connection, key)
            self.set_password_within(connection, account.id, kept_from_now, actor=account.name)
            return self._sessions.begin_within(connection, account.id, browser.user_agent)

    def set_password_within(self, connection: Connection, account_id: int, kept: str, *, actor: str) -> None:
        """Set the hash of a password that its owner chose; all sessions of the account end."""
        row = accounts.row_of(connection, account_id)
        if row is None:
            raise SignInRefused
        now = self._clock.now()
        row.password_hash, row.password_changed_at, row.must_change_password = kept, now, False
        session_rows.remove_all(connection, account_id)
        audit(connection, actor, "password", row.name, {}, now)

    def _count_try(self, *keys: str) -> None:
        now = self._clock.now()
        with self._database.write() as connection:
            sign_in_failures.prune(connection, now - FORGOTTEN_AFTER)
            waits = []
            for key in keys:
                throttle = BY_ADDRESS if key.startswith("address") else BY_ACCOUNT
                failures = sign_in_failures.failures_of(connection, key)
                if failures:
                    waits.append(throttle.wait_seconds(failures.count, failures.last_at, now))
            if any(waits):
                raise TooManyTries(max(waits))
            for key in keys:
                sign_in_failures.count(connection, key, now)

    def _kept(self, name: str) -> tuple[int, str | None]:
        """The account and its password's hash; a number that no account has where nobody may sign in so."""
        with self._database.read() as connection:
            row = accounts.row_named(connection, name)
            return (row.id, row.password_hash) if row and not row.is_disabled else (0, None)


def _normal(name: str) -> str:
    try:
        return account_name(name)
    except InvalidInput:
        return ""


def _account_key(name: str) -> str:
    return "account:" + hashlib.sha256(name.encode()).hexdigest()[:48]


def _address_key(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "address:unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        network = ipaddress.ip_network((parsed, IPV6_NETWORK_BITS), strict=False)
        return f"address:{mapped or network.network_address}"
    return f"address:{parsed}"
