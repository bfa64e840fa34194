"""Progress bars on stderr, so that `--json` on stdout stays clean."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[int, int], None]


@contextmanager
def bar(label: str, unit: str = "") -> Iterator[Progress]:
    """A progress bar that is shown on a terminal once a step has lasted for a second."""
    from tqdm import tqdm

    shown = tqdm(desc=label, unit=unit or "it", file=sys.stderr, delay=1.0, leave=False, mininterval=0.3, disable=None)

    def advance(done: int, total: int) -> None:
        if shown.total != total:
            shown.total = total
        shown.update(done - shown.n)

    try:
        yield advance
    finally:
        shown.close()


@contextmanager
def step_bars(label: str) -> Iterator[Callable[[str, int, int], None]]:
    """One bar for the slowest of several steps that run at once: the one with the vectors."""
    with bar(label, "passages") as advance:
        seen: dict[str, int] = {}

        def step(name: str, done: int, total: int) -> None:
            seen[name] = done
            advance(min(seen.values()), total)

        yield step
