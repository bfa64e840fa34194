"""Hashing passwords with argon2id."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kbserver.domain.limits import MAX_PASSWORD_CHARS
from kbserver.domain.passwords import password_text

AT_ONCE = 2
"""Hashes computed at a time: each takes 64 MiB and a core, and guessing must not starve searching."""

HASHER = PasswordHasher()
"""argon2id with the costs of RFC 9106's second choice: 3 passes over 64 MiB, 4 lanes."""


class Passwords:
    """Makes and checks hashes; one for a process."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or HASHER
        self._slots = threading.BoundedSemaphore(AT_ONCE)
        self._nobody: str | None = None

    def hash(self, password: str) -> str:
        """What is kept of a password."""
        with self._slots:
            return self._hasher.hash(password_text(password))

    def is_right(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one that was hashed; it takes as long where nothing is kept."""
        nobody = self._hash_of_nobody()
        is_possible = kept is not None and len(password) <= MAX_PASSWORD_CHARS
        against = kept if is_possible and kept is not None else nobody
        with self._slots:
            try:
                return self._hasher.verify(against, password_text(password[:MAX_PASSWORD_CHARS])) and is_possible
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, kept: str) -> bool:
        """Whether it was hashed at other costs than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _hash_of_nobody(self) -> str:
        if self._nobody is None:
            self._nobody = self.hash("nobody's password")
        return self._nobody
