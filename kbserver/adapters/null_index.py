"""A search index that is not there."""

from __future__ import annotations

from collections.abc import Iterable

from indexer.articles import Article, Audience, SearchAnswer, SearchRequest
from kbserver.errors import N_, IndexUnavailable
from kbserver.services.ports import IndexStatus


class NullSearchIndex:
    """Answers nothing and takes everything; titles are still searched in the database."""

    def search(self, request: SearchRequest) -> SearchAnswer:
        """Always raises `IndexUnavailable`."""
        raise IndexUnavailable(N_("There is no search index."))

    def typeahead(
        self, text: str, reader: Audience, limit: int, hidden: frozenset[str] = frozenset()
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Always raises `IndexUnavailable`."""
        raise IndexUnavailable(N_("There is no search index."))

    def related(
        self, article_id: str, reader: Audience, limit: int, hidden: frozenset[str] = frozenset()
    ) -> tuple[str, ...]:
        """Always raises `IndexUnavailable`."""
        raise IndexUnavailable(N_("There is no search index."))

    def status(self) -> IndexStatus:
        """Not ready."""
        return IndexStatus(ready=False)

    def update(self, changed: Iterable[Article], deleted: Iterable[str], sequence: int) -> None:
        """Nothing to keep."""

    def fill_pending(self) -> int:
        """Nothing waits."""
        return 0

    def rebuild(self, articles: Iterable[Article], sequence: int) -> None:
        """Nothing to build."""
