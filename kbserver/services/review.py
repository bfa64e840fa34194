"""Moving drafts on: submitted, withdrawn, sent back, approved, published, discarded.

What may be done next, and by whom, is decided by `domain.review` alone.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from kbserver.domain.articles import Stage
from kbserver.domain.drafts import Draft, may_edit_draft, may_see_draft
from kbserver.domain.limits import MAX_DAYS_AHEAD
from kbserver.domain.permissions import Right
from kbserver.domain.reader import Reader
from kbserver.domain.remarks import checked_remark
from kbserver.domain.review import TRANSITIONS, ReviewPolicy, Step, Subject, Transition, checked_step, steps_for
from kbserver.errors import N_, Conflict, InvalidInput, KBError, NotAllowed, NotFound
from kbserver.services.drafts import StaleDraft
from kbserver.services.ports import Clock
from kbserver.services.publication import OutdatedText, Publication, checked_article, is_current, publish
from kbserver.store import articles as stored
from kbserver.store import comments, drafts, publishing
from kbserver.store.database import Database
from kbserver.store.models import DraftRow

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Moved:
    """What came of a step: the draft as it is now, or the revision that it became."""

    article_id: str
    draft: Draft | None = None
    revision: int = 0

    @property
    def is_published(self) -> bool:
        """Whether readers see it now."""
        return self.revision > 0


@dataclass(frozen=True, slots=True)
class _Taking:
    """A step that has passed all checks, inside its transaction."""

    session: Session
    row: DraftRow
    draft: Draft
    transition: Transition
    at: datetime


class ReviewService:
    """The steps of the review workflow, one method each; every step is one transaction.

    `version` is the draft's version that the person saw; a draft that has changed since
    is not moved (`StaleDraft`).
    """

    def __init__(self, database: Database, clock: Clock, policy: ReviewPolicy) -> None:
        self._database = database
        self._clock = clock
        self._policy = policy

    @property
    def policy(self) -> ReviewPolicy:
        """What has to be reviewed here."""
        return self._policy

    def steps(self, reader: Reader, subject: Subject) -> tuple[Step, ...]:
        """The steps that this reader may take now: the buttons of a page."""
        return steps_for(reader, subject, self._policy)

    def draft_for(self, reader: Reader, article_id: str, step: Step, draft_id: int | None = None) -> Draft:
        """The draft of the article that a step is meant for: the one named, or the only one at that stage.

        Raises `NotFound` for a draft of another article, `Conflict` where several could be meant.
        """
        with self._database.read() as session:
            found = [draft for draft in drafts.of_article(session, article_id) if may_see_draft(reader, draft)]
        if draft_id is not None:
            found = [draft for draft in found if draft.id == draft_id]
        elif len(found) > 1:
            found = [draft for draft in found if (draft.stage, step) in TRANSITIONS]
        if len(found) > 1:
            raise Conflict(N_("There are several drafts of this article; name one."), field="draft_id")
        if not found:
            raise NotFound(N_("There is no such draft."))
        return found[0]

    def submit(self, reader: Reader, draft_id: int, version: int | None, reason: str = "") -> Moved:
        """Ask for a review; the text must be an article. `reason` goes to the revision record."""
        said = checked_remark(reason, "reason")
        with self._database.write() as session:
            taking = self._taking(session, reader, draft_id, version, Step.SUBMIT)
            return Moved(taking.draft.article_id, put_in_review(session, reader, taking.row, said, taking.at))

    def withdraw(self, reader: Reader, draft_id: int, version: int | None) -> Moved:
        """Take a draft out of review, to go on writing; an approval for a later time goes with it."""
        with self._database.write() as session:
            taking = self._taking(session, reader, draft_id, version, Step.WITHDRAW)
            return self._move(taking, reader, Step.WITHDRAW)

    def send_back(self, reader: Reader, draft_id: int, version: int | None, reason: str) -> Moved:
        """Give a draft back to its author, who sees the reason and keeps it among the comments."""
        said = checked_remark(reason, "reason", is_needed=True)
        with self._database.write() as session:
            taking = self._taking(session, reader, draft_id, version, Step.SEND_BACK)
            taking.row.sent_back_reason, taking.row.reviewer_id = said, reader.account_id
            comments.add(session, draft_id, reader.account_id, reader.name, "", said, taking.at)
            moved = self._move(taking, reader, Step.SEND_BACK, {"reason": said})
            self._tell(taking, publishing.SENT_BACK, reader, said)
        return moved

    def approve(
        self,
        reader: Reader,
        draft_id: int,
        version: int | None,
        *,
        is_validated: bool = False,
        publish_at: datetime | None = None,
    ) -> Moved:
        """Publish a draft in review, now or at a later time; never the reader's own.

        `is_validated` says that the steps were checked and hold. Raises `OutdatedText`
        when the article has changed since the draft began.
        """
        with self._database.write() as session:
            taking = self._taking(session, reader, draft_id, version, Step.APPROVE)
            if publish_at is None:
                publication = Publication.of_draft(
                    taking.draft, reader.name, approver=reader.name, is_validated=is_validated
                )
                return self._publish(taking, publication)
            return self._schedule(taking, reader, publish_at, is_validated=is_validated)

    def publish(self, reader: Reader, draft_id: int, version: int | None, reason: str = "") -> Moved:
        """Publish without review, where nothing has to be reviewed."""
        said = checked_remark(reason, "reason")
        with self._database.write() as session:
            taking = self._taking(session, reader, draft_id, version, Step.PUBLISH)
            taking.row.reason = said or taking.row.reason
            return self._publish(taking, Publication.of_draft(drafts.draft_of(taking.row), reader.name))

    def discard(self, reader: Reader, draft_id: int, version: int | None) -> Moved:
        """Throw a draft away; what was said of it goes with it."""
        with self._database.write() as session:
            taking = self._taking(session, reader, draft_id, version, Step.DISCARD)
            drafts.remove(session, draft_id)
            self._audit(taking, reader.name, Step.DISCARD, {"title": taking.draft.title})
        return Moved(taking.draft.article_id)

    def claim(self, reader: Reader, draft_id: int, *, is_mine: bool) -> Draft:
        """Note that the reader is the one who reviews the draft, or is not any more."""
        reader.require(Right.REVIEW)
        with self._database.write() as session:
            row = _visible(session, reader, draft_id)
            row.reviewer_id = reader.account_id if is_mine else None
            return drafts.draft_of(row)

    def take_over(self, reader: Reader, draft_id: int, version: int, base_revision: int) -> Draft:
        """Go on from a newer revision of the article, after its changes were taken into the draft's text."""
        with self._database.write() as session:
            row = _visible(session, reader, draft_id)
            draft = drafts.draft_of(row)
            if not may_edit_draft(reader, draft):
                raise NotAllowed(N_("This draft is in review; withdraw it to change it."))
            if draft.version != version:
                raise StaleDraft(draft)
            current = stored.standing(session, draft.article_id)
            if current is None or not is_current(base_revision, current):
                raise InvalidInput(N_("That is not the revision that is published now."), field="base_revision")
            row.base_revision, row.version, row.updated_at = base_revision, version + 1, self._clock.now()
            drafts.withdraw_approval(row)
            return drafts.draft_of(row)

    def publish_due(self) -> int:
        """Publish the approved drafts whose time has come; gives how many were published.

        One whose article has changed meanwhile, or cannot be published for another reason, is in review again.
        """
        with self._database.read() as session:
            due = drafts.due(session, self._clock.now())
        return sum(self._publish_one_due(draft_id) for draft_id in due)

    def _publish_one_due(self, draft_id: int) -> bool:
        try:
            with self._database.write() as session:
                row = drafts.row_of(session, draft_id)
                at = self._clock.now()
                if row is None or row.publish_at is None or row.publish_at > at:
                    return False
                draft = drafts.draft_of(row)
                publication = Publication.of_draft(
                    draft, draft.approved_by, approver=draft.approved_by, is_validated=draft.is_validated
                )
                publish(session, publication, at)
                drafts.remove(session, draft_id)
                return True
        except KBError as error:
            log.warning("approved draft not published id=%s error=%s", draft_id, type(error).__name__)
            if error.status < 500:
                self._give_up_schedule(draft_id)
            return False

    def _give_up_schedule(self, draft_id: int) -> None:
        with self._database.write() as session:
            row = drafts.row_of(session, draft_id)
            if row is None or row.publish_at is None:
                return
            draft, at = drafts.draft_of(row), self._clock.now()
            drafts.withdraw_approval(row)
            row.version += 1
            publishing.audit(session, draft.approved_by, "schedule_failed", draft.article_id, {"draft": draft_id}, at)
            publishing.tell_of_draft(session, publishing.OUTDATED, draft, {"approver": draft.approved_by}, at)

    def _taking(self, session: Session, reader: Reader, draft_id: int, version: int | None, step: Step) -> _Taking:
        row = _visible(session, reader, draft_id)
        draft = drafts.draft_of(row)
        transition = checked_step(reader, draft, step, self._policy)
        if version is not None and version != draft.version:
            raise StaleDraft(draft)
        return _Taking(session, row, draft, transition, self._clock.now())

    def _move(self, taking: _Taking, reader: Reader, step: Step, detail: dict[str, Any] | None = None) -> Moved:
        row, target = taking.row, taking.transition.target
        assert target is Stage.DRAFT, "other steps put it in review or end it"
        row.stage, row.updated_at, row.submitted_at = target, taking.at, None
        row.version += 1
        drafts.withdraw_approval(row)
        self._audit(taking, reader.name, step, detail or {})
        return Moved(row.article_id, drafts.draft_of(row))

    def _publish(self, taking: _Taking, publication: Publication) -> Moved:
        number = publish(taking.session, publication, taking.at)
        drafts.remove(taking.session, taking.draft.id)
        return Moved(taking.draft.article_id, revision=number)

    def _schedule(self, taking: _Taking, reader: Reader, publish_at: datetime, *, is_validated: bool) -> Moved:
        if not taking.at < publish_at <= taking.at + timedelta(days=MAX_DAYS_AHEAD):
            raise InvalidInput(
                N_("The time must lie ahead, within the next %(days)s days."), field="publish_at", days=MAX_DAYS_AHEAD
            )
        draft, row = taking.draft, taking.row
        checked_article(draft.markdown, draft.article_id)
        self._check_current(taking)
        row.approved_by, row.publish_at, row.is_validated = reader.name, publish_at, is_validated
        row.version += 1
        self._audit(taking, reader.name, Step.APPROVE, {"publish_at": publish_at.isoformat()})
        self._tell(taking, publishing.SCHEDULED, reader, "")
        return Moved(row.article_id, drafts.draft_of(row))

    def _check_current(self, taking: _Taking) -> None:
        current = stored.standing(taking.session, taking.draft.article_id)
        if not is_current(taking.draft.base_revision, current):
            raise OutdatedText(current, taking.draft.markdown, taking.draft)

    def _audit(self, taking: _Taking, actor: str, step: Step, detail: dict[str, Any]) -> None:
        said = {"draft": taking.draft.id} | {key: value for key, value in detail.items() if value}
        publishing.audit(taking.session, actor, step.value, taking.draft.article_id, said, taking.at)

    def _tell(self, taking: _Taking, kind: str, reader: Reader, reason: str) -> None:
        draft = drafts.draft_of(taking.row)
        publishing.tell_of_draft(taking.session, kind, draft, {"actor": reader.name, "reason": reason}, taking.at)


def put_in_review(session: Session, reader: Reader, row: DraftRow, reason: str, at: datetime) -> Draft:
    """Make the draft one that waits for a reviewer; raises `InvalidInput` when its text is no article."""
    checked_article(row.markdown, row.article_id)
    row.stage, row.submitted_at, row.updated_at = Stage.IN_REVIEW, at, at
    row.reason, row.sent_back_reason = reason or row.reason, ""
    # A page that was opened before must not save into what is reviewed now.
    row.version += 1
    draft = drafts.draft_of(row)
    said = {"draft": draft.id} | ({"reason": draft.reason} if draft.reason else {})
    publishing.audit(session, reader.name, Step.SUBMIT.value, draft.article_id, said, at)
    told = {"actor": reader.name, "reason": draft.reason}
    publishing.tell_of_draft(session, publishing.SUBMITTED, draft, told, at)
    return draft


def _visible(session: Session, reader: Reader, draft_id: int) -> DraftRow:
    """The draft's row; raises `NotFound` for one that the reader may not know of."""
    row = drafts.row_of(session, draft_id)
    if row is None or not may_see_draft(reader, drafts.draft_of(row)):
        raise NotFound(N_("There is no such draft."))
    return row
