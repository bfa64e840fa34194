"""Signed-in browsers: how long they stay signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from kbserver.domain.accounts import Account

TOUCH_AFTER = timedelta(minutes=5)
"""A session's last use is written at most this often, so that reading pages writes hardly anything."""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long somebody stays signed in: unused, and at most."""

    idle: timedelta
    total: timedelta


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser; its secret is known to that browser alone."""

    key: str
    """The hash under which it is kept."""
    id: str
    """What pages call it, from which neither key nor secret can be told."""
    account: Account
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    user_agent: str

    def is_alive(self, now: datetime, idle: timedelta) -> bool:
        """Whether it still holds: not too old, not unused for too long, and the account not disabled.

        A session that seems to begin later than now was made by a clock that ran
        ahead; it ends no later than its own end all the same.
        """
        return now < self.expires_at and now - self.last_seen_at < idle and not self.account.is_disabled

    def needs_touch(self, now: datetime) -> bool:
        """Whether its last use is to be written."""
        return now - self.last_seen_at >= TOUCH_AFTER
