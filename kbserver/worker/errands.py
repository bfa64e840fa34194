"""Work that is done again and again beside importing and indexing, by the process that holds the lease."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Errand:
    """Something to do every so often; doing it once more must change nothing."""

    name: str
    every_seconds: float
    run: Callable[[], object]


class ErrandRunner:
    """Runs errands in turn; one that fails is tried again when it is due next, and holds up no other."""

    def __init__(self, errands: Sequence[Errand], is_held: Callable[[], bool], stop: threading.Event) -> None:
        self._due = dict.fromkeys(errands, 0.0)
        self._is_held = is_held
        self._stop = stop

    def run_until_stopped(self) -> None:
        """Run what is due until the worker is stopped."""
        while not self._stop.wait(TICK_SECONDS):
            self.run_due(time.monotonic())

    def run_due(self, now: float) -> None:
        """Run what is due at this reading of the clock, as long as this process holds the lease."""
        for errand, due in list(self._due.items()):
            if now < due or self._stop.is_set() or not self._is_held():
                continue
            self._due[errand] = now + errand.every_seconds
            try:
                errand.run()
            except Exception:
                log.exception("errand failed name=%s", errand.name)
