"""Changes in the articles folder, as they happen."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from indexer.frontmatter import is_article_name
from kbserver.errors import N_, FolderUnavailable

GROUP_MS = 100
"""Changes are collected for this long at most; a saved file is searchable within a second."""

QUIET_MS = 20
"""Nothing new for this long ends the collecting: an editor writes a file in several steps."""

TICK_MS = 500
"""Without changes, an empty set is given this often, so that other work gets its turn."""


def changes_in(root: Path, stop: threading.Event) -> Iterator[set[Path]]:
    """Sets of article files that were added, changed or removed, until `stop` is set.

    Raises `FolderUnavailable` where there is no folder to watch.

    A folder that comes or goes is given as itself: what lies below it is not
    reported file by file.
    """
    from watchfiles import watch

    if not root.is_dir():
        raise FolderUnavailable(N_("The articles folder %(path)s does not exist."), path=root)
    batches = watch(
        root,
        watch_filter=None,
        debounce=GROUP_MS,
        step=QUIET_MS,
        rust_timeout=TICK_MS,
        yield_on_timeout=True,
        stop_event=stop,
        raise_interrupt=False,
    )
    for batch in batches:
        paths = {Path(name) for _, name in batch}
        yield {path for path in paths if is_article_name(path.name) or _may_be_folder(path, root)}


def _may_be_folder(path: Path, root: Path) -> bool:
    """Whether the path is a folder, or was one: what is gone cannot be asked, but has no suffix."""
    hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
    return not hidden and (path.is_dir() or (not path.exists() and not path.suffix))
