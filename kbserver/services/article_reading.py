"""One file read and parsed, with what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from indexer.articles import Article
from indexer.frontmatter import ParsedFile, Problem, duplicate_id, parse_article, read_article_file
from kbserver.services.article_files import FoundFile, read_regular, sha256_of

READ_ATTEMPTS = 3
"""Readings of a file that is being written; the watcher names it again when it is whole."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is wrong with a file, in both languages; `line` is 0 for the file as a whole."""

    path: str
    line: int
    zh: str
    en: str

    @classmethod
    def of(cls, path: str, problem: Problem) -> Refusal:
        """The refusal that a problem means."""
        return cls(path, problem.line, problem.zh, problem.en)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file as found: it holds an article, or `refusal` says why not."""

    path: str
    full: Path
    sha256: str
    text: str = ""
    article: Article | None = None
    refusal: Refusal | None = None
    warnings: tuple[Refusal, ...] = ()


def read_article(file: FoundFile, root: Path, known_hash: str = "") -> ReadFile | None:
    """The file's content, or why there is none; None when it is what `known_hash` says.

    Never raises for what a file is or holds.
    """
    read = ReadFile(file.path, file.full, "")
    for _ in range(READ_ATTEMPTS):
        try:
            data = read_regular(file.full)
        except OSError:
            # The stricter reader below says in words what is wrong.
            data = b""
        sha256 = sha256_of(data)
        if data and sha256 == known_hash:
            return None
        parsed = read_article_file(file.path, root)
        read = _judged(file, parsed, "")
        if parsed.article is None:
            break
        if parsed.content_hash == sha256:
            return _judged(file, parsed, data.decode())
    return read


def judged_text(path: str, text: str) -> ReadFile:
    """A text from elsewhere, parsed as if it were the file at `path`."""
    return _judged(FoundFile(path, Path(path)), parse_article(text, path), text)


def refused_as_duplicate(read: ReadFile, other: str) -> Refusal:
    """Why a file cannot have the id that the file `other` has."""
    parsed = ParsedFile(read.path, read.article, ())
    return Refusal.of(read.path, duplicate_id(parsed, other).problems[-1])


def _judged(file: FoundFile, parsed: ParsedFile, text: str) -> ReadFile:
    problems = parsed.problems
    if parsed.article is None or not text:
        found = (parsed.errors or problems)[:1]
        refusal = Refusal.of(file.path, found[0]) if found else _unsteady(file.path)
        return ReadFile(file.path, file.full, parsed.content_hash, text, refusal=refusal)
    warnings = tuple(Refusal.of(file.path, problem) for problem in problems)
    return ReadFile(file.path, file.full, parsed.content_hash, text, parsed.article, warnings=warnings)


def _unsteady(path: str) -> Refusal:
    return Refusal(path, 0, "文件在读取时一直在变化。", "The file kept changing while it was read.")
