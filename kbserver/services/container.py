"""All services of one process, as the web layer and the worker get them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kbserver.domain.review import ReviewPolicy
from kbserver.services.archiving import ArchiveService
from kbserver.services.article_pages import ArticlePages
from kbserver.services.articles import ArticleService
from kbserver.services.audit import AuditService
from kbserver.services.comments import CommentService
from kbserver.services.draft_pages import DraftPages
from kbserver.services.drafts import DraftService
from kbserver.services.events import EventLog, FeedbackService
from kbserver.services.health import HealthService
from kbserver.services.history import HistoryService
from kbserver.services.nearest import NearestArticles
from kbserver.services.ports import CharacterSegmenter, Clock, SearchIndex, Segmenter
from kbserver.services.queue import QueueService
from kbserver.services.review import ReviewService
from kbserver.services.review_pages import ReviewPages
from kbserver.services.search import SearchService
from kbserver.services.writing import WritingService
from kbserver.store.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases, and what they work on for those who close it."""

    articles: ArticleService
    drafts: DraftService
    draft_pages: DraftPages
    review: ReviewService
    review_pages: ReviewPages
    comments: CommentService
    queue: QueueService
    archive: ArchiveService
    history: HistoryService
    writing: WritingService
    audit: AuditService
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
    segmenter: Segmenter | None = None,
) -> Services:
    """Services over these parts; `key` is the installation's secret."""
    pages = ArticlePages(database, articles_dir)
    articles = ArticleService(database, index, clock, pages)
    events = EventLog(database, clock, f"actors:{key}".encode())
    search = SearchService(database, index, articles, events, f"cursors:{key}".encode())
    drafts, draft_pages = DraftService(database, clock), DraftPages(pages)
    review, comments = ReviewService(database, clock, policy), CommentService(database, clock)
    nearest = NearestArticles(index, articles)
    segmenter = segmenter or CharacterSegmenter()
    return Services(
        articles=articles,
        drafts=drafts,
        draft_pages=draft_pages,
        review=review,
        review_pages=ReviewPages(database, drafts, draft_pages, comments, review, nearest, segmenter),
        comments=comments,
        queue=QueueService(database),
        archive=ArchiveService(database, clock, policy),
        history=HistoryService(database, clock, policy, segmenter),
        writing=WritingService(database, clock, policy),
        audit=AuditService(database),
        search=search,
        feedback=FeedbackService(articles, events),
        health=HealthService(database, index),
        events=events,
        clock=clock,
        index=index,
    )
