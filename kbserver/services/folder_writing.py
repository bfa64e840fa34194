"""From revisions to files: a consumer of the outbox that writes what was published elsewhere."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from kbserver.domain.articles import Stage
from kbserver.domain.folder import HeldFile, KnownFile
from kbserver.errors import Busy
from kbserver.services.article_folder import ArticleFolder
from kbserver.services.folder_drafts import FOLDER_AUTHOR
from kbserver.services.ports import Clock
from kbserver.store import folder, held_files, outbox
from kbserver.store.database import Database

CONSUMER = "folder"
BATCH = 500

RETRY_SECONDS = 5.0
"""How long after a file could not be written it is tried again; twice as long each time it fails."""

LONGEST_RETRY_SECONDS = 300.0

MOST_NAMES = 1_000
"""File names tried for an article before giving up."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Task:
    """An article whose file is not what the database says, with all that is known of it."""

    known: KnownFile
    text: str
    held: HeldFile | None

    @property
    def safe_hashes(self) -> frozenset[str]:
        """Contents that may be replaced: the common text, and one whose draft has been decided on."""
        safe = {self.known.file_hash}
        if self.held and self.held.draft_id is None:
            safe.add(self.held.file_hash)
        return frozenset(safe - {""})


@dataclass
class FolderWriter:
    """Brings the files to the database's state, as far as nothing in the folder would be lost by it."""

    database: Database
    clock: Clock
    files: ArticleFolder
    pictures: Callable[[str, str], None] | None = None
    """Writes the pictures of an article (by id) beside its file (by path)."""
    _failed: set[str] = field(default_factory=set)
    _pause: float = RETRY_SECONDS
    _retry_at: float = 0.0

    def catch_up(self) -> list[str]:
        """Write what was published since the last time; gives the articles whose file changed, by id."""
        written = self._retried()
        with self.database.read() as session:
            seq, newest = outbox.cursor_of(session, CONSUMER), outbox.last_seq(session)
            decided = [held.article_id for held in held_files.decided(session)]
        written += self._settle_all(decided)
        while seq < newest:
            with self.database.read() as session:
                batch = outbox.batch_after(session, seq, BATCH)
                waiting = folder.out_of_step(session, batch.article_ids)
            if batch.last_seq == seq:
                break
            written += self._settle_all(waiting)
            seq = batch.last_seq
            with self.database.write() as session:
                outbox.advance(session, CONSUMER, seq)
        return written

    def reconcile(self) -> list[str]:
        """Write every file that is not what the database says, whatever the cursor says; gives their ids."""
        self.files.clear_abandoned()
        with self.database.read() as session:
            waiting = folder.out_of_step(session)
        return [*self._settle_all(waiting), *self.catch_up()]

    def _retried(self) -> list[str]:
        if not self._failed or time.monotonic() < self._retry_at:
            return []
        again = sorted(self._failed)
        self._failed.clear()
        written = self._settle_all(again)
        self._pause = min(self._pause * 2, LONGEST_RETRY_SECONDS) if self._failed else RETRY_SECONDS
        return written

    def _settle_all(self, ids: Iterable[str]) -> list[str]:
        written = []
        for article_id in ids:
            try:
                if self._settle(article_id):
                    written.append(article_id)
            except (OSError, ValueError, Busy) as error:
                self._put_off(article_id)
                log.warning("file not written, tried again id=%s error=%s", article_id, error)
        return written

    def _put_off(self, article_id: str) -> None:
        self._failed.add(article_id)
        self._retry_at = time.monotonic() + self._pause

    def _settle(self, article_id: str) -> bool:
        """Bring one file in step; gives whether it was touched."""
        with self.database.read() as session:
            task = _task(session, article_id)
        if task is None:
            return self._forget(article_id)
        if task.known.stage is Stage.ARCHIVED:
            return self._take_away(task)
        if not task.known.path:
            return self._put_elsewhere(task, f"{article_id}.md")
        return self._put(task)

    def _put(self, task: _Task) -> bool:
        known, data = task.known, task.text.encode()
        found = self.files.hash_of(known.path)
        if found == known.sha256:
            done, touched = True, False
        elif found is None:
            done = touched = self.files.create(known.path, data)
        elif found in task.safe_hashes:
            done = touched = self.files.replace(known.path, data, found)
        elif not known.file_hash and not (task.held and task.held.path == known.path):
            # Something else took the name before this article had a file.
            return self._put_elsewhere(task, known.path)
        else:
            log.info("file has changed too and is left to the import id=%s path=%r", known.article_id, known.path)
            return False
        if done:
            self._note(task)
            if self.pictures:
                self.pictures(known.article_id, known.path)
        else:
            self._put_off(known.article_id)
        return touched

    def _put_elsewhere(self, task: _Task, wanted: str) -> bool:
        """Give the article a name that nothing has, in the database and in the folder, and write it there."""
        with self.database.write() as session:
            path = next(
                name
                for name in _numbered(wanted)
                if folder.known_file(session, path=name) is None and self.files.hash_of(name) is None
            )
            folder.move(session, task.known.article_id, path, self.clock.now(), FOLDER_AUTHOR)
        log.info("file written under another name id=%s path=%r", task.known.article_id, path)
        return self._settle(task.known.article_id)

    def _take_away(self, task: _Task) -> bool:
        known = task.known
        found = self.files.hash_of(known.path)
        if found is not None and found not in task.safe_hashes:
            log.info("file of an archived article has changed and is kept id=%s", known.article_id)
            return False
        touched = found is not None and self.files.remove(known.path, found)
        if found is None or touched:
            with self.database.write() as session:
                if folder.known_file(session, article_id=known.article_id) == known:
                    folder.note_gone(session, known.article_id)
                held_files.release(session, known.path)
        return touched

    def _note(self, task: _Task) -> None:
        known, held = task.known, task.held
        with self.database.write() as session:
            now = folder.known_file(session, article_id=known.article_id)
            # Published again while the file was written: then this text is the common one all the same.
            if now and now.path == known.path:
                folder.note_common(session, known.article_id, known.sha256)
            if held and held.draft_id is None:
                self._let_go(session, held, known)

    def _let_go(self, session: Session, held: HeldFile, known: KnownFile) -> None:
        """Release a file that was decided on; one that lies elsewhere than the article's is removed."""
        is_left = held.path != known.path and folder.known_file(session, path=held.path) is None
        if is_left and self.files.hash_of(held.path) == held.file_hash:
            self.files.remove(held.path, held.file_hash)
        held_files.release(session, held.path)

    def _forget(self, article_id: str) -> bool:
        """What was not taken stays where it lies; when somebody removed it, nothing is left to tell."""
        with self.database.read() as session:
            held = held_files.of_article(session, article_id)
        if held and self.files.hash_of(held.path) is None:
            with self.database.write() as session:
                held_files.release(session, held.path)
        return False


def _task(session: Session, article_id: str) -> _Task | None:
    known = folder.known_file(session, article_id=article_id)
    if known is None or (known.stage is not Stage.PUBLISHED and not known.path):
        return None
    return _Task(known, folder.text_of(session, article_id), held_files.of_article(session, article_id))


def _numbered(path: str) -> Iterable[str]:
    """The path, then the same with numbers.

    >>> list(_numbered("a/b.md"))[:2]
    ['a/b.md', 'a/b-2.md']
    """
    stem = path.removesuffix(".md")
    return [path, *(f"{stem}-{number}.md" for number in range(2, MOST_NAMES))]
