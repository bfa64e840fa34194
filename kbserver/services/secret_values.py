"""Secrets that are handed out once and kept as a hash only."""

from __future__ import annotations

import hashlib
import hmac
import secrets

SECRET_BYTES = 32
ONE_TIME_GROUPS, ONE_TIME_GROUP_CHARS = 4, 5
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that nobody mistakes for one another."""


def new_secret() -> str:
    """256 random bits as text for a cookie or an address."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hash_of(secret: str) -> str:
    """What is kept of a secret. It is random and long, so a plain hash cannot be guessed back."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def is_same(one: str, other: str) -> bool:
    """Whether two secrets or hashes are equal, in a time that tells nothing of where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def one_time_password() -> str:
    """A random password of about 99 bits that can be read out, such as `k7mpx-29abc-…`."""
    groups = ("".join(secrets.choice(READABLE) for _ in range(ONE_TIME_GROUP_CHARS)) for _ in range(ONE_TIME_GROUPS))
    return "-".join(groups)
