"""People: made, listed, given roles, disabled. Only administrators do that, and the command line."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Connection

from indexer.articles import Audience
from kbserver.domain.accounts import Account, account_name, audience_of, display_name, email_address
from kbserver.domain.passwords import check_new_password
from kbserver.domain.permissions import Right, Role
from kbserver.domain.reader import Reader
from kbserver.errors import N_, Conflict, NotAllowed, NotFound
from kbserver.services.passwords import Passwords
from kbserver.services.ports import Clock
from kbserver.services.secret_values import one_time_password
from kbserver.store import accounts as rows
from kbserver.store import password_links, sessions
from kbserver.store.accounts import NewAccount
from kbserver.store.database import Database
from kbserver.store.models import AccountRow
from kbserver.store.publishing import audit

FIRST_ADMINISTRATOR = "admin"
COMMAND_LINE = Reader(Audience.INTERNAL, "command line", Role.ADMIN, name="command line")
"""Whoever runs commands on the machine has the database anyway."""


@dataclass(frozen=True, slots=True)
class Person:
    """What is asked of a new account."""

    name: str
    role: Role
    audience: Audience = Audience.INTERNAL
    display_name: str = ""
    email: str = ""


class AccountService:
    """The accounts of the site."""

    def __init__(self, database: Database, clock: Clock, passwords: Passwords) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords
        self._has_been_used = False

    def is_in_use(self) -> bool:
        """Whether anybody ever signed in; until then a site on one machine is open to whoever sits there."""
        if not self._has_been_used:
            with self._database.read() as connection:
                self._has_been_used = rows.any_seen(connection)
        return self._has_been_used

    def create_first_administrator(self) -> str | None:
        """The one-time password of a new administrator, None where there are accounts already."""
        with self._database.read() as connection:
            if rows.any_account(connection):
                return None
        password = one_time_password()
        kept = self._passwords.hash(password)
        with self._database.write() as connection:
            if rows.any_account(connection):
                return None
            person = Person(FIRST_ADMINISTRATOR, Role.ADMIN)
            self._add(connection, COMMAND_LINE, person, kept, must_change=True)
        return password

    def create(self, who: Reader, person: Person, password: str | None = None) -> Account:
        """A new account; without a password it waits for a link to set one.

        Raises `InvalidInput` for a bad name or password, `Conflict` for a name that is taken.
        """
        who.require(Right.MANAGE_PEOPLE)
        if password is not None:
            check_new_password(password, account_name(person.name))
        kept = self._passwords.hash(password) if password is not None else None
        try:
            with self._database.write() as connection:
                return self._add(connection, who, person, kept)
        except IntegrityError:
            raise Conflict(N_("There is already an account with that name."), field="name") from None

    def list(self, who: Reader) -> list[Account]:
        """Everybody, by name."""
        who.require(Right.MANAGE_PEOPLE)
        with self._database.read() as connection:
            return rows.all_accounts(connection)

    def get(self, who: Reader, account_id: int) -> Account:
        """One account; `NotFound` where there is none."""
        who.require(Right.MANAGE_PEOPLE)
        with self._database.read() as connection:
            return rows.account_of(_existing(connection, account_id))

    def named(self, who: Reader, name: str) -> Account:
        """The account of that name; `NotFound` where there is none."""
        who.require(Right.MANAGE_PEOPLE)
        with self._database.read() as connection:
            row = rows.row_named(connection, account_name(name))
            if row is None:
                raise NotFound(N_("There is no account %(name)s."), name=name)
            return rows.account_of(row)

    def set_role(self, who: Reader, account_id: int, role: Role, audience: Audience) -> Account:
        """The account in its new role; all its sessions end, so that none goes on with the old one."""
        who.require(Right.MANAGE_PEOPLE)
        _not_oneself(who, account_id)
        with self._database.write() as connection:
            row = _existing(connection, account_id)
            if role is not Role.ADMIN:
                _keep_one_administrator(connection, row)
            before = {"role": row.role, "audience": row.audience}
            row.role, row.audience = role, audience_of(role, audience)
            after = {"role": row.role, "audience": row.audience}
            if before != after:
                sessions.remove_all(connection, account_id)
                detail = {"from": before, "to": after}
                audit(connection, who.name, "role", row.name, detail, self._clock.now())
            return rows.account_of(row)

    def set_disabled(self, who: Reader, account_id: int, *, is_disabled: bool) -> Account:
        """The account, closed or open again; closing ends its sessions, and its tokens no longer work."""
        who.require(Right.MANAGE_PEOPLE)
        _not_oneself(who, account_id)
        with self._database.write() as connection:
            row = _existing(connection, account_id)
            if is_disabled:
                _keep_one_administrator(connection, row)
                sessions.remove_all(connection, account_id)
                password_links.remove_all(connection, account_id)
            if row.is_disabled != is_disabled:
                row.is_disabled = is_disabled
                action = "disable" if is_disabled else "enable"
                audit(connection, who.name, action, row.name, {}, self._clock.now())
            return rows.account_of(row)

    def _add(
        self, connection: Connection, who: Reader, person: Person, kept: str | None, *, must_change: bool = False
    ) -> Account:
        name = account_name(person.name)
        new = NewAccount(
            name=name,
            role=person.role,
            audience=audience_of(person.role, person.audience),
            at=self._clock.now(),
            display_name=display_name(person.display_name, name),
            email=email_address(person.email),
            password_hash=kept,
            must_change_password=must_change,
        )
        account = rows.add(connection, new)
        detail = {"role": account.role, "audience": account.audience}
        audit(connection, who.name, "account", account.name, detail, new.at)
        return account


def _existing(connection: Connection, account_id: int) -> AccountRow:
    row = rows.row_of(connection, account_id)
    if row is None:
        raise NotFound(N_("There is no such account."))
    return row


def _not_oneself(who: Reader, account_id: int) -> None:
    if who.account_id == account_id:
        raise NotAllowed(N_("Nobody changes their own role or closes their own account; ask another administrator."))


def _keep_one_administrator(connection: Connection, row: AccountRow) -> None:
    is_last = row.role == Role.ADMIN and not row.is_disabled and rows.active_count(connection, Role.ADMIN) == 1
    if is_last:
        raise Conflict(N_("This is the last administrator; make somebody else one first."))
