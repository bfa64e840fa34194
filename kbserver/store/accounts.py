"""Accounts as rows: made, found, listed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from indexer.articles import Audience
from kbserver.domain.accounts import Account
from kbserver.domain.permissions import Role
from kbserver.store.models import AccountRow


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account that is to be made; without a password hash nobody signs in to it with a password."""

    name: str
    role: Role
    audience: Audience
    at: datetime
    display_name: str = ""
    email: str = ""
    password_hash: str | None = None
    must_change_password: bool = False
    oidc_issuer: str | None = None
    oidc_subject: str | None = None


def add(session: Session, new: NewAccount) -> Account:
    """The account, as it stands now."""
    row = AccountRow(
        name=new.name,
        display_name=new.display_name or new.name,
        email=new.email,
        role=new.role,
        audience=new.audience,
        password_hash=new.password_hash,
        password_changed_at=new.at if new.password_hash else None,
        must_change_password=new.must_change_password,
        created_at=new.at,
        oidc_issuer=new.oidc_issuer,
        oidc_subject=new.oidc_subject,
    )
    session.add(row)
    session.flush()
    return account_of(row)


def row_of(session: Session, account_id: int) -> AccountRow | None:
    """The row itself, for those who change it."""
    return session.get(AccountRow, account_id)


def row_named(session: Session, name: str) -> AccountRow | None:
    """The row of the account with that name in its normal form."""
    return session.scalar(select(AccountRow).where(AccountRow.name == name))


def row_known_as(session: Session, issuer: str, subject: str) -> AccountRow | None:
    """The row of the account that another system knows by that subject."""
    query = select(AccountRow).where(AccountRow.oidc_issuer == issuer, AccountRow.oidc_subject == subject)
    return session.scalar(query)


def all_accounts(session: Session) -> list[Account]:
    """Everybody, by name."""
    return [account_of(row) for row in session.scalars(select(AccountRow).order_by(AccountRow.name))]


def any_account(session: Session) -> bool:
    """Whether there is an account."""
    return session.scalar(select(AccountRow.id).limit(1)) is not None


def any_seen(session: Session) -> bool:
    """Whether anybody ever signed in."""
    return session.scalar(select(AccountRow.id).where(AccountRow.last_seen_at.is_not(None)).limit(1)) is not None


def active_count(session: Session, role: Role) -> int:
    """How many accounts of that role are not disabled."""
    query = select(func.count()).where(AccountRow.role == role, AccountRow.is_disabled.is_(False))
    return session.scalar(query) or 0


def account_of(row: AccountRow) -> Account:
    """The row as a value, without its password hash."""
    return Account(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        email=row.email,
        role=Role(row.role),
        audience=Audience.of(row.audience),
        is_disabled=row.is_disabled,
        must_change_password=row.must_change_password,
        has_password=row.password_hash is not None,
        is_external=row.oidc_subject is not None,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
    )
