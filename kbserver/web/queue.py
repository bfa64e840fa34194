"""The queue page: what waits for review, and one's own drafts."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request

from kbserver.domain.articles import ArticleSummary
from kbserver.domain.permissions import Right
from kbserver.domain.queue import QueuedDraft, WorkCounts
from kbserver.domain.reader import Reader
from kbserver.errors import N_, KBError
from kbserver.services.queue import is_waiting_for
from kbserver.web.context import reader, services

bp = Blueprint("queue", __name__)

REVIEW, MINE, ARCHIVED = "review", "mine", "archived"

DONE = {
    "submitted": N_("%(id)s is in review now."),
    "withdrawn": N_("%(id)s is a draft again."),
    "sent_back": N_("%(id)s was sent back to its author."),
    "published": N_("%(id)s is published."),
    "scheduled": N_("%(id)s is approved and will be published at its time."),
    "discarded": N_("The draft of %(id)s was discarded."),
    "archived": N_("%(id)s is archived."),
    "restored": N_("%(id)s is published again."),
}
"""What the page says after a step, by what was done."""


@dataclass(frozen=True, slots=True)
class QueuePage:
    """What the queue template shows."""

    tab: str
    drafts: tuple[QueuedDraft, ...]
    archived: tuple[ArticleSummary, ...]
    counts: WorkCounts
    waiting: frozenset[int]
    """Numbers of the drafts that the reader may decide on."""
    done: str
    """What was done just now, one of `DONE`; empty for nothing."""
    article_id: str
    may_archive: bool

    @property
    def said(self) -> str:
        """The message for what was done."""
        return DONE.get(self.done, "")


@bp.get("/queue")
def show() -> str:
    """What waits for the reader."""
    who, queue = reader(), services().queue
    who.require(Right.SEE_WORK)
    tab = _tab(who, request.args.get("tab", ""))
    drafts = queue.own(who) if tab == MINE else () if tab == ARCHIVED else queue.in_review(who)
    page = QueuePage(
        tab=tab,
        drafts=drafts,
        archived=queue.archived(who) if tab == ARCHIVED else (),
        counts=queue.counts(who),
        waiting=frozenset(draft.id for draft in drafts if is_waiting_for(who, draft)),
        done=request.args.get("done", ""),
        article_id=request.args.get("id", "")[:64],
        may_archive=who.may(Right.ARCHIVE),
    )
    return render_template("queue/queue.html", page=page)


def work() -> WorkCounts | None:
    """What waits for whoever looks at a page, None for those who have no work here."""
    try:
        who = reader()
    except KBError:
        return None
    return services().queue.counts(who) if who.may(Right.SEE_WORK) else None


def _tab(who: Reader, asked: str) -> str:
    allowed = {REVIEW, MINE} | ({ARCHIVED} if who.may(Right.ARCHIVE) else set())
    if asked in allowed:
        return asked
    return REVIEW if who.may(Right.REVIEW) else MINE
