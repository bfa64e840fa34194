"""Links by which somebody sets a password: handed out by an administrator, good for one use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session as Connection

from kbserver.domain.accounts import Account
from kbserver.domain.passwords import LINK_LASTS, check_new_password
from kbserver.domain.permissions import Right
from kbserver.domain.reader import Reader
from kbserver.errors import N_, Conflict, NotFound
from kbserver.services.passwords import Passwords
from kbserver.services.ports import Clock
from kbserver.services.secret_values import hash_of, new_secret
from kbserver.services.sessions import Begun, SessionService
from kbserver.services.sign_in import Browser, SignInService
from kbserver.store import accounts, password_links
from kbserver.store.database import Database
from kbserver.store.publishing import audit


@dataclass(frozen=True, slots=True)
class PasswordLink:
    """A link that was just made; its path is told this once."""

    path: str
    expires_at: datetime


class PasswordLinkService:
    """Makes links and takes them."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        passwords: Passwords,
        sessions: SessionService,
        sign_in: SignInService,
    ) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords
        self._sessions = sessions
        self._sign_in = sign_in

    def create(self, who: Reader, account_id: int) -> PasswordLink:
        """A link for that account; the ones it had before no longer work, its password still does."""
        who.require(Right.MANAGE_PEOPLE)
        secret, now = new_secret(), self._clock.now()
        with self._database.write() as connection:
            row = accounts.row_of(connection, account_id)
            if row is None:
                raise NotFound(N_("There is no such account."))
            if row.is_disabled:
                raise Conflict(N_("This account is closed; open it first."))
            if row.oidc_subject is not None:
                raise Conflict(N_("This person signs in through your organisation and has no password here."))
            end = now + LINK_LASTS
            password_links.add(connection, hash_of(secret), account_id, by=who.name, at=now, expires_at=end)
            audit(connection, who.name, "password link", row.name, {}, now)
        return PasswordLink(f"/sign-in/link/{secret}", end)

    def account_of(self, secret: str) -> Account:
        """Whose password the link sets; raises `NotFound` where it no longer does."""
        with self._database.read() as connection:
            return self._account_within(connection, secret)

    def use(self, secret: str, password: str, browser: Browser) -> Begun:
        """Set the password and sign in; the link and all the account's sessions end."""
        account = self.account_of(secret)
        check_new_password(password, account.name)
        kept = self._passwords.hash(password)
        with self._database.write() as connection:
            account = self._account_within(connection, secret)
            password_links.use(connection, hash_of(secret), self._clock.now())
            self._sign_in.set_password_within(connection, account.id, kept, actor=account.name)
            return self._sessions.begin_within(connection, account.id, browser.user_agent, instead_of=browser.secret)

    def _account_within(self, connection: Connection, secret: str) -> Account:
        account_id = password_links.account_id_of(connection, hash_of(secret), self._clock.now())
        row = accounts.row_of(connection, account_id) if account_id is not None else None
        if row is None or row.is_disabled:
            raise NotFound(N_("This link was used or has run out; ask an administrator for a new one."))
        return accounts.account_of(row)
