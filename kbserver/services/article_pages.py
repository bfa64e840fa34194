"""An article as its page shows it: safe HTML, pictures, and the steps to copy."""

from __future__ import annotations

import posixpath
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from indexer.audience_sections import without_mark
from kbserver.domain.articles import ArticleView
from kbserver.domain.attachments import FOLDER, HEAD_BYTES, KINDS, PICTURE_SUFFIXES, suffix_of
from kbserver.domain.limits import MAX_UPLOAD_BYTES
from kbserver.domain.reader import Reader
from kbserver.domain.sections import kind_of
from kbserver.errors import N_, NotFound, TooLarge
from kbserver.rendering import ContentTooComplex, Rendered, render
from kbserver.services.article_files import read_beneath, sha256_of
from kbserver.services.stored_files import StoredFiles
from kbserver.services.visible import visible_to
from kbserver.store import articles as stored
from kbserver.store import outbox
from kbserver.store.database import Database

MAX_KEPT_PAGES = 300

SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
"""First bytes of the pictures that are served; SVG is not, since it can hold scripts."""

FileUrl = Callable[[str], str | None]
"""Where a file beside the article is served, by its path in the text; None for what is not."""

_HEADING = re.compile(r"##[ \t]+(.+?)[ \t#]*$")


@dataclass(frozen=True, slots=True)
class ArticleFile:
    """A file that an article shows or offers."""

    data: bytes
    content_type: str
    name: str
    is_picture: bool
    """Whether it may be shown in a page; everything else is only downloaded."""

    @property
    def etag(self) -> str:
        """Changes with the content."""
        return sha256_of(self.data)[:32]


@dataclass(frozen=True, slots=True)
class _Page:
    rendered: Rendered
    files: frozenset[str]
    """Files that the text names, by their paths below the articles folder."""


class ArticlePages:
    """Renders articles, and keeps what it rendered as long as nothing is published."""

    def __init__(self, database: Database, root: Path, files: StoredFiles) -> None:
        self._database = database
        self._root = root
        self._stored = files
        self._kept: OrderedDict[tuple[object, ...], _Page] = OrderedDict()
        self._lock = threading.Lock()

    def render(self, view: ArticleView, reader: Reader, lang: str) -> Rendered:
        """The article's HTML; links to articles that the reader may not see are plain text."""
        return self._page(view, reader, lang).rendered

    def file(self, view: ArticleView, reader: Reader, path: str) -> ArticleFile:
        """A file that the article's text names; raises `NotFound` for any other."""
        found = None
        if path in self._page(view, reader, view.summary.lang).files:
            found = self._uploaded(view, path) or self._in_folder(path)
        if found is None:
            raise NotFound(N_("There is no such file."))
        return found

    def files(self, view: ArticleView, reader: Reader) -> Iterator[tuple[str, bytes]]:
        """Every file that the article's text names and that is there, by path."""
        for path in sorted(self._page(view, reader, view.summary.lang).files):
            with suppress(NotFound):
                yield path, self.file(view, reader, path).data

    def has_file(self, article_id: str, article_path: str, target: str) -> bool:
        """Whether what a text at that path calls `target` is there."""
        path = below(article_path, target)
        folder, name = posixpath.split(target)
        if folder == FOLDER and self._stored.named(article_id, name) is not None:
            return True
        return bool(path) and self._in_folder(path) is not None

    def _uploaded(self, view: ArticleView, path: str) -> ArticleFile | None:
        """The file as it was uploaded, which is there before it lies in the folder."""
        name = posixpath.basename(path)
        attachment = self._stored.named(view.summary.id, name) if path == below(view.path, f"{FOLDER}/{name}") else None
        data = self._stored.read(attachment) if attachment else None
        if attachment is None or data is None:
            return None
        return ArticleFile(data, attachment.content_type, name, attachment.is_picture)

    def _in_folder(self, path: str) -> ArticleFile | None:
        """The file that lies in the articles folder, if its content is what its name says."""
        try:
            data = read_beneath(self._root, path, MAX_UPLOAD_BYTES)
        except (OSError, ValueError):
            return None
        name, suffix = posixpath.basename(path), suffix_of(path)
        if suffix in PICTURE_SUFFIXES:
            content_type = image_type(data)
            return ArticleFile(data, content_type, name, is_picture=True) if content_type else None
        kind = KINDS.get(suffix)
        if kind is None or not kind.begins_right(data[:HEAD_BYTES]):
            return None
        return ArticleFile(data, kind.content_type, name, is_picture=False)

    def _page(self, view: ArticleView, reader: Reader, lang: str) -> _Page:
        with self._database.read() as session:
            # A link's target may be published, moved or hidden at any time.
            key = (view.sha256, view.path, lang, reader.audience, reader.today, outbox.last_seq(session))
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        page = self._rendered(view, reader, lang)
        with self._lock:
            self._kept[key] = page
            while len(self._kept) > MAX_KEPT_PAGES:
                self._kept.popitem(last=False)
        return page

    def render_fresh(self, view: ArticleView, reader: Reader, lang: str, file_url: FileUrl) -> Rendered:
        """The HTML of a text that is nowhere kept; `file_url` says where its files are served."""

        def article_url(target: str) -> str | None:
            with self._database.read() as session:
                found = stored.visible_id_at(session, below(view.path, target), visible_to(reader))
            return f"/articles/{quote(found)}" if found else None

        try:
            return render(
                view.article.body,
                lang=lang,
                title=view.summary.title,
                article_url=article_url,
                file_url=file_url,
            )
        except ContentTooComplex as error:
            raise TooLarge(N_("This article cannot be shown: %(why)s"), why=error.message(lang)) from error

    def _rendered(self, view: ArticleView, reader: Reader, lang: str) -> _Page:
        files: set[str] = set()

        def file_url(target: str) -> str | None:
            path = below(view.path, target)
            if not path or not is_file_name(path):
                return None
            files.add(path)
            return f"/articles/{quote(view.summary.id)}/files/{quote(path)}"

        return _Page(self.render_fresh(view, reader, lang, file_url), frozenset(files))


