"""Article files on disk: found in a stable order, read without leaving the folder."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from indexer.article_text import MAX_FILE_BYTES, ParsedFile, parse_article, without_article
from indexer.byte_encoding import guessed_encoding
from indexer.problems import Problem, problem

ARTICLE_SUFFIXES = (".md", ".markdown")

MAX_FOLDER_DEPTH = 16
"""Folders below the root that are entered; deeper ones are a loop or a mistake."""

READ_ATTEMPTS = 4
"""Readings of a file that changes meanwhile; an editor's save is over long before."""

_KINDS = (
    (stat.S_ISLNK, None, None),
    (stat.S_ISDIR, "文件夹", "a folder"),
    (stat.S_ISFIFO, "命名管道", "a named pipe"),
    (stat.S_ISSOCK, "套接字", "a socket"),
    (stat.S_ISCHR, "设备", "a device"),
    (stat.S_ISBLK, "设备", "a device"),
)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_OPEN_FLAGS = os.O_RDONLY | _NO_FOLLOW | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_FOLDER_FLAGS = os.O_RDONLY | _NO_FOLLOW | getattr(os, "O_DIRECTORY", 0)
_BENEATH = os.open in os.supports_dir_fd
"""Whether a file can be opened relative to an open folder (not so on Windows)."""


class _Skipped(Exception):
    def __init__(self, code: str, line: int = 0, **details: object) -> None:
        super().__init__(code)
        self.problem = problem(code, line, "", **details)


def is_article_name(name: str) -> bool:
    """Whether a file of this name would be read as an article: Markdown, and not hidden.

    >>> is_article_name("vpn.md"), is_article_name(".vpn.md"), is_article_name("terms.yml")
    (True, False, False)
    """
    return not name.startswith(".") and name.lower().endswith(ARTICLE_SUFFIXES)


def read_article_file(path: Path | str, root: Path | str) -> ParsedFile:
    """The article in the file at `path`, which lies beneath `root` or is relative to it.

    Symbolic links are not followed anywhere below `root`, and only regular
    files are read; everything else comes back as a ParsedFile that names the
    reason. Never raises for what it finds on disk.
    """
    shown = str(path)
    try:
        parts = _parts_beneath(Path(path), Path(root))
        shown = "/".join(parts)
        content = _read_beneath(Path(root), parts)
    except _Skipped as skipped:
        return ParsedFile(shown, None, (skipped.problem,))
    except OSError as error:
        detail = error.strerror or type(error).__name__
        return ParsedFile(shown, None, (problem("unreadable", detail=detail),))
    except ValueError:  # a NUL inside the path
        return ParsedFile(shown, None, (problem("file_name"),))
    return parse_bytes(content, shown, today=datetime.now(UTC).date())


def parse_bytes(content: bytes, path: str, *, today: date | None = None) -> ParsedFile:
    """The article in a file's bytes, decoded strictly as UTF-8."""
    digest = hashlib.sha256(content).hexdigest()
    if len(content) > MAX_FILE_BYTES:
        found = problem("too_large", size=len(content), cap=MAX_FILE_BYTES)
        return ParsedFile(path, None, (found,), content_hash=digest)
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")) or _looks_like_utf_16(content):
            raise UnicodeDecodeError("utf-8", content, 0, 1, "UTF-16")
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        found = _encoding_problem(content, error.start)
        return ParsedFile(path, None, (found,), content_hash=digest)
    return replace(parse_article(text, path, today=today), content_hash=digest)


def _looks_like_utf_16(content: bytes) -> bool:
    head = content[:2000]
    return len(head) >= 4 and head.count(0) * 4 > len(head) and head.strip(b"\0") != b""


def _encoding_problem(content: bytes, position: int) -> Problem:
    line = content.count(b"\n", 0, position) + 1
    guess = guessed_encoding(content)
    zh, en = (f"（看起来是 {guess}）", f" (it looks like {guess})") if guess else ("", "")
    return problem("encoding", line, guess_zh=zh, guess_en=en)


def _parts_beneath(path: Path, root: Path) -> tuple[str, ...]:
    """The path's parts below the root, none of which leads upwards."""
    if path.is_absolute():
        if not path.is_relative_to(root):
            raise _Skipped("outside")
        path = path.relative_to(root)
    if not path.parts or ".." in path.parts:
        raise _Skipped("outside")
    if not _is_printable("/".join(path.parts)):
        raise _Skipped("file_name")
    return path.parts


