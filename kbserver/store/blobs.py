"""Bytes of files in the data folder, each under its hash: whole or not there."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from kbserver.errors import N_, StorageFull, TooLarge

CHUNK_BYTES = 1 << 20
_HASH = re.compile(r"[0-9a-f]{64}")
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class BlobStore:
    """A folder of files named by their SHA-256; the same content is kept once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, source: BinaryIO, most_bytes: int) -> tuple[str, int]:
        """Keep what can be read from the source; gives its hash and its size.

        It lies on the disk when this returns. Raises `TooLarge` as soon as more
        than `most_bytes` come, and `StorageFull`; neither leaves anything behind.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self._folder / f".{secrets.token_hex(8)}.new"
        try:
            sha256, size = _copy(source, draft, most_bytes)
            self._keep(draft, sha256)
        except OSError as error:
            if error.errno in FULL:
                raise StorageFull(N_("There is no space left to keep the file.")) from error
            raise
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        return sha256, size

    def read(self, sha256: str) -> bytes | None:
        """The bytes with that hash, None where there are none or they are damaged."""
        try:
            data = self.path(sha256).read_bytes()
        except FileNotFoundError:
            return None
        return data if hashlib.sha256(data).hexdigest() == sha256 else None

    def remove(self, sha256: str) -> None:
        """Take the bytes away."""
        self.path(sha256).unlink(missing_ok=True)

    def path(self, sha256: str) -> Path:
        """Where the bytes with that hash lie."""
        if not _HASH.fullmatch(sha256):
            raise ValueError("not a SHA-256 in hex")
        return self._folder / sha256[:2] / sha256

    def older_than(self, moment: datetime) -> set[str]:
        """The hashes of the files that were last put before that moment."""
        found = (path for path in self._folder.glob("??/*") if _HASH.fullmatch(path.name))
        return {path.name for path in found if path.stat().st_mtime < moment.timestamp()}

    def _keep(self, draft: Path, sha256: str) -> None:
        full = self.path(sha256)
        if not full.parent.is_dir():
            full.parent.mkdir(mode=0o700, exist_ok=True)
            _sync(self._folder)
        draft.replace(full)
        _sync(full.parent)


def _copy(source: BinaryIO, draft: Path, most_bytes: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while chunk := source.read(CHUNK_BYTES):
            size += len(chunk)
            if size > most_bytes:
                raise TooLarge(N_("A file may have %(most)s MB."), field="file", most=most_bytes // 1_000_000)
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest(), size


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
