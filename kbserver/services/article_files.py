"""The articles folder as files: what lies there."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from indexer.frontmatter import article_paths
from kbserver.domain.limits import MAX_FILE_BYTES
from kbserver.errors import N_, FolderUnavailable


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A Markdown file in the folder, by its path with `/` between folders."""

    path: str
    full: Path


def sha256_of(data: bytes | str) -> str:
    """The SHA-256 of a text in UTF-8, in hex."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def articles_in(root: Path) -> Iterator[FoundFile]:
    """Every file below the folder that is named like an article, by path."""
    if not root.is_dir():
        raise FolderUnavailable(N_("The articles folder %(path)s does not exist."), path=root)
    for path in article_paths(root):
        yield FoundFile(path, root / path)


def relative_path(full: Path, root: Path) -> str:
    """The file's path below `root`; a name that is not UTF-8 is shown with marks in its place."""
    return os.fsencode(full.relative_to(root)).decode("utf-8", "replace").replace(os.sep, "/")


def read_regular(full: Path) -> bytes:
    """The bytes of a regular file; raises `OSError` for links, pipes, devices and what is too large.

    The file is opened before it is looked at, so that it cannot be exchanged
    between the two, and never in a way that would wait for a pipe's writer.
    """
    return _read_open(os.open(full, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), MAX_FILE_BYTES)


def _read_open(descriptor: int, most_bytes: int) -> bytes:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file")
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise OSError(errno.EFBIG, "too large")
    return data


def read_beneath(root: Path, path: str, most_bytes: int) -> bytes:
    """The bytes of a regular file below the folder, without following any link on the way."""
    parts = path.split("/")
    if not all(parts) or ".." in parts or "." in parts:
        raise ValueError("not a path below the folder")
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        return _read_open(os.open(parts[-1], flags, dir_fd=folder), most_bytes)
    finally:
        os.close(folder)
