"""The articles folder as a place to write: whole files or none, no link followed, nothing outside."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kbserver.domain.limits import MAX_FILE_BYTES
from kbserver.errors import N_, FolderUnavailable
from kbserver.services.article_files import sha256_of

ASIDE = ".kb-"
"""How the names of files begin that are still being written; hidden, so that nobody takes them for articles."""

ABANDONED_SECONDS = 60
"""A file that was left half-written by a crash is cleared away when it is older than this."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class ArticleFolder:
    """Writes and removes files below `root` by their paths with `/`; every change is durable when it returns."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def hash_of(self, path: str) -> str | None:
        """SHA-256 of the file at `path`, None when there is none; `OSError` for what is no regular file."""
        try:
            with self._parent(path) as (folder, name):
                return _hash_at(folder, name)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def create(self, path: str, data: bytes) -> bool:
        """Write a file that is not there yet, with the folders above it; False when there is one."""
        with self._parent(path, make=True) as (folder, name), _aside(folder, data, 0o644) as aside:
            try:
                os.link(aside, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
            except FileExistsError:
                return False
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                return _claim(aside, name, folder)
            return True

    def replace(self, path: str, data: bytes, expected: str) -> bool:
        """Give the file another content if its SHA-256 is still `expected`; a crash leaves the one or the other."""
        with self._parent(path) as (folder, name):
            mode = stat.S_IMODE(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
            with _aside(folder, data, mode) as aside:
                if _hash_at(folder, name) != expected:
                    return False
                os.rename(aside, name, src_dir_fd=folder, dst_dir_fd=folder)
                return True

    def remove(self, path: str, expected: str) -> bool:
        """Remove the file if its SHA-256 is still `expected`, and the folders that are empty then."""
        with self._parent(path) as (folder, name):
            if _hash_at(folder, name) != expected:
                return False
            os.unlink(name, dir_fd=folder)
            os.fsync(folder)
        self._remove_empty(path.split("/")[:-1])
        return True

    def clear_abandoned(self) -> None:
        """Remove what crashes left half-written."""
        before = time.time() - ABANDONED_SECONDS
        for folder, _, names in os.walk(self.root):
            for name in names:
                full = Path(folder, name)
                if name.startswith(ASIDE) and full.lstat().st_mtime < before:
                    full.unlink(missing_ok=True)

    @contextmanager
    def _parent(self, path: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
        """The open folder that holds the file, and the file's name in it."""
        parts = path.split("/")
        if not all(parts) or "\0" in path or any(part.startswith(".") for part in parts):
            raise ValueError("not a path below the folder")
        try:
            folder = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError as error:
            raise FolderUnavailable(N_("The articles folder %(path)s does not exist."), path=self.root) from error
        try:
            for part in parts[:-1]:
                if make:
                    _make_folder(part, folder)
                inner = os.open(part, _FOLDER, dir_fd=folder)
                os.close(folder)
                folder = inner
            yield folder, parts[-1]
        finally:
            os.close(folder)

    def _remove_empty(self, parts: list[str]) -> None:
        while parts:
            with suppress(OSError), self._parent("/".join(parts)) as (folder, name):
                os.rmdir(name, dir_fd=folder)
            parts = parts[:-1]


def _make_folder(name: str, parent: int) -> None:
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=parent)
        os.fsync(parent)


def _hash_at(folder: int, name: str) -> str:
    descriptor = os.open(name, _READ, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file")
    with os.fdopen(descriptor, "rb") as file:
        # One byte more than an article may have: such a file is another one, whatever follows.
        return sha256_of(file.read(MAX_FILE_BYTES + 1))


@contextmanager
def _aside(folder: int, data: bytes, mode: int) -> Iterator[str]:
    """A durable file with that content beside the one to be; removed at the end unless it was renamed."""
    name = f"{ASIDE}{secrets.token_hex(8)}.tmp"
    descriptor = os.open(name, _NEW, mode, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        yield name
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder)
        os.fsync(folder)


def _claim(aside: str, name: str, folder: int) -> bool:
    """Give a file its name where the file system has no hard links; False when the name is taken."""
    try:
        os.close(os.open(name, _NEW, 0o600, dir_fd=folder))
    except FileExistsError:
        return False
    os.rename(aside, name, src_dir_fd=folder, dst_dir_fd=folder)
    return True
