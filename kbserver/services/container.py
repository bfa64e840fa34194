"""All services of one process, as the web layer and the worker get them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kbserver.domain.review import ReviewPolicy
from kbserver.services.archiving import ArchiveService
from kbserver.services.article_pages import ArticlePages
from kbserver.services.articles import ArticleService
from kbserver.services.draft_pages import DraftPages
from kbserver.services.drafts import DraftService
from kbserver.services.events import EventLog, FeedbackService
from kbserver.services.health import HealthService
from kbserver.services.ports import Clock, SearchIndex
from kbserver.services.review import ReviewService
from kbserver.services.search import SearchService
from kbserver.store.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases, and what they work on for those who close it."""

    articles: ArticleService
    drafts: DraftService
    draft_pages: DraftPages
    review: ReviewService
    archive: ArchiveService
    search: SearchService
    feedback: FeedbackService
    health: HealthService
    events: EventLog
    clock: Clock
    index: SearchIndex


def make_services(
    database: Database,
    index: SearchIndex,
    clock: Clock,
    key: str,
    articles_dir: Path,
    policy: ReviewPolicy = ReviewPolicy.BROWSER,
) -> Services:
    """Services over these parts; `key` is the installation's secret."""
    pages = ArticlePages(database, articles_dir)
    articles = ArticleService(database, index, clock, pages)
    events = EventLog(database, clock, f"actors:{key}".encode())
    search = SearchService(database, index, articles, events, f"cursors:{key}".encode())
    return Services(
        articles=articles,
        drafts=DraftService(database, clock),
        draft_pages=DraftPages(pages),
        review=ReviewService(database, clock, policy),
        archive=ArchiveService(database, clock, policy),
        search=search,
        feedback=FeedbackService(articles, events),
        health=HealthService(database, index),
        events=events,
        clock=clock,
        index=index,
    )
