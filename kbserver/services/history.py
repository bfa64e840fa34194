"""An article's revisions: who, when, why; what changed between two; going back to one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from indexer.articles import Audience
from kbserver.domain.articles import ArticleSummary, RevisionInfo, Stage
from kbserver.domain.drafts import Draft, Origin, is_author
from kbserver.domain.limits import MAX_ID_CHARS
from kbserver.domain.permissions import Right
from kbserver.domain.reader import Reader
from kbserver.domain.remarks import checked_remark
from kbserver.domain.review import ReviewPolicy, Step, may_skip_review, steps_for
from kbserver.domain.text_diff import TextDiff, compare
from kbserver.errors import N_, Conflict, InvalidInput, NotFound
from kbserver.services.archiving import RESTORED
from kbserver.services.drafts import new_draft
from kbserver.services.ports import Clock, Segmenter
from kbserver.services.publication import OutdatedText, Publication, is_current, publish
from kbserver.services.review import Moved
from kbserver.services.visible import archived_for, visible_to
from kbserver.store import articles as stored
from kbserver.store import drafts
from kbserver.store.articles import Standing
from kbserver.store.database import Database
from kbserver.store.models import ArticleRow

MAX_REVISION = 10**9


@dataclass(frozen=True, slots=True)
class History:
    """An article with its revisions, newest first."""

    article: ArticleSummary
    revisions: tuple[RevisionInfo, ...]
    shows_texts: bool
    """Whether the reader may see earlier texts, and who wrote them."""
    steps: tuple[Step, ...]
    superseded_by: str
    may_restore: bool
    """Whether the reader may go back to an earlier revision."""
    restores_at_once: bool
    """Whether that is published at once, and not a draft first."""

    @property
    def is_archived(self) -> bool:
        """Whether readers do not see it any more."""
        return self.article.stage is Stage.ARCHIVED

    @property
    def current(self) -> int:
        """The number of the newest revision."""
        return self.article.revision


@dataclass(frozen=True, slots=True)
class RevisionPair:
    """What changed from one revision to another."""

    article: ArticleSummary
    old: RevisionInfo
    new: RevisionInfo
    diff: TextDiff


class HistoryService:
    """Histories for those who see the article; of archived ones for those who may restore them.

    Earlier revisions may have been for fewer readers than the article is now, so
    texts and names are for internal readers only.
    """

    def __init__(self, database: Database, clock: Clock, policy: ReviewPolicy, segmenter: Segmenter) -> None:
        self._database = database
        self._clock = clock
        self._policy = policy
        self._segmenter = segmenter

    def get(self, reader: Reader, article_id: str) -> History:
        """The article's history; raises `NotFound`."""
        with self._database.read() as session:
            row = _row(session, reader, article_id)
            summary = stored.summary_of(row)
            return History(
                article=summary,
                revisions=tuple(stored.revisions_of(session, row)),
                shows_texts=reader.audience is Audience.INTERNAL,
                steps=steps_for(reader, summary, self._policy),
                superseded_by=row.superseded_by or "",
                may_restore=reader.may(Right.WRITE) and summary.stage is Stage.PUBLISHED,
                restores_at_once=self._restores_at_once(reader),
            )

    def compare(self, reader: Reader, article_id: str, old: int, new: int, *, is_whole: bool = False) -> RevisionPair:
        """What changed from the revision `old` to `new`; raises `NotFound`."""
        history = self.get(reader, article_id)
        infos = {info.number: info for info in history.revisions}
        with self._database.read() as session:
            numbers = [number for number in (old, new) if 0 < number <= MAX_REVISION]
            texts = stored.revision_texts(session, article_id, numbers) if history.shows_texts else {}
        if old not in texts or new not in texts:
            raise NotFound(N_("There is no such revision."))
        diff = compare(texts[old], texts[new], self._segmenter.words, is_whole=is_whole)
        return RevisionPair(history.article, infos[old], infos[new], diff)

    def restore(self, reader: Reader, article_id: str, number: int, current: int, reason: str = "") -> Moved:
        """Go back to the text of an earlier revision.

        Whoever may review, or where nothing is reviewed may publish, makes it a new revision at
        once: that text was published before. Others get a draft of it. `current` is the revision
        that the person saw as the newest.
        """
        reader.require(Right.WRITE)
        said = checked_remark(reason, "reason") or RESTORED
        history = self.get(reader, article_id)
        with self._database.write() as session:
            standing = stored.standing(session, article_id)
            assert standing is not None, "an article with a history stands somewhere"
            texts = stored.revision_texts(session, article_id, [number] if 0 < number <= MAX_REVISION else [])
            if number not in texts or not history.shows_texts:
                raise NotFound(N_("There is no such revision."))
            if not is_current(current, standing):
                raise OutdatedText(standing, texts[number])
            if number == standing.revision:
                raise InvalidInput(N_("That is the current revision already."), field="number")
            if history.restores_at_once:
                return self._published(session, reader, standing, texts[number], said)
            return self._drafted(session, reader, standing, texts[number], said)

    def _restores_at_once(self, reader: Reader) -> bool:
        return reader.may(Right.REVIEW) or may_skip_review(reader, self._policy)

    def _published(self, session: Session, reader: Reader, standing: Standing, text: str, reason: str) -> Moved:
        is_reviewer = reader.may(Right.REVIEW)
        publication = Publication(
            article_id=standing.article_id,
            base_revision=standing.revision,
            markdown=text,
            author=reader.name,
            actor=reader.name,
            origin=Origin.HUMAN,
            reason=reason,
            approver=reader.name if is_reviewer else "",
            is_by_reviewer=is_reviewer,
        )
        return Moved(standing.article_id, revision=publish(session, publication, self._clock.now()))

    def _drafted(self, session: Session, reader: Reader, standing: Standing, text: str, reason: str) -> Moved:
        check_no_own_draft(reader, drafts.of_article(session, standing.article_id))
        at = self._clock.now()
        new = new_draft(reader, standing.article_id, standing.revision, text, at, path=standing.path, reason=reason)
        return Moved(standing.article_id, drafts.add(session, new))


def check_no_own_draft(reader: Reader, found: list[Draft]) -> None:
    """Raise `Conflict` when the reader has a draft among these: a second one would be lost sight of."""
    own = next((draft for draft in found if is_author(reader, draft)), None)
    if own is not None:
        raise Conflict(N_("You have draft %(id)s of this article already; finish or discard it first."), id=own.id)


def _row(session: Session, reader: Reader, article_id: str) -> ArticleRow:
    row = None
    if len(article_id) <= MAX_ID_CHARS and "\0" not in article_id:
        row = stored.visible_article(session, article_id, visible_to(reader))
        if row is None and reader.may(Right.ARCHIVE):
            row = stored.visible_article(session, article_id, archived_for(reader))
    if row is None:
        raise NotFound(N_("There is no such article."))
    return row
