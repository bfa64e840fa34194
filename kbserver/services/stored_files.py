"""Files that were uploaded: served, laid beside the published article, and cleared away when nothing names them."""

from __future__ import annotations

import os
import posixpath
import secrets
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from kbserver.domain.attachments import FOLDER, Attachment, is_named_in
from kbserver.services.ports import Clock
from kbserver.store import attachments, drafts
from kbserver.store.blobs import BlobStore
from kbserver.store.database import Database

KEPT_UNNAMED = timedelta(days=1)
"""How long a file is kept that no text names: somebody may be about to write it in."""

KEPT_UNKNOWN = timedelta(hours=1)
"""How long bytes are kept that no row knows: their row may be on its way."""


class StoredFiles:
    """The files that were uploaded, for those who serve them or lay them into the articles folder."""

    def __init__(self, database: Database, blobs: BlobStore, clock: Clock) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock

    def named(self, article_id: str, name: str) -> Attachment | None:
        """The article's file of that name."""
        with self._database.read() as session:
            return attachments.get(session, article_id, name)

    def read(self, attachment: Attachment) -> bytes | None:
        """The file's bytes, None where they are lost or damaged."""
        return self._blobs.read(attachment.sha256)

    def attachments_of(self, article_id: str, text: str) -> tuple[Attachment, ...]:
        """The uploaded files that a text of the article names, in the order in which they were uploaded."""
        with self._database.read() as session:
            known = attachments.of_article(session, article_id)
        return tuple(attachment for attachment in known if is_named_in(text, attachment))

    def write_beside(self, root: Path, article_path: str, article_id: str, text: str) -> tuple[str, ...]:
        """Lay the files that the text names into `files/` beside the article's file; gives those written.

        `article_path` is the article's path below `root`. A file that lies there
        already stays as it is: a name holds the beginning of its content's hash.
        Each is whole or not there, and on the disk when this returns. Raises
        `OSError`; calling it again goes on where it stopped.
        """
        folder = root / posixpath.dirname(article_path) / FOLDER
        written = []
        for attachment in self.attachments_of(article_id, text):
            data = None if (folder / attachment.name).exists() else self.read(attachment)
            if data is not None:
                _write_new(folder, attachment.name, data)
                written.append(posixpath.join(posixpath.dirname(article_path), FOLDER, attachment.name))
        return tuple(written)

    def clear_away(self) -> int:
        """Forget files that no draft and no revision names any more, and their bytes; gives how many went."""
        now = self._clock.now()
        with self._database.write() as session:
            gone = 0
            for attachment in attachments.loose_before(session, now - KEPT_UNNAMED):
                texts = [draft.markdown for draft in drafts.of_article(session, attachment.article_id)]
                is_named = any(is_named_in(text, attachment) for text in texts)
                if not is_named and not attachments.is_in_history(session, attachment):
                    attachments.remove(session, attachment)
                    gone += 1
            # Whoever puts a file writes its bytes first and its row then, so bytes without a row are
            # left alone for a while; the row itself can only come after this transaction.
            for sha256 in self._blobs.older_than(now - KEPT_UNKNOWN) - attachments.hashes(session):
                self._blobs.remove(sha256)
        return gone


def _write_new(folder: Path, name: str, data: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{secrets.token_hex(8)}.new"
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / name)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
