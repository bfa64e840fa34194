"""Still right: somebody looked at an article today, and nothing in it has to change."""

from __future__ import annotations

from datetime import date

from indexer.articles import TrustState
from kbserver.domain.articles import ArticleSummary, Trust
from kbserver.domain.drafts import Origin
from kbserver.domain.permissions import Right
from kbserver.domain.reader import Reader
from kbserver.domain.tasks import VERIFIED_REASON, Resolution, TaskKind
from kbserver.errors import N_, Conflict, NotFound
from kbserver.services import publication
from kbserver.services.ports import Clock
from kbserver.services.publication import OutdatedText, Publication
from kbserver.services.tasks import close_task
from kbserver.services.visible import visible_to
from kbserver.store import articles as stored
from kbserver.store import tasks
from kbserver.store.database import Database


class VerifyingService:
    """Renews the day on which an article was last found right, as a revision like any other."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def can_verify(self, reader: Reader, article: ArticleSummary) -> bool:
        """Whether the reader may say so of this article as it stands, and nobody has said so today."""
        today = self._today()
        is_said = article.state is TrustState.VALIDATED and article.verified_at == today
        return reader.may(_right_for(article.state)) and article.trust(today) is not Trust.EXPIRED and not is_said

    def verify(self, reader: Reader, article_id: str, revision: int) -> int:
        """Note that the revision which the reader has seen still holds; gives the new revision's number.

        What had become due is closed with it. Raises `OutdatedText` where another revision
        has been published meanwhile, `Conflict` where the article's last day has passed.
        """
        reader.require(Right.VERIFY)
        at = self._clock.now()
        with self._database.write() as session:
            row = stored.visible_article(session, article_id, visible_to(reader))
            current = stored.standing(session, article_id) if row else None
            if row is None or current is None:
                raise NotFound(N_("There is no such article."))
            reader.require(_right_for(TrustState(row.state)))
            if row.valid_to is not None and row.valid_to < self._today():
                raise Conflict(N_("Its last day of validity has passed; edit the article to set a later one."))
            if row.revision != revision:
                raise OutdatedText(current, current.markdown)
            number = publication.publish(session, _publication(reader, current.markdown, article_id, revision), at)
            for task in tasks.open_of(session, article_id, (TaskKind.OVERDUE,)):
                close_task(session, task.id, Resolution.VERIFIED, "", reader.name, at)
        return number

    def _today(self) -> date:
        return self._clock.now().astimezone().date()


def _right_for(state: TrustState) -> Right:
    """Renewing a validation takes less than giving one: that is a judgement on somebody's steps."""
    return Right.VERIFY if state is TrustState.VALIDATED else Right.REVIEW


def _publication(reader: Reader, markdown: str, article_id: str, revision: int) -> Publication:
    return Publication(
        article_id=article_id,
        base_revision=revision,
        markdown=markdown,
        author=reader.name,
        actor=reader.name,
        origin=Origin.HUMAN,
        reason=VERIFIED_REASON,
        is_validated=True,
    )
