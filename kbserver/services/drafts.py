"""Writing: drafts are opened, read and saved. What happens to them afterwards is `services.review`."""

from __future__ import annotations

from datetime import datetime

from indexer.articles import ArticleType
from indexer.frontmatter import parse_article
from kbserver.domain.articles import Stage
from kbserver.domain.drafts import Draft, Origin, is_author, may_edit_draft, may_see_draft
from kbserver.domain.limits import MAX_FILE_BYTES, MAX_REASON_CHARS, MAX_ROW_NUMBER
from kbserver.domain.permissions import Right
from kbserver.domain.reader import Reader
from kbserver.domain.skeletons import skeleton
from kbserver.errors import N_, Conflict, InvalidInput, NotAllowed, NotFound, TooLarge
from kbserver.services.article_files import sha256_of
from kbserver.services.article_ids import next_id
from kbserver.services.ports import Clock
from kbserver.services.visible import visible_to
from kbserver.store import articles as stored
from kbserver.store import drafts
from kbserver.store.database import Database
from kbserver.store.drafts import NewDraft, SavedText


class StaleDraft(Conflict):
    """Somebody saved the draft meanwhile; `current` is what it holds now, and nothing was overwritten."""

    def __init__(self, current: Draft) -> None:
        super().__init__(N_("%(who)s changed this draft meanwhile; both texts are kept."), who=current.updated_by)
        self.current = current


class DraftService:
    """Drafts for those who write; a draft that a reader may not see is not there."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def create(self, reader: Reader, markdown: str, *, origin: Origin = Origin.HUMAN, reason: str = "") -> Draft:
        """A draft of a new article with this text, under an id that nothing else has."""
        reader.require(Right.WRITE)
        text = checked_text(markdown)
        with self._database.write() as session:
            article_id = next_id(session)
            new = new_draft(reader, article_id, 0, text, self._clock.now(), origin=origin, reason=reason)
            return drafts.add(session, new)

    def begin(self, reader: Reader, kind: ArticleType, lang: str) -> Draft:
        """A draft with the sections of its type; the reader's own one that nobody has touched yet, if there is one."""
        reader.require(Right.WRITE)
        text = skeleton(kind, lang, reader.name)
        untouched = (draft for draft in self.mine(reader) if draft.version == 1 and draft.sha256 == sha256_of(text))
        return next(untouched, None) or self.create(reader, text)

    def own(self, reader: Reader, article_id: str) -> Draft | None:
        """The reader's own draft of the article that they may go on with."""
        return next((d for d in self.mine(reader) if d.article_id == article_id and d.stage is Stage.DRAFT), None)

    def edit(self, reader: Reader, article_id: str) -> Draft:
        """The reader's own draft of a published article: the one begun already, else a new one."""
        reader.require(Right.WRITE)
        with self._database.write() as session:
            row = stored.visible_article(session, article_id, visible_to(reader))
            if row is None:
                raise NotFound(N_("There is no such article."))
            for draft in drafts.of_article(session, article_id):
                if is_author(reader, draft) and draft.stage is Stage.DRAFT:
                    return draft
            revision = stored.revision(session, article_id, row.revision)
            assert revision is not None, f"{article_id} has no revision {row.revision}"
            new = new_draft(reader, article_id, row.revision, revision.markdown, self._clock.now(), path=row.path or "")
            return drafts.add(session, new)

    def get(self, reader: Reader, draft_id: int) -> Draft:
        """The draft; raises `NotFound`."""
        with self._database.read() as session:
            draft = drafts.get(session, draft_id) if 0 < draft_id <= MAX_ROW_NUMBER else None
        if draft is None or not may_see_draft(reader, draft):
            raise NotFound(N_("There is no such draft."))
        return draft

    def save(self, reader: Reader, draft_id: int, version: int, markdown: str, *, reason: str | None = None) -> Draft:
        """Replace the draft's text, which must still have that version; raises `StaleDraft` otherwise.

        `reason` says what the change is for; None leaves what was said. A text
        that is the same already is no new version.
        """
        text = checked_text(markdown)
        before = self.get(reader, draft_id)
        if not may_edit_draft(reader, before):
            raise NotAllowed(N_("This draft is in review; withdraw it to change it."))
        with self._database.write() as session:
            new = SavedText(
                markdown=text,
                sha256=sha256_of(text),
                title=title_of(text),
                reason=before.reason if reason is None else " ".join(reason.split())[:MAX_REASON_CHARS],
                by=reader.name,
                is_by_reviewer=reader.may(Right.REVIEW),
                at=self._clock.now(),
            )
            saved = drafts.save(session, draft_id, version, new)
            current = drafts.get(session, draft_id)
        if current is None:
            raise NotFound(N_("There is no such draft."))
        # The same text again is no conflict: an answer that got lost is asked for twice.
        if not saved and current.sha256 != sha256_of(text):
            raise StaleDraft(current)
        return current

    def mine(self, reader: Reader) -> tuple[Draft, ...]:
        """The reader's own drafts, the one changed last first."""
        if reader.account_id is None:
            return ()
        with self._database.read() as session:
            return tuple(drafts.by_author(session, reader.account_id))


def new_draft(
    reader: Reader,
    article_id: str,
    base_revision: int,
    text: str,
    at: datetime,
    *,
    path: str = "",
    origin: Origin = Origin.HUMAN,
    reason: str = "",
) -> NewDraft:
    """A draft by that reader, for `store.drafts.add`."""
    return NewDraft(
        article_id=article_id,
        base_revision=base_revision,
        markdown=text,
        sha256=sha256_of(text),
        title=title_of(text),
        author=reader.name,
        author_id=reader.account_id,
        at=at,
        path=path,
        origin=Origin.API if reader.is_service else origin,
        reason=reason,
        is_by_reviewer=reader.may(Right.REVIEW),
    )


def checked_text(markdown: str) -> str:
    """The text with Unix line ends; raises when it is too long or cannot be stored."""
    text = markdown.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise InvalidInput(N_("The text holds characters that cannot be stored."), field="markdown")
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise InvalidInput(N_("The text holds characters that cannot be stored."), field="markdown") from error
    if size > MAX_FILE_BYTES:
        raise TooLarge(N_("The text is longer than an article may be."), field="markdown")
    return text


def title_of(text: str) -> str:
    """The article's title, empty while the text has none or cannot be read yet."""
    article = parse_article(text, "", is_finished=False).article
    return article.title if article else ""
