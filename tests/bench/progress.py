"""Progress bars on stderr, so that the tables on stdout can be redirected."""

from __future__ import annotations

import sys

from tqdm import tqdm


def bar(label: str, total: int) -> tqdm:  # type: ignore[type-arg]
    """A bar of `total` steps, to be used as a context manager."""
    return tqdm(desc=label, total=total, file=sys.stderr, leave=False, mininterval=0.5)
