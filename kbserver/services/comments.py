"""What is said of a draft before it is published."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kbserver.domain.comments import Comment
from kbserver.domain.drafts import may_see_draft
from kbserver.domain.limits import MAX_COMMENT_CHARS, MAX_COMMENTS, MAX_QUOTE_CHARS
from kbserver.domain.permissions import Right
from kbserver.domain.reader import Reader
from kbserver.domain.remarks import checked_remark
from kbserver.errors import N_, InvalidInput, NotFound
from kbserver.services.ports import Clock
from kbserver.store import comments, drafts
from kbserver.store.database import Database


class CommentService:
    """Remarks on drafts, for those who may see the draft."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def of_draft(self, reader: Reader, draft_id: int) -> tuple[Comment, ...]:
        """All remarks on the draft, oldest first; raises `NotFound`."""
        with self._database.read() as session:
            _check_draft(session, reader, draft_id)
            return tuple(comments.of_draft(session, draft_id))

    def add(self, reader: Reader, draft_id: int, body: str, quote: str = "") -> Comment:
        """Say something of the draft, or of the passage in `quote`."""
        reader.require(Right.COMMENT)
        said = checked_remark(body, "body", most=MAX_COMMENT_CHARS)
        if not said:
            raise InvalidInput(N_("Please write what you want to say."), field="body")
        cited = checked_remark(quote, "quote", most=MAX_QUOTE_CHARS)
        with self._database.write() as session:
            _check_draft(session, reader, draft_id)
            if comments.count(session, draft_id) >= MAX_COMMENTS:
                raise InvalidInput(N_("There are %(most)s comments already."), most=MAX_COMMENTS)
            return comments.add(session, draft_id, reader.account_id, reader.name, cited, said, self._clock.now())

    def resolve(self, reader: Reader, draft_id: int, comment_id: int, *, is_done: bool) -> Comment:
        """Note that a remark has been seen to, or has not."""
        reader.require(Right.COMMENT)
        with self._database.write() as session:
            _check_draft(session, reader, draft_id)
            row = comments.row_of(session, comment_id)
            if row is None or row.draft_id != draft_id:
                raise NotFound(N_("There is no such comment."))
            row.resolved_at = self._clock.now() if is_done else None
            return comments.comment_of(row)


def _check_draft(session: Session, reader: Reader, draft_id: int) -> None:
    draft = drafts.get(session, draft_id)
    if draft is None or not may_see_draft(reader, draft):
        raise NotFound(N_("There is no such draft."))
