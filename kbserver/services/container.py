"""All services of one process, as the web layer and the worker get them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kbserver.domain.sessions import Lifetimes
from kbserver.services.accounts import AccountService
from kbserver.services.article_pages import ArticlePages
from kbserver.services.articles import ArticleService
from kbserver.services.drafts import DraftService
from kbserver.services.events import EventLog, FeedbackService
from kbserver.services.health import HealthService
from kbserver.services.passwords import Passwords
from kbserver.services.ports import Clock, SearchIndex
from kbserver.services.search import SearchService
from kbserver.services.sessions import SessionService
from kbserver.services.sign_in import SignInService
from kbserver.store.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases, and what they work on for those who close it."""

    articles: ArticleService
    drafts: DraftService
    accounts: AccountService
    sessions: SessionService
    sign_in: SignInService
    search: SearchService
    feedback: FeedbackService
    health: HealthService
    events: EventLog
    clock: Clock
    index: SearchIndex


def make_services(
    database: Database, index: SearchIndex, clock: Clock, key: str, articles_dir: Path, lifetimes: Lifetimes
) -> Services:
    """Services over these parts; `key` is the installation's secret, `lifetimes` that of sessions."""
    articles = ArticleService(database, index, clock, ArticlePages(database, articles_dir))
    events = EventLog(database, clock, f"actors:{key}".encode())
    passwords, sessions = Passwords(), SessionService(database, clock, lifetimes)
    search = SearchService(database, index, articles, events, f"cursors:{key}".encode())
    return Services(
        articles=articles,
        drafts=DraftService(database, clock),
        accounts=AccountService(database, clock, passwords),
        sessions=sessions,
        sign_in=SignInService(database, clock, passwords, sessions),
        search=search,
        feedback=FeedbackService(articles, events),
        health=HealthService(database, index),
        events=events,
        clock=clock,
        index=index,
    )
