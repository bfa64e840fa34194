"""All services of one process, as the web layer and the worker get them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kbserver.domain.review import ReviewPolicy
from kbserver.domain.sessions import Lifetimes
from kbserver.services.accounts import AccountService
from kbserver.services.api_tokens import ApiTokenService
from kbserver.services.archiving import ArchiveService
from kbserver.services.article_pages import ArticlePages
from kbserver.services.articles import ArticleService
from kbserver.services.draft_pages import DraftPages
from kbserver.services.drafts import DraftService
from kbserver.services.events import EventLog, FeedbackService
from kbserver.services.health import HealthService
from kbserver.services.password_links import PasswordLinkService
from kbserver.services.passwords import Passwords
from kbserver.services.ports import Clock, SearchIndex
from kbserver.services.review import ReviewService
from kbserver.services.search import SearchService
from kbserver.services.sessions import SessionService
from kbserver.services.sign_in import SignInService
from kbserver.store.database import Database


@dataclass(frozen=True, slots=True)
class People:
    """What knows people and programs: it needs neither articles nor an index."""

    accounts: AccountService
    sessions: SessionService
    sign_in: SignInService
    password_links: PasswordLinkService
    api_tokens: ApiTokenService
    clock: Clock


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases, and what they work on for those who close it."""

    articles: ArticleService
    drafts: DraftService
    draft_pages: DraftPages
    review: ReviewService
    archive: ArchiveService
    accounts: AccountService
    sessions: SessionService
    sign_in: SignInService
    password_links: PasswordLinkService
    api_tokens: ApiTokenService
    search: SearchService
    feedback: FeedbackService
    health: HealthService
    events: EventLog
    clock: Clock
    index: SearchIndex


@dataclass(frozen=True, slots=True)
class Installation:
    """What the services take from the settings; `key` is the installation's secret."""

    key: str
    articles_dir: Path
    policy: ReviewPolicy
    lifetimes: Lifetimes


def make_services(database: Database, index: SearchIndex, clock: Clock, here: Installation) -> Services:
    """Services over these parts."""
    pages = ArticlePages(database, here.articles_dir)
    articles = ArticleService(database, index, clock, pages)
    events = EventLog(database, clock, f"actors:{here.key}".encode())
    people = make_people(database, clock, here.lifetimes)
    search = SearchService(database, index, articles, events, f"cursors:{here.key}".encode())
    return Services(
        articles=articles,
        drafts=DraftService(database, clock),
        draft_pages=DraftPages(pages),
        review=ReviewService(database, clock, here.policy),
        archive=ArchiveService(database, clock, here.policy),
        accounts=people.accounts,
        sessions=people.sessions,
        sign_in=people.sign_in,
        password_links=people.password_links,
        api_tokens=people.api_tokens,
        search=search,
        feedback=FeedbackService(articles, events),
        health=HealthService(database, index),
        events=events,
        clock=clock,
        index=index,
    )


def make_people(database: Database, clock: Clock, lifetimes: Lifetimes) -> People:
    """The services for people and tokens alone, as commands need them."""
    passwords, sessions = Passwords(), SessionService(database, clock, lifetimes)
    sign_in = SignInService(database, clock, passwords, sessions)
    return People(
        accounts=AccountService(database, clock, passwords),
        sessions=sessions,
        sign_in=sign_in,
        password_links=PasswordLinkService(database, clock, passwords, sessions, sign_in),
        api_tokens=ApiTokenService(database, clock),
        clock=clock,
    )
