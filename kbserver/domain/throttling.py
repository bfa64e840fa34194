"""How long somebody has to wait after wrong passwords."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Throttle:
    """Some tries are free; then each wait is twice the one before, up to the longest.

    Nobody is locked out for good: a wait ends, and refused tries do not lengthen it.
    """

    free: int
    longest: timedelta = timedelta(minutes=5)

    def wait_seconds(self, failures: int, last_at: datetime, now: datetime) -> int:
        """Seconds from now until the next try, rounded up; 0 for none.

        >>> at = datetime(2026, 9, 1)
        >>> [Throttle(free=3).wait_seconds(failures, at, at) for failures in (0, 2, 3, 4, 8, 99)]
        [0, 0, 1, 2, 32, 300]
        """
        if failures < self.free:
            return 0
        longest = self.longest.total_seconds()
        pause = min(longest, 2.0 ** min(failures - self.free, 60))
        # A last try in the future was noted by a clock that ran ahead.
        since = max(0.0, (now - last_at).total_seconds())
        return max(0, math.ceil(pause - since))


BY_ACCOUNT = Throttle(free=5)
BY_ADDRESS = Throttle(free=30)
"""A whole office may share one address."""

FORGOTTEN_AFTER = timedelta(days=1)
"""Failures as old as this no longer count."""
