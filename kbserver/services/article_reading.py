"""One file read and parsed, with what is wrong with it."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path

from indexer.frontmatter import parse_article

from indexer.articles import Article
from kbserver.domain.limits import MAX_FILE_BYTES
from kbserver.services.article_files import FoundFile, read_regular, sha256_of


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is wrong with a file, in both languages; `line` is 0 for the file as a whole."""

    path: str
    line: int
    zh: str
    en: str

    @classmethod
    def unreadable(cls, path: str = "") -> Refusal:
        """The file cannot be read."""
        return cls(path, 0, "文件无法读取。", "The file cannot be read.")


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file as found: either it holds an article, or `refusal` says why not."""

    path: str
    full: Path
    sha256: str
    text: str = ""
    article: Article | None = None
    refusal: Refusal | None = None
    warnings: tuple[Refusal, ...] = ()


def read_article(file: FoundFile) -> ReadFile:
    """The file's content, or why there is none; never raises for what a file holds."""
    try:
        data = read_regular(file.full)
    except OSError as error:
        return ReadFile(file.path, file.full, "", refusal=_of_system(file.path, error))
    sha256 = sha256_of(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        refusal = Refusal(
            file.path, line, "文件不是 UTF-8 编码，请另存为 UTF-8。", "The file is not UTF-8; save it as UTF-8."
        )
        return ReadFile(file.path, file.full, sha256, refusal=refusal)
    parsed = parse_article(text, file.path)
    found = tuple(Refusal(file.path, p.line, p.zh, p.en) for p in parsed.problems)
    if parsed.article is None:
        refusal = found[0] if found else Refusal.unreadable(file.path)
        return ReadFile(file.path, file.full, sha256, text, refusal=refusal)
    return ReadFile(file.path, file.full, sha256, text, parsed.article, warnings=found)


def _of_system(path: str, error: OSError) -> Refusal:
    if error.errno == errno.ELOOP:
        return Refusal(path, 0, "不跟随链接文件。", "Links are not followed.")
    if error.errno == errno.EINVAL:
        return Refusal(path, 0, "不是普通文件。", "This is not a regular file.")
    if error.errno == errno.EFBIG:
        return Refusal(
            path,
            0,
            f"文件超过上限 {MAX_FILE_BYTES} 字节。",
            f"The file is larger than {MAX_FILE_BYTES} bytes.",
        )
    if error.errno == errno.EACCES:
        return Refusal(path, 0, "没有读取权限。", "There is no permission to read the file.")
    return Refusal.unreadable(path)
