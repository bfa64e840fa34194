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
from kbserver.services.attachments import AttachmentService
from kbserver.services.audit import AuditService
from kbserver.services.checklist import ChecklistService
from kbserver.services.comments import CommentService
from kbserver.services.draft_pages import DraftPages
from kbserver.services.drafts import DraftService
from kbserver.services.events import EventLog
from kbserver.services.exporting import ExportService
from kbserver.services.feedback import FeedbackService
from kbserver.services.folder_status import FolderStatusService
from kbserver.services.health import HealthService
from kbserver.services.history import HistoryService
from kbserver.services.identities import IdentityService
from kbserver.services.nearest import NearestArticles
from kbserver.services.notices import NoticeService
from kbserver.services.password_links import PasswordLinkService
from kbserver.services.passwords import Passwords
from kbserver.services.ports import Clock, SearchIndex, Segmenter
from kbserver.services.queue import QueueService
from kbserver.services.review import ReviewService
from kbserver.services.review_pages import ReviewPages
from kbserver.services.search import SearchService
from kbserver.services.sessions import SessionService
from kbserver.services.sign_in import SignInService
from kbserver.services.stored_files import StoredFiles
from kbserver.services.subscriptions import SubscriptionService
from kbserver.services.tasks import TaskService
from kbserver.services.validity import Validity
from kbserver.services.verifying import VerifyingService
from kbserver.services.writing import WritingService
from kbserver.store.blobs import BlobStore
from kbserver.store.database import Database


@dataclass(frozen=True, slots=True)
class People:
    """What knows people and programs: it needs neither articles nor an index."""

    accounts: AccountService
    sessions: SessionService
    sign_in: SignInService
    password_links: PasswordLinkService
    identities: IdentityService
    api_tokens: ApiTokenService
    clock: Clock


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases, and what they work on for those who close it."""

    articles: ArticleService
    drafts: DraftService
    draft_pages: DraftPages
    checklist: ChecklistService
    attachments: AttachmentService
    stored_files: StoredFiles
    review: ReviewService
    review_pages: ReviewPages
    comments: CommentService
    queue: QueueService
    archive: ArchiveService
    accounts: AccountService
    sessions: SessionService
    sign_in: SignInService
    history: HistoryService
    writing: WritingService
    audit: AuditService
    password_links: PasswordLinkService
    identities: IdentityService
    api_tokens: ApiTokenService
    search: SearchService
    feedback: FeedbackService
    tasks: TaskService
    notices: NoticeService
    subscriptions: SubscriptionService
    exports: ExportService
    verifying: VerifyingService
    folder: FolderStatusService
    health: HealthService
    events: EventLog
    clock: Clock
    index: SearchIndex


@dataclass(frozen=True, slots=True)
class Installation:
    """What the services take from the settings; `key` is the installation's secret."""

    key: str
    articles_dir: Path
    files_dir: Path
    """Where uploaded files lie, by hash."""
    policy: ReviewPolicy
    lifetimes: Lifetimes
    segmenter: Segmenter


def make_services(database: Database, index: SearchIndex, clock: Clock, here: Installation) -> Services:
    """Services over these parts."""
    validity = Validity(database, clock)
    blobs = BlobStore(here.files_dir)
    stored_files = StoredFiles(database, blobs, clock)
    pages = ArticlePages(database, here.articles_dir, stored_files)
    articles = ArticleService(database, index, clock, pages, validity)
    events = EventLog(database, clock, f"actors:{here.key}".encode())
    people = make_people(database, clock, here.lifetimes)
    search = SearchService(database, index, articles, events, validity, f"cursors:{here.key}".encode())
    tasks = TaskService(database, clock, events)
    drafts, draft_pages = DraftService(database, clock), DraftPages(pages)
    review, comments = ReviewService(database, clock, here.policy), CommentService(database, clock)
    checklist = ChecklistService(database, NearestArticles(index, articles), pages)
    return Services(
        articles=articles,
        drafts=drafts,
        draft_pages=draft_pages,
        checklist=checklist,
        attachments=AttachmentService(database, blobs, drafts, clock),
        stored_files=stored_files,
        review=review,
        review_pages=ReviewPages(database, drafts, draft_pages, comments, review, checklist, here.segmenter),
        comments=comments,
        queue=QueueService(database),
        archive=ArchiveService(database, clock, here.policy),
        history=HistoryService(database, clock, here.policy, here.segmenter),
        writing=WritingService(database, clock, here.policy),
        audit=AuditService(database),
        accounts=people.accounts,
        sessions=people.sessions,
        sign_in=people.sign_in,
        password_links=people.password_links,
        identities=people.identities,
        api_tokens=people.api_tokens,
        search=search,
        feedback=FeedbackService(articles, events, tasks),
        tasks=tasks,
        notices=NoticeService(database, clock),
        subscriptions=SubscriptionService(database),
        exports=ExportService(articles),
        verifying=VerifyingService(database, clock),
        folder=FolderStatusService(database),
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
        identities=IdentityService(database, clock, sessions),
        api_tokens=ApiTokenService(database, clock),
        clock=clock,
    )
