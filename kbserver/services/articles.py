"""Reading articles: one, many, by category, and their history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from indexer.articles import Audience
from indexer.audience_sections import for_audience
from indexer.frontmatter import parse_article
from kbserver.domain.articles import (
    ArticleFilter,
    ArticleOrder,
    ArticlePage,
    ArticleSummary,
    ArticleView,
    CategoryNode,
    FacetCount,
    QuarantinedFile,
    RevisionInfo,
    category_tree,
)
from kbserver.domain.limits import MAX_ID_CHARS
from kbserver.domain.outside import revision_for, view_for
from kbserver.domain.reader import Reader
from kbserver.domain.visibility import may_see
from kbserver.errors import N_, Gone, IndexUnavailable, NotFound
from kbserver.rendering import Rendered
from kbserver.services.article_pages import ArticleFile, ArticlePages, steps_of
from kbserver.services.ports import Clock, SearchIndex
from kbserver.services.validity import Validity
from kbserver.services.visible import archived_for, visible_to
from kbserver.store import articles as stored
from kbserver.store import quarantine
from kbserver.store.database import Database
from kbserver.store.models import ArticleRow
from kbserver.store.publishing import STORED_FACETS

MAX_SUCCESSIONS = 10
"""Archived articles followed on the way to the one that took their place."""


@dataclass(frozen=True, slots=True)
class Browse:
    """What the home page offers for browsing; counts hold what the reader may see."""

    total: int
    categories: tuple[CategoryNode, ...]
    products: tuple[FacetCount, ...]


class ArticleArchived(Gone):
    """The article was taken from readers; `successor` is the one that took its place, empty for none."""

    def __init__(self, successor: str) -> None:
        super().__init__(N_("This article has been archived."))
        self.successor = successor


class ArticleService:
    """Articles for readers; whatever a reader may not see is not there."""

    def __init__(
        self, database: Database, index: SearchIndex, clock: Clock, pages: ArticlePages, validity: Validity
    ) -> None:
        self._database = database
        self._index = index
        self._clock = clock
        self._pages = pages
        self._validity = validity

    def get(self, reader: Reader, article_id: str) -> ArticleView:
        """The published article as the reader may have it; raises `NotFound`."""
        with self._database.read() as session:
            row = self._visible_row(session, reader, article_id)
            revision = stored.revision(session, row.id, row.revision)
            assert revision is not None, f"{row.id} has no revision {row.revision}"
            summary = stored.summary_of(row)
            article = parse_article(revision.markdown, row.path or "").article
        if article is None:
            # A text is published only after it was parsed; a stricter release may refuse it later.
            raise NotFound(N_("There is no such article."))
        view = ArticleView(summary, article, revision.markdown, revision.sha256, row.path or "", row.created_at)
        return view_for(reader, view)

    def render(self, view: ArticleView, reader: Reader | None = None, lang: str = "") -> Rendered:
        """The article's safe HTML.

        Links lead only where the reader may go; without a reader, only where
        everybody who may see this article may go. The words added are in the
        article's language unless another is named.
        """
        reader = reader or Reader(view.summary.audience, today=self._validity.today())
        return self._pages.render(view, reader, lang or view.summary.lang)

    def file(self, reader: Reader, article_id: str, path: str) -> ArticleFile:
        """A file that the article shows or offers, by its path below the articles folder; raises `NotFound`."""
        return self._pages.file(self.get(reader, article_id), reader, path)

    def files(self, view: ArticleView, reader: Reader) -> Iterator[tuple[str, bytes]]:
        """Every file that the article shows or offers this reader, by its path below the articles folder."""
        yield from self._pages.files(view, reader)

    def steps(self, view: ArticleView) -> str:
        """The Markdown of the solution steps, the whole text when none are marked.

        It is what gets pasted into an answer, so internal parts are left out whoever asks.
        """
        return steps_of(for_audience(view.article.body, Audience.PUBLIC))

    def list(
        self,
        reader: Reader,
        chosen: ArticleFilter,
        order: ArticleOrder = ArticleOrder.UPDATED,
        page: int = 1,
        per_page: int = 20,
    ) -> ArticlePage:
        """One page of the articles that fit the filter; a page after the last is empty."""
        with self._database.read() as session:
            total, articles = stored.page_of_articles(
                session,
                chosen,
                visible_to(reader),
                order,
                limit=per_page,
                offset=(page - 1) * per_page,
            )
        return ArticlePage(tuple(articles), total, page, per_page)

    def browse(self, reader: Reader) -> Browse:
        """Categories and products with counts."""
        visible = visible_to(reader)
        with self._database.read() as session:
            total, _ = stored.page_of_articles(session, ArticleFilter(), visible, ArticleOrder.ID, limit=0, offset=0)
            categories = category_tree(stored.category_counts(session, visible))
            products = stored.facet_counts(session, "product", visible)
        return Browse(total, categories, tuple(FacetCount(*product) for product in products))

    def category_paths(self, reader: Reader) -> tuple[str, ...]:
        """The categories that articles the reader may see are in, by name."""
        with self._database.read() as session:
            return tuple(sorted(stored.category_counts(session, visible_to(reader))))

    def facet_values(self, reader: Reader) -> dict[str, tuple[str, ...]]:
        """What the articles that the reader may see have as product, model and so on, the commonest first."""
        visible = visible_to(reader)
        with self._database.read() as session:
            return {
                facet: tuple(value for value, _ in stored.facet_counts(session, facet, visible))
                for facet in STORED_FACETS
            }

    def recent(self, reader: Reader, limit: int = 8) -> tuple[ArticleSummary, ...]:
        """The articles updated last."""
        return self.list(reader, ArticleFilter(), ArticleOrder.UPDATED, 1, limit).articles

    def popular(self, reader: Reader, limit: int = 8, days: int = 7) -> tuple[ArticleSummary, ...]:
        """The articles opened most in the last days; fewer when fewer were opened."""
        since = self._clock.now() - timedelta(days=days)
        with self._database.read() as session:
            return tuple(stored.most_opened(session, since, visible_to(reader), limit))

    def related(self, reader: Reader, article_id: str, limit: int = 5) -> tuple[ArticleSummary, ...]:
        """Articles near to this one, nearest first; empty while no index can tell."""
        with self._database.read() as session:
            self._visible_row(session, reader, article_id)
        try:
            ids = self._index.related(article_id, reader.audience, limit, self._validity.hidden_from(reader))
        except IndexUnavailable:
            return ()
        return self.summaries(reader, ids)

    def summaries(self, reader: Reader, ids: Sequence[str]) -> tuple[ArticleSummary, ...]:
        """Those of the articles that the reader may see, in the order given."""
        with self._database.read() as session:
            found = stored.visible_summaries(session, ids, visible_to(reader))
        # The database has filtered already; this is the gate before output.
        return tuple(found[i] for i in ids if i in found and _may_see(reader, found[i]))

    def revisions(self, reader: Reader, article_id: str) -> tuple[RevisionInfo, ...]:
        """The article's published revisions, newest first.

        Earlier ones may have been for fewer readers than the article is now,
        so their texts are shown to internal readers only.
        """
        with self._database.read() as session:
            row = self._visible_row(session, reader, article_id)
            return tuple(revision_for(reader, info) for info in stored.revisions_of(session, row))

    def revision_text(self, reader: Reader, article_id: str, number: int) -> str:
        """The Markdown of one published revision; raises `NotFound`."""
        view = self.get(reader, article_id)
        if number == view.summary.revision:
            return view.markdown
        with self._database.read() as session:
            row = self._visible_row(session, reader, article_id)
            numbers = {info.number for info in stored.revisions_of(session, row)}
            revision = stored.revision(session, article_id, number) if number in numbers else None
            if revision is None or reader.audience is not Audience.INTERNAL:
                raise NotFound(N_("There is no such revision."))
            return revision.markdown

    def quarantined(self, reader: Reader) -> tuple[QuarantinedFile, ...]:
        """Files that could not become articles; nothing for readers outside the house."""
        if reader.audience is not Audience.INTERNAL:
            return ()
        with self._database.read() as session:
            return tuple(quarantine.quarantined(session))

    def _visible_row(self, session: Session, reader: Reader, article_id: str) -> ArticleRow:
        row = archived = None
        if len(article_id) <= MAX_ID_CHARS and "\0" not in article_id:
            row = stored.visible_article(session, article_id, visible_to(reader))
            archived = None if row else stored.visible_article(session, article_id, archived_for(reader))
        if archived is not None:
            raise ArticleArchived(_successor(session, reader, archived.superseded_by))
        if row is None:
            raise NotFound(N_("There is no such article."))
        return row


def _successor(session: Session, reader: Reader, article_id: str | None) -> str:
    """The published article that takes the place of an archived one, for this reader; empty for none."""
    for _ in range(MAX_SUCCESSIONS):
        if not article_id:
            break
        if stored.visible_article(session, article_id, visible_to(reader)):
            return article_id
        row = stored.visible_article(session, article_id, archived_for(reader))
        article_id = row.superseded_by if row else None
    return ""


def _may_see(reader: Reader, summary: ArticleSummary) -> bool:
    return may_see(reader, summary.stage, summary.audience, summary.valid_to)
