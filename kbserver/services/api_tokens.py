"""Programs' keys: made, listed, revoked, and recognised when they are used."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from indexer.articles import Audience
from kbserver.domain.api_tokens import ID_CHARS, ApiToken, expiry, parts_of, token_name
from kbserver.domain.permissions import Right, Scope
from kbserver.domain.reader import Reader
from kbserver.errors import N_, NotFound
from kbserver.services.ports import Clock
from kbserver.services.secret_values import READABLE, hash_of, is_same, new_secret
from kbserver.store import accounts
from kbserver.store import api_tokens as rows
from kbserver.store.api_tokens import KeptToken
from kbserver.store.database import Database
from kbserver.store.publishing import audit

TOUCH_AFTER = timedelta(minutes=5)
"""A token's last use is written at most this often."""

HASH_OF_NOTHING = hash_of("")


@dataclass(frozen=True, slots=True)
class TokenWish:
    """What is asked of a new token; without an account it belongs to nobody."""

    name: str
    scopes: frozenset[Scope]
    audience: Audience
    days: int
    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class MadeToken:
    """A token that was just made, with the text that is told this once."""

    text: str
    token: ApiToken


class ApiTokenService:
    """The tokens of the site."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def create(self, who: Reader, wish: TokenWish) -> MadeToken:
        """A new token; raises `InvalidInput` for a wish that cannot be met."""
        who.require(Right.MANAGE_TOKENS)
        now, secret = self._clock.now(), new_secret()
        with self._database.write() as connection:
            owner = accounts.row_of(connection, wish.account_id) if wish.account_id is not None else None
            if wish.account_id is not None and owner is None:
                raise NotFound(N_("There is no such account."))
            token = ApiToken(
                id="".join(secrets.choice(READABLE) for _ in range(ID_CHARS)),
                name=token_name(wish.name),
                scopes=wish.scopes,
                audience=wish.audience,
                account_id=wish.account_id,
                owner=owner.name if owner else "",
                created_by=who.name,
                created_at=now,
                expires_at=expiry(wish.days, now),
                last_used_at=None,
                revoked_at=None,
            )
            rows.add(connection, token, hash_of(secret))
            detail = {"name": token.name, "scopes": sorted(token.scopes), "audience": token.audience}
            audit(connection, who.name, "token", token.id, detail, now)
        return MadeToken(f"kb_{token.id}_{secret}", token)

    def list(self, who: Reader) -> list[ApiToken]:
        """Every token, the newest first."""
        who.require(Right.MANAGE_TOKENS)
        with self._database.read() as connection:
            return rows.all_tokens(connection)

    def revoke(self, who: Reader, token_id: str) -> None:
        """End a token at once; `NotFound` where there is none, nothing to do where it has ended."""
        who.require(Right.MANAGE_TOKENS)
        with self._database.write() as connection:
            kept = rows.get(connection, token_id)
            if kept is None:
                raise NotFound(N_("There is no such token."))
            if kept.token.revoked_at is None:
                now = self._clock.now()
                rows.revoke(connection, token_id, now)
                audit(connection, who.name, "token revoked", token_id, {"name": kept.token.name}, now)

    def reader_with(self, text: str) -> Reader | None:
        """The reader that a token's text stands for, None whatever is wrong with it.

        It sees no more than the token's audience and that of its owner, and may do
        no more than both allow.
        """
        parts = parts_of(text)
        kept = self._kept(parts.id) if parts else None
        is_right = is_same(hash_of(parts.secret if parts else ""), kept.secret_hash if kept else HASH_OF_NOTHING)
        now = self._clock.now()
        if kept is None or not is_right or not kept.token.is_valid(now):
            return None
        if kept.account is not None and (kept.account.is_disabled or kept.account.must_change_password):
            return None
        token = kept.token
        if token.last_used_at is None or now - token.last_used_at >= TOUCH_AFTER:
            with self._database.write() as connection:
                rows.touch(connection, token.id, now)
        return _reader_of(kept)

    def _kept(self, token_id: str) -> KeptToken | None:
        with self._database.read() as connection:
            return rows.get(connection, token_id)


def _reader_of(kept: KeptToken) -> Reader:
    token, account = kept.token, kept.account
    scopes = frozenset(scope.value for scope in token.scopes)
    if account is None:
        return Reader(token.audience, f"token {token.id}", name=token.name, scopes=scopes)
    reader = Reader(account.audience, account.name, account.role, account.id, account.name, scopes)
    return reader.narrowed(token.audience)
