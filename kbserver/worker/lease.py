"""The worker's lease: among several processes on one database, one does the work."""

from __future__ import annotations

import os
import secrets
import threading

from kbserver.services.ports import Clock
from kbserver.store import leases
from kbserver.store.database import Database

LEASE = "worker"
LEASE_SECONDS = 10.0
"""How long after its holder has died another process takes over."""

RENEW_SECONDS = 3.0


class WorkerLease:
    """Held by at most one process; `renew` is called often, `is_held` asked before each piece of work."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._holder = f"{os.getpid()}-{secrets.token_hex(8)}"
        self._held = threading.Event()

    @property
    def is_held(self) -> bool:
        """Whether this process is the one that works."""
        return self._held.is_set()

    def renew(self) -> bool:
        """Take or keep the lease; gives whether this process has it now."""
        with self._database.write() as session:
            held = leases.acquire(session, LEASE, self._holder, self._clock.now(), LEASE_SECONDS)
        if held:
            self._held.set()
        else:
            self._held.clear()
        return held

    def give_up(self) -> None:
        """Let another process take over at once."""
        self._held.clear()
        with self._database.write() as session:
            leases.give_up(session, LEASE, self._holder)
