"""A draft looked at before it is sent on: what it lacks, and which articles say something alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from indexer.articles import Confidence
from kbserver.domain.checklist import Item, Surroundings, checklist
from kbserver.domain.drafts import Draft
from kbserver.domain.outline import Link, links_of
from kbserver.domain.reader import Reader
from kbserver.services.article_pages import ArticlePages, below
from kbserver.services.draft_pages import path_of, readable
from kbserver.services.nearest import NearArticle, NearestArticles
from kbserver.services.visible import visible_to
from kbserver.store import articles as stored
from kbserver.store.database import Database

MOST_DUPLICATES = 2
MOST_LINKS = 200
"""Links that are followed; a text with more is told of the first ones."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of a draft's text beside how it looks."""

    items: tuple[Item, ...]
    nearest: tuple[NearArticle, ...]
    """Articles that may say the same, nearest first."""

    @property
    def open_count(self) -> int:
        """How many checks found something."""
        return sum(not item.is_ok for item in self.items)


class ChecklistService:
    """Checks drafts for those who write and those who review them."""

    def __init__(self, database: Database, nearest: NearestArticles, pages: ArticlePages) -> None:
        self._database = database
        self._pages = pages
        self._nearest = nearest

    def check(self, reader: Reader, draft: Draft, text: str) -> Checked:
        """What the draft would lack if its text were this one; raises `InvalidInput` where it cannot be read.

        Near articles are such as the reader may see.
        """
        article = replace(readable(text), id=draft.article_id)
        nearest = self._nearest.to(reader, article)
        alike = [near.article for near in nearest if near.confidence is Confidence.HIGH][:MOST_DUPLICATES]
        around = Surroundings(
            duplicates=tuple((one.id, one.title, one.url) for one in alike),
            broken_links=self._broken(reader, draft, path_of(draft, article), links_of(article.body)[:MOST_LINKS]),
        )
        return Checked(checklist(article, around), nearest)

    def _broken(self, reader: Reader, draft: Draft, path: str, links: Sequence[Link]) -> tuple[Link, ...]:
        return tuple(link for link in links if not self._leads_somewhere(reader, draft, path, link.target))

    def _leads_somewhere(self, reader: Reader, draft: Draft, article_path: str, target: str) -> bool:
        if target.startswith("#"):
            return len(target) > 1
        try:
            parts = urlsplit(target)
        except ValueError:
            return False
        if parts.scheme in ("http", "https"):
            return bool(parts.hostname)
        if parts.scheme:
            return parts.scheme == "mailto" and "@" in parts.path
        return bool(parts.path) and self._is_there(reader, draft, article_path, parts.path)

    def _is_there(self, reader: Reader, draft: Draft, article_path: str, path: str) -> bool:
        """Whether a path leads to an article that the reader may see, or to a file of the draft."""
        visible = visible_to(reader)
        if path.startswith("/articles/"):
            with self._database.read() as session:
                return stored.visible_article(session, path.split("/")[2], visible) is not None
        if path.startswith("/"):
            return True
        if path.lower().endswith((".md", ".markdown")):
            with self._database.read() as session:
                return stored.visible_id_at(session, below(article_path, path), visible) is not None
        return self._pages.has_file(draft.article_id, article_path, path)
