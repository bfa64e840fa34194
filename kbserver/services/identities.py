"""Signing in through an organisation's own provider: whoever it names is known here by an account."""

from __future__ import annotations

import hashlib
import logging

from sqlalchemy.orm import Session as Connection

from indexer.articles import Audience
from kbserver.domain.accounts import account_name, audience_of, display_name, email_address
from kbserver.domain.identities import Identity
from kbserver.domain.limits import MAX_ACCOUNT_NAME_CHARS, MAX_DISPLAY_NAME_CHARS
from kbserver.domain.permissions import Role
from kbserver.errors import N_, InvalidInput, SignInRefused
from kbserver.services.ports import Clock
from kbserver.services.sessions import Begun, SessionService
from kbserver.services.sign_in import Browser
from kbserver.store import accounts, sessions
from kbserver.store.accounts import NewAccount
from kbserver.store.database import Database
from kbserver.store.models import AccountRow
from kbserver.store.publishing import audit

log = logging.getLogger(__name__)

NOT_LET_IN = N_("Your organisation's account is not let in here; ask an administrator.")

PROVIDER = "identity provider"
"""Who made or changed an account, as the audit record says it."""


class IdentityService:
    """Accounts of people who have no password here."""

    def __init__(self, database: Database, clock: Clock, sessions: SessionService) -> None:
        self._database = database
        self._clock = clock
        self._sessions = sessions

    def sign_in(self, identity: Identity, default: Role | None, browser: Browser) -> Begun:
        """A new session; the account is made at the first time, and follows what the provider says of the role.

        An account is never found by its name: the provider would then decide who a
        person with a password here is. Raises `SignInRefused` for a closed account,
        and for a new person to whom neither the provider nor the default gives a role.
        """
        with self._database.write() as connection:
            row = accounts.row_known_as(connection, identity.issuer, identity.subject)
            if row is None:
                account_id = self._add(connection, identity, identity.role or default)
            else:
                account_id = self._follow(connection, row, identity)
            log.info("signed in through the provider account=%s", account_id)
            return self._sessions.begin_within(connection, account_id, browser.user_agent, instead_of=browser.secret)

    def _add(self, connection: Connection, identity: Identity, role: Role | None) -> int:
        if role is None or not identity.subject:
            raise SignInRefused(NOT_LET_IN)
        name = _free_name(connection, identity)
        new = NewAccount(
            name=name,
            role=role,
            audience=Audience.INTERNAL,
            at=self._clock.now(),
            display_name=_shown(identity, name),
            email=_email(identity),
            oidc_issuer=identity.issuer,
            oidc_subject=identity.subject,
        )
        account = accounts.add(connection, new)
        audit(connection, PROVIDER, "account", name, {"role": role, "audience": Audience.INTERNAL}, new.at)
        return account.id

    def _follow(self, connection: Connection, row: AccountRow, identity: Identity) -> int:
        if row.is_disabled:
            raise SignInRefused(NOT_LET_IN)
        row.display_name, row.email = _shown(identity, row.name), _email(identity)
        if identity.role is not None and identity.role != row.role:
            detail = {"from": {"role": row.role}, "to": {"role": identity.role}}
            row.role = identity.role
            row.audience = audience_of(identity.role, Audience.of(row.audience))
            sessions.remove_all(connection, row.id)
            audit(connection, PROVIDER, "role", row.name, detail, self._clock.now())
        return row.id


def _free_name(connection: Connection, identity: Identity) -> str:
    """The name that the provider gives, with a number where somebody else has it."""
    try:
        wished = account_name(identity.wished_name)
    except InvalidInput:
        wished = "u-" + hashlib.sha256(identity.subject.encode()).hexdigest()[:12]
    name, number = wished, 1
    while accounts.row_named(connection, name) is not None:
        number += 1
        name = f"{wished[: MAX_ACCOUNT_NAME_CHARS - 8]}-{number}"
    return name


def _shown(identity: Identity, name: str) -> str:
    return display_name(identity.display_name[:MAX_DISPLAY_NAME_CHARS], name)


def _email(identity: Identity) -> str:
    try:
        return email_address(identity.email)
    except InvalidInput:
        return ""
