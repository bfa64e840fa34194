"""What another system says of somebody who signs in through it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kbserver.domain.permissions import Role
from kbserver.errors import N_, SignInRefused


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as their organisation's provider knows them; only issuer and subject tell people apart."""

    issuer: str
    subject: str
    wished_name: str
    display_name: str
    email: str
    role: Role | None
    """The role that the provider's word gives; None where roles are given here."""


@dataclass(frozen=True, slots=True)
class RoleRule:
    """Which role the claims of somebody give them; without `roles` that is not the provider's matter."""

    claim: str
    roles: Mapping[str, Role]
    default: Role | None
    """For those whom no value gives a role; None lets them not in."""

    def role_in(self, claims: Mapping[str, Any]) -> Role | None:
        """The highest role that any value of the claim gives, else the default; raises `SignInRefused` for none.

        >>> rule = RoleRule("realm.groups", {"support": Role.AGENT, "heads": Role.REVIEWER}, Role.READER)
        >>> rule.role_in({"realm": {"groups": ["heads", "support", "others"]}})
        <Role.REVIEWER: 'reviewer'>
        >>> rule.role_in({"realm": "support"})
        <Role.READER: 'reader'>
        """
        if not self.roles:
            return None
        found = [self.roles[value] for value in _values(claims, self.claim) if value in self.roles]
        role = max(found, key=lambda role: role.rank, default=self.default)
        if role is None:
            raise SignInRefused(N_("Your organisation's account is not let in here; ask an administrator."))
        return role


def identity_of(claims: Mapping[str, Any], issuer: str, rule: RoleRule) -> Identity:
    """The identity that checked claims speak of."""
    email = _text(claims, "email") if claims.get("email_verified", True) is True else ""
    wished = _text(claims, "preferred_username") or email.partition("@")[0] or _text(claims, "sub")
    shown = _text(claims, "name") or wished
    return Identity(issuer, _text(claims, "sub"), wished, shown, email, rule.role_in(claims))


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def _values(claims: Mapping[str, Any], path: str) -> list[str]:
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return [found]
    return [value for value in found if isinstance(value, str)] if isinstance(found, list) else []
