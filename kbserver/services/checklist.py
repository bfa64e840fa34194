"""A draft looked at before it is sent on: what it lacks, and which articles say something alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from indexer.articles import Article, Confidence
from kbserver.domain.articles import ArticleSummary
from kbserver.domain.checklist import Item, Surroundings, checklist
from kbserver.domain.drafts import Draft
from kbserver.domain.limits import MAX_QUERY_CHARS, MAX_QUERY_TERMS
from kbserver.domain.outline import Link, links_of
from kbserver.domain.reader import Reader
from kbserver.domain.searching import SearchHit, SearchQuery
from kbserver.services.article_pages import below
from kbserver.services.draft_pages import path_of, readable
from kbserver.services.search import SearchService
from kbserver.services.visible import visible_to
from kbserver.store import articles as stored
from kbserver.store.database import Database

MOST_SIMILAR = 5
MOST_DUPLICATES = 2
MOST_LINKS = 200
"""Links that are followed; a text with more is told of the first ones."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of a draft's text beside how it looks."""

    items: tuple[Item, ...]
    similar: tuple[ArticleSummary, ...]
    """Articles that say something alike, nearest first."""

    @property
    def open_count(self) -> int:
        """How many checks found something."""
        return sum(not item.is_ok for item in self.items)


class ChecklistService:
    """Checks drafts for those who write and those who review them."""

    def __init__(self, database: Database, search: SearchService) -> None:
        self._database = database
        self._search = search

    def check(self, reader: Reader, draft: Draft, text: str) -> Checked:
        """What the draft would lack if its text were this one; raises `InvalidInput` where it cannot be read.

        Similar articles are such as the reader may see.
        """
        article = readable(text)
        hits = [hit for hit in self._hits(reader, article) if hit.article.id != draft.article_id]
        alike = [hit.article for hit in hits if hit.confidence is Confidence.HIGH][:MOST_DUPLICATES]
        around = Surroundings(
            duplicates=tuple((one.id, one.title, one.url) for one in alike),
            broken_links=self._broken(reader, path_of(draft, article), links_of(article.body)[:MOST_LINKS]),
        )
        return Checked(checklist(article, around), tuple(hit.article for hit in hits[:MOST_SIMILAR]))

    def _hits(self, reader: Reader, article: Article) -> Sequence[SearchHit]:
        """What a search for the title and the customer's words finds, weak hits left out."""
        query = question_of(article)
        if not query:
            return ()
        found = self._search.search(reader, SearchQuery(query, limit=MOST_SIMILAR + 1, record=False))
        if found.no_good_answer:
            return ()
        return [hit for hit in found.hits if hit.confidence is not Confidence.LOW]

    def _broken(self, reader: Reader, path: str, links: Sequence[Link]) -> tuple[Link, ...]:
        return tuple(link for link in links if not self._leads_somewhere(reader, path, link.target))

    def _leads_somewhere(self, reader: Reader, article_path: str, target: str) -> bool:
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
        return bool(parts.path) and self._is_there(reader, article_path, parts.path)

    def _is_there(self, reader: Reader, article_path: str, path: str) -> bool:
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
        return True


def question_of(article: Article) -> str:
    """The title and the customer's words as one search, as much as a search may hold.

    >>> question_of(Article("", "打印机 脱机", "", issue=("打不了",)))
    '打印机 脱机 打不了'
    """
    words = " ".join([article.title, *article.issue]).split()[:MAX_QUERY_TERMS]
    return " ".join(words)[:MAX_QUERY_CHARS].strip()
