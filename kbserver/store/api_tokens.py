"""Programs' keys as rows, with the accounts they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from indexer.articles import Audience
from kbserver.domain.accounts import Account
from kbserver.domain.api_tokens import ApiToken
from kbserver.domain.permissions import Scope
from kbserver.store.accounts import account_of
from kbserver.store.models import AccountRow, ApiTokenRow


@dataclass(frozen=True, slots=True)
class KeptToken:
    """A token with what proves it, and whose it is."""

    token: ApiToken
    secret_hash: str
    account: Account | None


def add(session: Session, token: ApiToken, secret_hash: str) -> None:
    """Keep a new token."""
    session.add(
        ApiTokenRow(
            id=token.id,
            name=token.name,
            secret_hash=secret_hash,
            scopes=sorted(token.scopes),
            audience=token.audience,
            account_id=token.account_id,
            created_by=token.created_by,
            created_at=token.created_at,
            expires_at=token.expires_at,
        )
    )


def get(session: Session, token_id: str) -> KeptToken | None:
    """The token of that public id."""
    query = select(ApiTokenRow, AccountRow).outerjoin(AccountRow, AccountRow.id == ApiTokenRow.account_id)
    found = session.execute(query.where(ApiTokenRow.id == token_id)).first()
    if found is None:
        return None
    row, owner = found
    return KeptToken(_token_of(row, owner), row.secret_hash, account_of(owner) if owner else None)


def all_tokens(session: Session) -> list[ApiToken]:
    """Every token, the newest first."""
    query = select(ApiTokenRow, AccountRow).outerjoin(AccountRow, AccountRow.id == ApiTokenRow.account_id)
    rows = session.execute(query.order_by(ApiTokenRow.created_at.desc(), ApiTokenRow.id))
    return [_token_of(row, owner) for row, owner in rows]


def touch(session: Session, token_id: str, at: datetime) -> None:
    """Note that the token was used."""
    session.execute(update(ApiTokenRow).where(ApiTokenRow.id == token_id).values(last_used_at=at))


def revoke(session: Session, token_id: str, at: datetime) -> None:
    """End the token."""
    session.execute(update(ApiTokenRow).where(ApiTokenRow.id == token_id).values(revoked_at=at))


def _token_of(row: ApiTokenRow, owner: AccountRow | None) -> ApiToken:
    known = set(Scope)
    return ApiToken(
        id=row.id,
        name=row.name,
        scopes=frozenset(Scope(scope) for scope in row.scopes if scope in known),
        audience=Audience.of(row.audience),
        account_id=row.account_id,
        owner=owner.name if owner else "",
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )
