"""The articles folder as files: what lies there, and writing an id back."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import suppress
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
    descriptor = os.open(full, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise OSError(errno.EFBIG, "too large")
    return data


def replace_text(full: Path, text: str, expected_hash: str) -> bool:
    """Replace a file's text, unless somebody changed it meanwhile; a crash leaves the one or the other."""
    draft = full.with_name(f".{full.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(full.stat().st_mode & 0o777)
        if sha256_of(full.read_bytes()) != expected_hash:
            return False
        draft.replace(full)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    descriptor = os.open(full.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return True
