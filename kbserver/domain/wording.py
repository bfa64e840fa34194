"""What values are called where pages and mails both speak of them, as message ids."""

from __future__ import annotations

from collections.abc import Callable

from kbserver.domain.notifications import Notice, NoticeKind
from kbserver.domain.tasks import Resolution, TaskKind
from kbserver.errors import N_

TASK = {
    TaskKind.WRONG: N_("Wrong"),
    TaskKind.OUTDATED: N_("Out of date"),
    TaskKind.UNCLEAR: N_("Unclear"),
    TaskKind.MISSING: N_("Something is missing"),
    TaskKind.OVERDUE: N_("Check due"),
}
RESOLUTION = {
    Resolution.FIXED: N_("Fixed"),
    Resolution.NOT_A_PROBLEM: N_("Not a problem"),
    Resolution.DUPLICATE: N_("Duplicate"),
    Resolution.VERIFIED: N_("Still right"),
    Resolution.ARCHIVED: N_("Archived"),
}
NOTICE = {
    NoticeKind.REVIEW_ASKED: N_("For you to review"),
    NoticeKind.SENT_BACK: N_("Sent back to you"),
    NoticeKind.APPROVED: N_("Approved, to be published later"),
    NoticeKind.CONFLICT: N_("Not published, the article has changed meanwhile"),
    NoticeKind.PUBLISHED: N_("Your text is published"),
    NoticeKind.FLAGGED: N_("A reader reports a problem"),
    NoticeKind.FLAG_CLOSED: N_("What you reported was dealt with"),
    NoticeKind.OVERDUE: N_("Due for a check"),
    NoticeKind.CHANGED: N_("Changed"),
}
NOTICE_MEANING = {
    NoticeKind.REVIEW_ASKED: N_("Somebody asks for a review"),
    NoticeKind.SENT_BACK: N_("A draft of yours is sent back"),
    NoticeKind.APPROVED: N_("A draft of yours is approved for a later time"),
    NoticeKind.CONFLICT: N_("An approved draft of yours could not be published"),
    NoticeKind.PUBLISHED: N_("A draft of yours is published"),
    NoticeKind.FLAGGED: N_("A problem with one of your articles is reported"),
    NoticeKind.FLAG_CLOSED: N_("What you reported is dealt with"),
    NoticeKind.OVERDUE: N_("One of your articles is due for a check"),
    NoticeKind.CHANGED: N_("Something you subscribed to changes"),
}
"""The same as choices of what to be told by mail."""


def detail_of(notice: Notice, gettext: Callable[[str], str]) -> str:
    """What there is to say beyond the kind and the title, in one line; empty for most."""
    if notice.kind is NoticeKind.SENT_BACK and notice.draft is not None:
        return notice.draft.sent_back_reason
    task = notice.task
    if task is None:
        return ""
    if task.resolution is not None and notice.kind is NoticeKind.FLAG_CLOSED:
        return ": ".join(filter(None, (gettext(RESOLUTION[task.resolution]), task.note)))
    if task.due_on is not None:
        return gettext(N_("Due on %(day)s")) % {"day": task.due_on.isoformat()}
    return ": ".join(filter(None, (gettext(TASK[task.kind]), task.detail)))
