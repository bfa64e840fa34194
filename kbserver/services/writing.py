"""Writing for programs: a whole text comes in, and is published, sent to review, or kept as a draft."""

from __future__ import annotations

import enum
from collections.abc import Collection

from sqlalchemy.orm import Session

from kbserver.domain.drafts import Origin
from kbserver.domain.permissions import Right
from kbserver.domain.reader import Reader
from kbserver.domain.remarks import checked_remark
from kbserver.domain.review import ReviewPolicy, may_skip_review
from kbserver.errors import N_, NotAllowed
from kbserver.services.article_ids import next_id
from kbserver.services.drafts import checked_text, new_draft
from kbserver.services.history import check_no_own_draft
from kbserver.services.ports import Clock
from kbserver.services.publication import OutdatedText, Publication, is_current, publish
from kbserver.services.review import Moved, put_in_review
from kbserver.services.visible import visible_standing
from kbserver.store import drafts
from kbserver.store.articles import Standing
from kbserver.store.database import Database


class Wish(enum.StrEnum):
    """What is to become of a text that comes in."""

    DRAFT = "draft"
    SUBMIT = "submit"
    PUBLISH = "publish"


class WritingService:
    """Takes whole texts. Every call is one transaction, and nothing is overwritten unseen."""

    def __init__(self, database: Database, clock: Clock, policy: ReviewPolicy) -> None:
        self._database = database
        self._clock = clock
        self._policy = policy

    def create(self, reader: Reader, markdown: str, reason: str = "", wish: Wish | None = None) -> Moved:
        """A new article of this text, under an id that nothing else has.

        Without a `wish` it goes as far as this reader may take it: published, or in review.
        """
        reader.require(Right.WRITE)
        wish = self._checked(reader, wish)
        text, said = checked_text(markdown), checked_remark(reason, "reason")
        with self._database.write() as session:
            return self._write(session, reader, next_id(session), None, text, said, wish)

    def replace(
        self,
        reader: Reader,
        article_id: str,
        etags: Collection[str],
        markdown: str,
        reason: str = "",
        wish: Wish | None = None,
    ) -> Moved:
        """Another text for a published article, written from the one that `etags` name.

        Raises `OutdatedText` with what stands now when that is another one.
        """
        reader.require(Right.WRITE)
        wish = self._checked(reader, wish)
        text, said = checked_text(markdown), checked_remark(reason, "reason")
        with self._database.write() as session:
            current = visible_standing(session, reader, article_id)
            if current.etag not in etags or not is_current(current.revision, current):
                raise OutdatedText(current, text)
            return self._write(session, reader, article_id, current, text, said, wish)

    def etag(self, reader: Reader, article_id: str) -> str:
        """What names the article's current text; raises `NotFound`."""
        with self._database.read() as session:
            return visible_standing(session, reader, article_id).etag

    def _checked(self, reader: Reader, wish: Wish | None) -> Wish:
        may_publish = may_skip_review(reader, self._policy)
        if wish is Wish.PUBLISH and not may_publish:
            raise NotAllowed(N_("This has to be reviewed before it is published."))
        return wish or (Wish.PUBLISH if may_publish else Wish.SUBMIT)

    def _write(
        self,
        session: Session,
        reader: Reader,
        article_id: str,
        current: Standing | None,
        text: str,
        reason: str,
        wish: Wish,
    ) -> Moved:
        at, base = self._clock.now(), current.revision if current else 0
        if wish is Wish.PUBLISH:
            publication = Publication(
                article_id=article_id,
                base_revision=base,
                markdown=text,
                author=reader.name,
                actor=reader.name,
                origin=Origin.API if reader.is_service else Origin.HUMAN,
                reason=reason,
                is_by_reviewer=reader.may(Right.REVIEW),
            )
            return Moved(article_id, revision=publish(session, publication, at))
        check_no_own_draft(reader, drafts.of_article(session, article_id))
        path = current.path if current else ""
        draft = drafts.add(session, new_draft(reader, article_id, base, text, at, path=path, reason=reason))
        if wish is Wish.SUBMIT:
            row = drafts.row_of(session, draft.id)
            assert row is not None, "it was added in this transaction"
            draft = put_in_review(session, reader, row, reason, at)
        return Moved(article_id, draft)