def _is_printable(name: str) -> bool:
    return all(char.isprintable() for char in name)


def _read_beneath(root: Path, parts: tuple[str, ...]) -> bytes:
    folders = [os.open(root, os.O_RDONLY)] if _BENEATH else []
    try:
        for name in parts[:-1] if _BENEATH else ():
            _refuse_links(name, folders[-1])
            folders.append(os.open(name, _FOLDER_FLAGS, dir_fd=folders[-1]))
        if _BENEATH:
            return _settled(parts[-1], folders[-1])
        _refuse_resolved_outside(root, parts)
        return _settled(str(root.joinpath(*parts)), None)
    finally:
        for folder in folders:
            os.close(folder)


def _refuse_links(name: str, folder: int) -> None:
    if stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        raise _Skipped("symlink")


def _refuse_resolved_outside(root: Path, parts: tuple[str, ...]) -> None:
    if root.joinpath(*parts).resolve() != root.resolve().joinpath(*parts):
        raise _Skipped("symlink")


def _settled(name: str, folder: int | None) -> bytes:
    """The file's bytes as they stand still: read again until nothing changed meanwhile."""
    last = b""
    for attempt in range(READ_ATTEMPTS):
        content, unchanged = _read_once(name, folder)
        digest = hashlib.sha256(content).digest()
        if unchanged or (attempt and digest == last):
            return content
        last = digest
    raise _Skipped("changing")


def _read_once(name: str, folder: int | None) -> tuple[bytes, bool]:
    """The bytes, and whether the file's size and times were the same before and after."""
    _refuse_special(os.stat(name, dir_fd=folder, follow_symlinks=False))
    descriptor = os.open(name, _OPEN_FLAGS, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        before = os.fstat(file.fileno())
        # Asked again of the open file: the name may have been replaced since.
        _refuse_special(before)
        if before.st_size > MAX_FILE_BYTES:
            raise _Skipped("too_large", size=before.st_size, cap=MAX_FILE_BYTES)
        content = file.read(MAX_FILE_BYTES + 1)
        after = os.fstat(file.fileno())
    unchanged = _signature(before) == _signature(after) and len(content) == after.st_size
    return content, unchanged


def _signature(state: os.stat_result) -> tuple[int, int, int]:
    return state.st_size, state.st_mtime_ns, state.st_ino


def _refuse_special(state: os.stat_result) -> None:
    for is_kind, zh, en in _KINDS:
        if is_kind(state.st_mode):
            raise _Skipped("not_a_file", kind_zh=zh, kind_en=en) if zh else _Skipped("symlink")


def article_paths(root: Path | str) -> Iterator[str]:
    """Paths beneath `root` (with `/`) that are named like articles, in the order of their names.

    Links to folders are given too, so that reading names them; nothing behind
    them is. Hidden files and folders, images and terms.yml are left out.
    """
    root = Path(root)
    pending = [""]
    while pending:
        entry = pending.pop()
        if entry and not entry.endswith("/"):
            yield entry
            continue
        pending += sorted(_children(root, entry), reverse=True)


def _children(root: Path, folder: str) -> Iterator[str]:
    try:
        entries = list(os.scandir(root / folder))
    except OSError:
        # Named like a file, so that reading it says why it cannot be entered.
        if folder:
            yield folder.rstrip("/")
        return
    for entry in entries:
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.name.startswith("."):
            continue
        if is_article_name(entry.name) or (entry.is_symlink() and entry.is_dir()):
            yield folder + entry.name
        elif is_folder and folder.count("/") < MAX_FOLDER_DEPTH:
            yield f"{folder}{entry.name}/"


def scan_folder(root: Path | str) -> Iterator[ParsedFile]:
    """Every article file beneath `root` in the order of `article_paths`, read and parsed.

    When two files bear one id, the first by path is served and the second is
    quarantined with a problem that names both.
    """
    owners: dict[str, str] = {}
    for path in article_paths(root):
        parsed = read_article_file(path, root)
        if parsed.article and parsed.article.id:
            first = owners.setdefault(parsed.article.id.casefold(), path)
            if first != path:
                parsed = duplicate_id(parsed, first)
        yield parsed


def duplicate_id(parsed: ParsedFile, first: str) -> ParsedFile:
    """`parsed` quarantined because the file `first` already bears its id."""
    article_id = parsed.article.id if parsed.article else ""
    found = problem("id_duplicate", key="id", value=article_id, first=first, second=parsed.path)
    return without_article(parsed, found)
