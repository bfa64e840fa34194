"""Files that wait for a reviewer: each is held, and its text is a draft."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from indexer.articles import Article
from kbserver.domain.articles import Stage
from kbserver.domain.drafts import Draft, Origin
from kbserver.domain.folder import HeldFile, Hold, KnownFile
from kbserver.store import drafts, folder, held_files, publishing
from kbserver.store.drafts import NewDraft

FOLDER_AUTHOR = "folder"
"""The author of what came from the folder; nobody signs in under it."""

REASONS = {Hold.REVIEW: "file changed", Hold.CONFLICT: "changed in the folder and in the browser"}
"""What the queue says of the draft."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FileText:
    """What a file holds."""

    article: Article
    path: str
    markdown: str
    sha256: str


def hold_text(session: Session, file: FileText, known: KnownFile | None, hold: Hold, at: datetime) -> bool:
    """Keep the file's text for review and hold the file; gives whether there is anything new to review.

    A text that was held already makes no second draft, wherever the file lies now and
    whatever was decided. A changed file changes its draft, unless somebody has worked on that.
    """
    article_id = file.article.id
    before = held_files.of_article(session, article_id)
    draft = drafts.get(session, before.draft_id) if before and before.draft_id else None
    held = HeldFile(file.path, article_id, file.sha256, hold, draft.id if draft else None, at)
    withdraw_other(session, file.path, article_id)
    if before and before.file_hash == file.sha256:
        held_files.hold(session, held)
        if draft:
            drafts.move(session, draft.id, file.path)
        return False
    new = _draft(file, known, hold, at, session)
    if before and draft and is_untouched(draft, before):
        drafts.renew(session, draft.id, new)
    else:
        draft = drafts.add(session, new)
    held_files.hold(session, replace(held, draft_id=draft.id))
    publishing.audit(session, FOLDER_AUTHOR, "submit", article_id, {"draft": draft.id, "path": file.path}, at)
    told = {"actor": FOLDER_AUTHOR, "reason": new.reason}
    publishing.tell_of_draft(session, publishing.SUBMITTED, draft, told, at)
    log.warning("file waits for review id=%s path=%r draft=%s why=%s", article_id, file.path, draft.id, hold)
    return True


def release(session: Session, path: str, *, keep_draft: bool = False) -> None:
    """Stop holding the file, because its text is what is published or it is gone.

    Its draft goes with it, unless somebody has worked on that or it is to be kept.
    """
    held = held_files.at_path(session, path)
    if held is None:
        return
    draft = drafts.get(session, held.draft_id) if held.draft_id else None
    held_files.release(session, path)
    if draft and is_untouched(draft, held) and not keep_draft:
        drafts.remove(session, draft.id)


def withdraw_other(session: Session, path: str, article_id: str) -> None:
    """Release what was held at the path for another article: the file holds this one now."""
    held = held_files.at_path(session, path)
    if held and held.article_id != article_id:
        release(session, path)


def is_untouched(draft: Draft, held: HeldFile) -> bool:
    """Whether the draft is still just what the file said."""
    return draft.origin is Origin.FOLDER and draft.sha256 == held.file_hash


def _draft(file: FileText, known: KnownFile | None, hold: Hold, at: datetime, session: Session) -> NewDraft:
    base = 0
    if known is not None:
        # A conflict began from the text that both sides had; publishing it shows both.
        common = folder.revision_with(session, known.article_id, known.file_hash)
        base = common if hold is Hold.CONFLICT else known.revision
    return NewDraft(
        article_id=file.article.id,
        base_revision=base,
        markdown=file.markdown,
        sha256=file.sha256,
        title=file.article.title,
        author=FOLDER_AUTHOR,
        at=at,
        origin=Origin.FOLDER,
        path=file.path,
        reason="import" if known is None else REASONS[hold],
        stage=Stage.IN_REVIEW,
    )
