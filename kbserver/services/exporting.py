"""Articles to take away: as Markdown with their pictures in one archive, or whole for one page to print."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import PurePosixPath

from kbserver.domain.articles import ArticleFilter, ArticleOrder, ArticleSummary, ArticleView
from kbserver.domain.limits import MAX_EXPORT_ARTICLES, MAX_EXPORT_BYTES
from kbserver.domain.reader import Reader
from kbserver.errors import N_, InvalidInput, NotFound, TooLarge
from kbserver.services.articles import ArticleService

LEFT_OUT = "left-out.txt"
"""Names the pictures that are missing from an archive."""

MAX_PART_BYTES = 120
"""Bytes of one part of a path: with all of them together no system's limit is met."""

_UNSAFE = re.compile(r'[\\/:*?"<>|]')
_RESERVED = re.compile(r"(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")


class ExportService:
    """Exports for readers; an article that they may not see is not in it."""

    def __init__(self, articles: ArticleService) -> None:
        self._articles = articles

    def chosen(
        self, reader: Reader, ids: Sequence[str], among: ArticleFilter | None = None, most: int = MAX_EXPORT_ARTICLES
    ) -> tuple[ArticleSummary, ...]:
        """The articles with these ids in their order, or those that fit a filter by id.

        Raises `TooLarge` above `most`, `NotFound` where none is left.
        """
        if not ids and among is None:
            raise InvalidInput(N_("Please choose at least one article."), field="id")
        wanted = tuple(dict.fromkeys(ids))
        if wanted:
            _check_count(len(wanted), most)
            found = self._articles.summaries(reader, wanted)
        else:
            page = self._articles.list(reader, among or ArticleFilter(), ArticleOrder.ID, 1, most)
            _check_count(page.total, most)
            found = page.articles
        if not found:
            raise NotFound(N_("There is no such article."))
        return found

    def views(self, reader: Reader, chosen: Sequence[ArticleSummary]) -> Iterator[ArticleView]:
        """The articles whole; one that was archived meanwhile is left out."""
        for summary in chosen:
            try:
                yield self._articles.get(reader, summary.id)
            except NotFound:
                continue

    def archive(self, reader: Reader, chosen: Sequence[ArticleSummary]) -> Iterator[bytes]:
        """The articles as a zip archive in pieces, each written when the one before is gone."""
        sink = _Sink()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            packer = _Packer(archive)
            for view in self.views(reader, chosen):
                packer.add_text(view, view.markdown)
                yield sink.taken()
                for path, data in self._articles.files(view, reader):
                    packer.add_file(path, data, view.summary.updated_at)
                    yield sink.taken()
            packer.finish()
        yield sink.taken()


class _Sink:
    """What an archive is written to; it cannot go back, so nothing has to be kept."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._waiting.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        data = b"".join(self._waiting)
        self._waiting.clear()
        return data


class _Packer:
    """Gives entries names that are safe everywhere, each once, and counts the files' bytes."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names: set[str] = set()
        self._file_bytes = 0
        self._left_out: list[str] = []

    def add_text(self, view: ArticleView, text: str) -> None:
        name = safe_path(view.path or f"{view.summary.id}.md")
        if name.casefold() in self._names:
            name = safe_path(f"{PurePosixPath(name).parent}/{view.summary.id}.md")
        self._add(name, text.encode(), view.summary.updated_at, zipfile.ZIP_DEFLATED)

    def add_file(self, path: str, data: bytes, at: datetime) -> None:
        name = safe_path(path)
        if name.casefold() in self._names:
            # Two articles may show the same picture or offer the same file.
            return
        self._file_bytes += len(data)
        if self._file_bytes > MAX_EXPORT_BYTES:
            self._left_out.append(name)
            return
        self._add(name, data, at, zipfile.ZIP_STORED)

    def finish(self) -> None:
        if self._left_out:
            self._archive.writestr(LEFT_OUT, "\n".join(self._left_out) + "\n")

    def _add(self, name: str, data: bytes, at: datetime, compression: int) -> None:
        self._names.add(name.casefold())
        moment = at.astimezone()
        info = zipfile.ZipInfo(name, (max(moment.year, 1980), *moment.timetuple()[1:6]))
        info.external_attr = 0o644 << 16
        info.compress_type = compression
        self._archive.writestr(info, data)


def safe_path(path: str) -> str:
    """The path with parts that stay below where they are unpacked, on every system.

    >>> safe_path("邮件/a b.md"), safe_path("../../etc/passwd"), safe_path("con/x?.md"), safe_path("/")
    ('邮件/a b.md', 'etc/passwd', '_con/x_.md', '_')
    """
    parts = [_safe_part(part) for part in path.replace("\\", "/").split("/") if part.strip(". ")]
    return "/".join(parts) or "_"


def _safe_part(part: str) -> str:
    shown = "".join(c if c.isprintable() else "_" for c in _UNSAFE.sub("_", part)).strip().rstrip(".")
    stem, dot, suffix = shown.rpartition(".")
    if len(shown.encode()) > MAX_PART_BYTES:
        kept = (stem or shown).encode()[: MAX_PART_BYTES - len(f".{suffix}".encode())].decode("utf-8", "ignore")
        shown = f"{kept}{dot}{suffix}" if stem and len(suffix) <= 8 else kept[: MAX_PART_BYTES // 4]
    return f"_{shown}" if _RESERVED.fullmatch(shown) or shown.startswith((".", "-")) else shown or "_"


def _check_count(count: int, most: int) -> None:
    if count > most:
        raise TooLarge(N_("These are %(count)s articles; at most %(most)s at once."), count=count, most=most)
