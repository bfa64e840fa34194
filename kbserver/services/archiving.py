"""Taking articles from readers, and giving them back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kbserver.domain.articles import Stage
from kbserver.domain.drafts import Origin
from kbserver.domain.reader import Reader
from kbserver.domain.remarks import checked_remark
from kbserver.domain.review import ReviewPolicy, Step, checked_step
from kbserver.errors import N_, InvalidInput
from kbserver.services.ports import Clock
from kbserver.services.publication import OutdatedText, Publication, publish
from kbserver.services.visible import visible_standing
from kbserver.store import articles as stored
from kbserver.store import publishing
from kbserver.store.articles import Standing
from kbserver.store.database import Database

RESTORED = "restored"
"""The reason that stands in the revision record when none was given."""


class ArchiveService:
    """Archives articles and restores them; their revisions stay."""

    def __init__(self, database: Database, clock: Clock, policy: ReviewPolicy) -> None:
        self._database = database
        self._clock = clock
        self._policy = policy

    def archive(
        self, reader: Reader, article_id: str, reason: str, superseded_by: str = "", revision: int | None = None
    ) -> None:
        """Take the article from readers, who are sent to `superseded_by` if it is named.

        With `revision`, only if that is the current one.
        """
        said = checked_remark(reason, "reason", is_needed=True)
        with self._database.write() as session:
            self._checked(session, reader, article_id, Step.ARCHIVE, revision)
            successor = _successor(session, article_id, superseded_by.strip())
            publishing.archive(session, article_id, self._clock.now(), reader.name, said, successor)

    def restore(self, reader: Reader, article_id: str, reason: str = "", revision: int | None = None) -> int:
        """Give the article back to readers with the text it had; gives the new revision's number."""
        said = checked_remark(reason, "reason") or RESTORED
        with self._database.write() as session:
            current = self._checked(session, reader, article_id, Step.RESTORE, revision)
            publication = Publication(
                article_id=article_id,
                base_revision=current.revision,
                markdown=current.markdown,
                author=reader.name,
                actor=reader.name,
                origin=Origin.HUMAN,
                reason=said,
                approver=reader.name,
                is_by_reviewer=True,
                former_stage=Stage.ARCHIVED,
            )
            return publish(session, publication, self._clock.now())

    def _checked(self, session: Session, reader: Reader, article_id: str, step: Step, revision: int | None) -> Standing:
        current = visible_standing(session, reader, article_id)
        checked_step(reader, current, step, self._policy)
        if revision is not None and revision != current.revision:
            raise OutdatedText(current, current.markdown)
        return current


def _successor(session: Session, article_id: str, wanted: str) -> str | None:
    if not wanted:
        return None
    found = stored.standing(session, wanted)
    if found is None or found.stage is not Stage.PUBLISHED or found.article_id == article_id:
        raise InvalidInput(
            N_("There is no other published article %(id)s to send readers to."), field="superseded_by", id=wanted[:64]
        )
    return found.article_id
