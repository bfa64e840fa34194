"""One import: for each file, whose it is and what becomes of it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from indexer.frontmatter import with_id
from kbserver.domain.articles import QuarantinedFile, Stage, verified_until
from kbserver.domain.excerpt import excerpt_of
from kbserver.domain.folder import HeldFile, Hold, KnownFile, Verdict, verdict_on
from kbserver.services.article_files import sha256_of
from kbserver.services.article_folder import ArticleFolder
from kbserver.services.article_ids import IdClaims
from kbserver.services.article_reading import ReadFile, Refusal
from kbserver.services.folder_drafts import FOLDER_AUTHOR, FileText, hold_text, release, withdraw_other
from kbserver.services.ports import Clock
from kbserver.store import folder, held_files, publishing, quarantine
from kbserver.store.publishing import NewRevision

if TYPE_CHECKING:
    from kbserver.services.importing import ImportReport

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _WriteBack:
    path: str
    text: str
    former_hash: str


class ImportRun:
    """What is decided while files are brought in; the transactions are the caller's."""

    def __init__(
        self,
        root: Path,
        clock: Clock,
        changed: Sequence[ReadFile],
        gone: set[str],
        report: ImportReport,
        *,
        is_reviewed: bool,
    ) -> None:
        self._folder = ArticleFolder(root)
        self._clock = clock
        self._gone = gone
        self._report = report
        self._is_reviewed = is_reviewed
        self._claims = IdClaims(root, changed, gone)
        self._write_backs: list[_WriteBack] = []
        self.displaced: set[str] = set()

    def bring_in(self, session: Session, read: ReadFile) -> None:
        """Make one file's content an article or a draft, or put the file into quarantine."""
        refusal = read.refusal or self._claims.rival_of(session, read)
        if refusal is not None:
            self._refuse(session, read, refusal)
            return
        assert read.article is not None, "a file without a refusal holds an article"
        self._report.warnings += read.warnings
        article, text = read.article, read.text
        if not article.id:
            article = replace(article, id=self._claims.id_for(session, read.path))
            text = with_id(text, article.id)
            self._write_backs.append(_WriteBack(read.path, text, read.sha256))
        quarantine.release(session, read.path)
        self._save(session, FileText(article, read.path, text, sha256_of(text)))

    def _save(self, session: Session, file: FileText) -> None:
        at = self._clock.now()
        known = folder.known_file(session, article_id=file.article.id)
        verdict = verdict_on(file.sha256, known, is_reviewed=self._is_reviewed)
        if verdict in (Verdict.REVIEW, Verdict.CONFLICT):
            self._hold(session, file, known, verdict, at)
            return
        withdraw_other(session, file.path, file.article.id)
        release(session, _held_path(session, file.article.id))
        self._displace(session, file.path, file.article.id)
        if verdict is Verdict.PUBLISH:
            publishing.publish(session, _revision(file, known, at))
            self._report.published.append(file.article.id)
            return
        assert known is not None, "a file that says what is known is of an article"
        if verdict is Verdict.CAUGHT_UP:
            folder.note_common(session, file.article.id, file.sha256)
        if not self._move(session, known, file.path, at):
            self._report.unchanged += 1

    def _hold(self, session: Session, file: FileText, known: KnownFile | None, verdict: Verdict, at: datetime) -> None:
        hold = Hold.CONFLICT if verdict is Verdict.CONFLICT else Hold.REVIEW
        is_free = folder.known_file(session, path=file.path) is None
        if known and known.path in self._gone and is_free:
            self._move(session, known, file.path, at)
        if not hold_text(session, file, known, hold, at):
            self._report.unchanged += 1
            return
        self._report.drafts.append(file.article.id)
        if hold is Hold.CONFLICT:
            self._report.conflicts.append(file.article.id)

    def _displace(self, session: Session, path: str, article_id: str) -> None:
        """Take the file's name from any other article, which may have another file by the end of the run."""
        displaced = folder.free_path(session, path, article_id)
        if displaced:
            self.displaced.add(displaced)
        self.displaced.discard(article_id)

    def _move(self, session: Session, known: KnownFile, path: str, at: datetime) -> bool:
        """Note where the article's file lies; gives whether that is another place than before."""
        if known.path == path or known.stage is not Stage.PUBLISHED:
            return False
        folder.move(session, known.article_id, path, at, FOLDER_AUTHOR)
        self._report.moved.append(known.article_id)
        return True

    def _refuse(self, session: Session, read: ReadFile, refusal: Refusal) -> None:
        at = self._clock.now()
        file = QuarantinedFile(read.path, refusal.line, refusal.zh, refusal.en, at)
        quarantine.set_aside(session, file, read.sha256)
        log.warning("quarantined path=%r line=%s reason=%s", read.path, refusal.line, refusal.en[:200])

    def write_ids_back(self) -> None:
        """Write new ids into their files; a file that cannot be written keeps its id by its path."""
        for back in self._write_backs:
            try:
                if not self._folder.replace(back.path, back.text.encode(), back.former_hash):
                    log.info("file changed while its id was written back path=%r", back.path)
            except (OSError, ValueError) as error:
                log.warning("cannot write the id back path=%r error=%s", back.path, error)
        self._write_backs.clear()

    def put_away(self, session: Session) -> None:
        """Archive articles whose file is gone or now holds another article."""
        at = self._clock.now()
        for path in sorted(self._gone):
            quarantine.release(session, path)
            known = folder.known_file(session, path=path)
            held = held_files.at_path(session, path)
            if held and held.hold is not Hold.REMOVED:
                # Of two texts in conflict one was taken away, which does not say that it was wrong.
                release(session, path, keep_draft=held.hold is Hold.CONFLICT)
            if known and known.stage is Stage.PUBLISHED and known.is_in_step:
                self._put_away_one(session, known, "file removed", at)
        for article_id in sorted(self.displaced):
            known = folder.known_file(session, article_id=article_id)
            if known and not known.path and known.is_in_step:
                self._archive(session, article_id, "file holds another article", at)

    def _put_away_one(self, session: Session, known: KnownFile, reason: str, at: datetime) -> None:
        if not self._is_reviewed:
            self._archive(session, known.article_id, reason, at)
            return
        held = held_files.at_path(session, known.path)
        if held is None:
            held_files.hold(session, HeldFile(known.path, known.article_id, "", Hold.REMOVED, None, at))
            log.warning("file removed, article kept for a reviewer id=%s path=%r", known.article_id, known.path)

    def _archive(self, session: Session, article_id: str, reason: str, at: datetime) -> None:
        publishing.archive(session, article_id, at, FOLDER_AUTHOR, reason, file_is_gone=True)
        self._report.archived.append(article_id)


def _held_path(session: Session, article_id: str) -> str:
    held = held_files.of_article(session, article_id)
    return held.path if held else ""


def _revision(file: FileText, known: KnownFile | None, at: datetime) -> NewRevision:
    return NewRevision(
        article=file.article,
        path=file.path,
        markdown=file.markdown,
        sha256=file.sha256,
        author=FOLDER_AUTHOR,
        reason="import" if known is None else "file changed",
        excerpt=excerpt_of(file.article.body),
        verified_until=verified_until(file.article),
        at=at,
        is_on_disk=True,
    )
