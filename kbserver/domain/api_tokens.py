"""Keys that programs ask with: `kb_<id>_<secret>`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from indexer.articles import Audience
from kbserver.domain.limits import MAX_TOKEN_DAYS, MAX_TOKEN_NAME_CHARS
from kbserver.domain.permissions import Scope
from kbserver.errors import N_, InvalidInput

ID_CHARS = 12
TOKEN_FORM = re.compile(r"kb_([a-z2-9]{12})_([A-Za-z0-9_-]{43})")
FOR_GOOD = 0


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A program's key as lists show it; its secret is known to the program alone."""

    id: str
    name: str
    scopes: frozenset[Scope]
    audience: Audience
    account_id: int | None
    """Whose it is; None for one that belongs to nobody."""
    owner: str
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    def is_valid(self, now: datetime) -> bool:
        """Whether it is neither revoked nor too old."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class TokenParts:
    """What a token says: which it is, and the proof."""

    id: str
    secret: str


def parts_of(text: str) -> TokenParts | None:
    """The parts of a token's text, None for what cannot be one.

    >>> parts_of("kb_abcdefghijkm_" + "x" * 43).id
    'abcdefghijkm'
    >>> parts_of("kb_abcdefghijkm_" + "x" * 42)
    """
    found = TOKEN_FORM.fullmatch(text)
    return TokenParts(found[1], found[2]) if found else None


def token_name(text: str) -> str:
    """What the token is called, in one line; raises `InvalidInput`."""
    name = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not 1 <= len(name) <= MAX_TOKEN_NAME_CHARS:
        raise InvalidInput(
            N_("Say in 1 to %(most)s characters what the token is for."), field="name", most=MAX_TOKEN_NAME_CHARS
        )
    return name


def scopes_named(names: Iterable[str]) -> frozenset[Scope]:
    """The scopes of these names; raises `InvalidInput` for an unknown one, and for none."""
    known = {scope.value: scope for scope in Scope}
    wanted = [name.strip() for name in names if name.strip()]
    unknown = sorted(set(wanted) - known.keys())
    if unknown:
        raise InvalidInput(
            N_("There is no scope %(name)s; there are %(known)s."),
            field="scopes",
            name=unknown[0][:50],
            known=", ".join(known),
        )
    if not wanted:
        raise InvalidInput(N_("Choose at least one scope."), field="scopes")
    return frozenset(known[name] for name in wanted)


def expiry(days: int, now: datetime) -> datetime | None:
    """When a token ends that lasts so many days from now; 0 is for good."""
    if not 0 <= days <= MAX_TOKEN_DAYS:
        raise InvalidInput(
            N_("A token lasts from 1 to %(most)s days, or with 0 for good."), field="days", most=MAX_TOKEN_DAYS
        )
    return None if days == FOR_GOOD else now + timedelta(days=days)
