"""The worker of one process: imports what changes, keeps the index up to date, writes events."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from indexer.frontmatter import is_article_name
from kbserver.errors import KBError
from kbserver.services.events import EventLog
from kbserver.services.folder_sync import FolderSync
from kbserver.services.indexing import IndexConsumer
from kbserver.services.ports import SearchIndex
from kbserver.worker.errands import Errand, ErrandRunner
from kbserver.worker.lease import RENEW_SECONDS, WorkerLease
from kbserver.worker.watching import changes_in

FLUSH_SECONDS = 0.5
NEWS_SECONDS = 0.3
"""How often the outbox is looked at: another process may have published."""

PRUNE_SECONDS = 3600.0
RESCAN_SECONDS = 300.0
"""The whole folder is looked at this often: a network disk may not report changes."""

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0

log = logging.getLogger(__name__)


class Worker:
    """Five threads: folder and database in step, indexing, vectors, errands, lease and events."""

    def __init__(
        self,
        root: Path,
        folder: FolderSync,
        consumer: IndexConsumer,
        index: SearchIndex,
        events: EventLog,
        lease: WorkerLease,
        retention_days: int,
        errands: Sequence[Errand] = (),
    ) -> None:
        self._root = root
        self._folder = folder
        self._consumer = consumer
        self._index = index
        self._events = events
        self._lease = lease
        self._retention_days = retention_days
        self._stop = threading.Event()
        self._errands = ErrandRunner(errands, lambda: lease.is_held, self._stop)
        self._has_news = threading.Event()
        self._has_new_passages = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start working; returns at once."""
        self._keep_lease()
        for name, work in (
            ("kb-house", self._keep_house),
            ("kb-folder", self._forever(self._follow_folder)),
            ("kb-index", self._forever(self._follow_outbox)),
            ("kb-vectors", self._forever(self._add_vectors)),
            ("kb-errands", self._errands.run_until_stopped),
        ):
            thread = threading.Thread(target=work, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self, timeout_seconds: float = 10.0) -> None:
        """Stop working, write what waits, and let another process take over."""
        self._stop.set()
        self._has_news.set()
        self._has_new_passages.set()
        deadline = time.monotonic() + timeout_seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        try:
            self._events.flush()
            self._lease.give_up()
        except Exception:
            log.exception("the worker could not tidy up")

    def _forever(self, work: Callable[[], None]) -> Callable[[], None]:
        """The work repeated until the worker is stopped; failures are logged and waited out."""

        def run() -> None:
            pause = FIRST_PAUSE_SECONDS
            while not self._stop.is_set():
                try:
                    work()
                    pause = FIRST_PAUSE_SECONDS
                except KBError as error:
                    log.warning("work is put off for %ss: %s", pause, error)
                    self._stop.wait(pause)
                    pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                except Exception:
                    log.exception("work failed; next try in %ss", pause)
                    self._stop.wait(pause)
                    pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

        return run

    def _follow_folder(self) -> None:
        """Import the folder whole, then each change, and write what was published elsewhere.

        Goes on as long as this process holds the lease.
        """
        if not self._lease.is_held:
            self._stop.wait(RENEW_SECONDS)
            return
        # The first look at the whole folder comes after watching has begun, so that nothing falls between.
        rescan_at = 0.0
        for changed in changes_in(self._root, self._stop):
            if self._stop.is_set() or not self._lease.is_held:
                return
            folders = {path for path in changed if not is_article_name(path.name)}
            if folders or time.monotonic() >= rescan_at:
                self._folder.whole()
                rescan_at = time.monotonic() + RESCAN_SECONDS
                self._has_news.set()
            elif changed:
                self._folder.changed(changed)
                self._has_news.set()
            self._folder.write_back()

    def _follow_outbox(self) -> None:
        """Take what was published into the index; a folder that is away does not stop this."""
        self._has_news.wait(NEWS_SECONDS)
        self._has_news.clear()
        if not self._stop.is_set() and self._lease.is_held and self._consumer.catch_up():
            self._has_new_passages.set()

    def _add_vectors(self) -> None:
        self._has_new_passages.wait(RENEW_SECONDS)
        self._has_new_passages.clear()
        if not self._stop.is_set() and self._lease.is_held and self._index.status().pending:
            self._index.fill_pending()

    def _keep_house(self) -> None:
        renew_at = prune_at = time.monotonic()
        while not self._stop.wait(FLUSH_SECONDS):
            now = time.monotonic()
            try:
                self._events.flush()
                if now >= renew_at:
                    self._keep_lease()
                    renew_at = now + RENEW_SECONDS
                if now >= prune_at and self._lease.is_held:
                    self._events.prune(self._retention_days)
                    prune_at = now + PRUNE_SECONDS
            except Exception:
                log.exception("housekeeping failed")

    def _keep_lease(self) -> None:
        self._lease.renew()
