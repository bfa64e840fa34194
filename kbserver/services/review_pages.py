"""All that somebody needs on one screen to decide on a draft."""

from __future__ import annotations

from dataclasses import dataclass, replace

from indexer.articles import Article
from indexer.frontmatter import parse_article
from kbserver.domain.articles import Stage, verified_until
from kbserver.domain.comments import Comment
from kbserver.domain.drafts import Draft, is_author, may_edit_draft
from kbserver.domain.permissions import Right
from kbserver.domain.reader import Reader
from kbserver.domain.review import Step
from kbserver.domain.text_diff import TextDiff, compare
from kbserver.domain.validation import Validation
from kbserver.errors import KBError
from kbserver.services.checklist import Checked, ChecklistService
from kbserver.services.comments import CommentService
from kbserver.services.draft_pages import DraftPage, DraftPages
from kbserver.services.drafts import DraftService
from kbserver.services.nearest import NearArticle
from kbserver.services.ports import Segmenter
from kbserver.services.publication import is_current, validation_of
from kbserver.services.review import ReviewService
from kbserver.store import articles as stored
from kbserver.store import queue
from kbserver.store.articles import Standing
from kbserver.store.database import Database


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """A draft as its review page shows it."""

    draft: Draft
    shown: DraftPage | None
    """The page that it would become; None while its text is no article, see `problem`."""
    problem: KBError | None
    current: Standing | None
    """The article as it stands; None for a new one."""
    is_outdated: bool
    """Whether the article was published anew since the draft began, so that nobody can approve it."""
    diff: TextDiff | None
    """From what is published now to the draft; None for a new article."""
    checked: Checked | None
    """What the text lacks, and the articles that may say the same; None while it is no article."""
    comments: tuple[Comment, ...]
    steps: tuple[Step, ...]
    validation: Validation | None
    """The trust it would have, unless who approves says more."""
    reviewer: str
    is_own: bool
    is_claimed: bool
    """Whether the reader is the one who took it to review it."""
    may_edit: bool

    @property
    def nearest(self) -> tuple[NearArticle, ...]:
        """Articles that may say the same, nearest first."""
        return self.checked.nearest if self.checked else ()

    @property
    def open_comments(self) -> int:
        """Comments that nobody has seen to."""
        return sum(comment.is_open for comment in self.comments)


class ReviewPages:
    """Puts review pages together."""

    def __init__(
        self,
        database: Database,
        drafts: DraftService,
        pages: DraftPages,
        comments: CommentService,
        review: ReviewService,
        checklist: ChecklistService,
        segmenter: Segmenter,
    ) -> None:
        self._database = database
        self._drafts = drafts
        self._pages = pages
        self._comments = comments
        self._review = review
        self._checklist = checklist
        self._segmenter = segmenter

    def get(self, reader: Reader, draft_id: int, lang: str) -> ReviewPage:
        """The page; raises `NotFound` for a draft that the reader may not know of."""
        draft = self._drafts.get(reader, draft_id)
        reader.require(Right.SEE_WORK)
        with self._database.read() as session:
            current = stored.standing(session, draft.article_id)
            reviewer = queue.name_of(session, draft.reviewer_id)
        article = parse_article(draft.markdown, "").article
        validation = self._validation(article, draft, current)
        shown, problem = self._shown(reader, draft, lang, validation)
        return ReviewPage(
            draft=draft,
            shown=shown,
            problem=problem,
            current=current,
            is_outdated=not is_current(draft.base_revision, current),
            diff=compare(current.markdown, draft.markdown, self._segmenter.words) if current else None,
            checked=self._checklist.check(reader, draft, draft.markdown) if article else None,
            comments=self._comments.of_draft(reader, draft_id),
            steps=self._review.steps(reader, draft),
            validation=validation,
            reviewer=reviewer,
            is_own=is_author(reader, draft),
            is_claimed=draft.reviewer_id is not None and draft.reviewer_id == reader.account_id,
            may_edit=may_edit_draft(reader, draft),
        )

    def _shown(
        self, reader: Reader, draft: Draft, lang: str, validation: Validation | None
    ) -> tuple[DraftPage | None, KBError | None]:
        """The page with the trust that it would have, whatever its text says; or why there is none."""
        try:
            page = self._pages.preview(reader, draft, draft.markdown, lang)
        except KBError as problem:
            return None, problem
        return (with_trust(page, validation) if validation else page), None

    def _validation(self, article: Article | None, draft: Draft, current: Standing | None) -> Validation | None:
        if article is None or (current is not None and current.stage is not Stage.PUBLISHED):
            return None
        return validation_of(article, current, is_by_reviewer=draft.is_by_reviewer)


def with_trust(page: DraftPage, validation: Validation) -> DraftPage:
    """The same page with the trust that publishing will give it."""
    summary, article = page.view.summary, page.view.article
    decided = replace(article, state=validation.state, verified_at=validation.verified_at)
    shown = replace(
        summary,
        state=validation.state,
        verified_at=validation.verified_at,
        verified_until=verified_until(decided),
    )
    return replace(page, view=replace(page.view, summary=shown))
