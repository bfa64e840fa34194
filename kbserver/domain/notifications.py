"""News for one person: what it is about, and where it leads."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from kbserver.domain.drafts import Draft
from kbserver.domain.tasks import Task

MAIL_DELAY = timedelta(minutes=1)
"""Mails wait this long, so that what happens together comes together, and what was read in the page does not come."""

RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
"""How long to wait after each failed attempt; after the last one a mail is given up. The page shows the news anyway."""


class NoticeKind(enum.StrEnum):
    """What the news is."""

    REVIEW_ASKED = "review_asked"
    SENT_BACK = "sent_back"
    APPROVED = "approved"
    CONFLICT = "conflict"
    PUBLISHED = "published"
    FLAGGED = "flagged"
    FLAG_CLOSED = "flag_closed"
    OVERDUE = "overdue"
    CHANGED = "changed"


OF_DRAFTS = frozenset({NoticeKind.REVIEW_ASKED, NoticeKind.SENT_BACK, NoticeKind.APPROVED, NoticeKind.CONFLICT})
"""News of a draft; it is gone with the draft, and with the right to see it."""

OF_TASKS = frozenset({NoticeKind.FLAGGED, NoticeKind.FLAG_CLOSED, NoticeKind.OVERDUE})


@dataclass(frozen=True, slots=True)
class Notice:
    """One piece of news, with what its person may see of it at this moment."""

    id: int
    kind: NoticeKind
    title: str
    url: str
    created_at: datetime
    is_read: bool
    article_id: str
    revision: int = 0
    draft: Draft | None = None
    task: Task | None = None


@dataclass(frozen=True, slots=True)
class NoticePage:
    """One page of news, newest first; `unread` counts all pages as far as anybody wants to know."""

    notices: tuple[Notice, ...]
    page: int
    has_more: bool
    unread: int