def below(article_path: str, target: str) -> str:
    """Where a relative path leads from an article's folder; empty when it leaves the articles folder.

    >>> below("mail/a.md", "img/x.png"), below("mail/a.md", "../b.md"), below("a.md", "../b.md")
    ('mail/img/x.png', 'b.md', '')
    """
    path = posixpath.normpath(posixpath.join(posixpath.dirname(article_path), target))
    leaves = path.startswith(("../", "/")) or path in ("..", ".")
    hidden = any(part.startswith(".") for part in path.split("/"))
    return "" if leaves or hidden or "\\" in path or "\0" in path else path


def is_file_name(path: str) -> bool:
    """Whether a file of that name may be shown or offered by an article.

    >>> is_file_name("img/a.PNG"), is_file_name("日志.log"), is_file_name("a.svg")
    (True, True, False)
    """
    suffix = suffix_of(path)
    return suffix in PICTURE_SUFFIXES or suffix in KINDS


def image_type(data: bytes) -> str | None:
    """The media type that the first bytes of a picture show, None for anything else.

    >>> image_type(b"GIF89a..."), image_type(b"<svg onload=alert(1)>")
    ('image/gif', None)
    """
    for signature, content_type in SIGNATURES:
        if data.startswith(signature):
            return content_type
    return "image/webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def steps_of(body: str) -> str:
    """The Markdown of the section with the solution steps, the whole body when there is none."""
    found: list[str] = []
    is_in_steps = in_code = False
    for line in body.splitlines():
        if line.lstrip().startswith(("```", "~~~")):
            in_code = not in_code
        heading = None if in_code else _HEADING.match(line)
        if heading:
            is_in_steps = kind_of(without_mark(heading[1])) == "steps"
        elif is_in_steps:
            found.append(line)
    return "\n".join(found).strip() or body.strip()
