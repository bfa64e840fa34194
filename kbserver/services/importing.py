"""From files to revisions: what changed in the articles folder is published, archived or quarantined."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from indexer.articles import Article
from indexer.frontmatter import is_article_name, with_id
from kbserver.domain.articles import QuarantinedFile, Stage, verified_until
from kbserver.domain.excerpt import excerpt_of
from kbserver.errors import N_, FolderUnavailable
from kbserver.services.article_files import (
    FoundFile,
    articles_in,
    relative_path,
    replace_text,
    sha256_of,
)
from kbserver.services.article_ids import IdClaims
from kbserver.services.article_reading import ReadFile, Refusal, read_article
from kbserver.services.ports import Clock
from kbserver.store import publishing, quarantine
from kbserver.store.database import Database
from kbserver.store.publishing import KnownFile, NewRevision

FILES_PER_TRANSACTION = 200
"""Files committed together: each is whole or absent, and ten thousand do not wait for as many disks."""

FEWEST_TO_DOUBT = 5
"""An empty folder where this many articles were is taken for a missing disk, not for a decision."""

MAX_RETRIED = 200
"""Quarantined files looked at again when others change; one may have waited for another's id."""

AUTHOR = "folder"

log = logging.getLogger(__name__)
Progress = Callable[[int, int], None]


@dataclass
class ImportReport:
    """What an import did, by article id; `refused` names every file that is in quarantine now."""

    published: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    archived: list[str] = field(default_factory=list)
    unchanged: int = 0
    refused: list[QuarantinedFile] = field(default_factory=list)
    warnings: list[Refusal] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether the index has something to do."""
        return bool(self.published or self.archived)


@dataclass(frozen=True, slots=True)
class _WriteBack:
    full: Path
    text: str
    former_hash: str


class ArticleImporter:
    """Keeps the database in step with the articles folder."""

    def __init__(self, database: Database, clock: Clock, root: Path, *, reviews_files: bool) -> None:
        self._database = database
        self._clock = clock
        self._root = root
        self._reviews_files = reviews_files

    def import_folder(self, progress: Progress | None = None) -> ImportReport:
        """Bring in everything that changed since the last time; unchanged files cost a hash."""
        found = list(articles_in(self._root))
        with self._database.read() as session:
            known = publishing.known_files(session)
            waiting = quarantine.quarantined_hashes(session)
        if not found and len(known) >= FEWEST_TO_DOUBT:
            raise FolderUnavailable(
                N_("The articles folder %(path)s is empty, though %(count)s articles came from it."),
                path=self._root,
                count=len(known),
            )
        gone = (known.keys() | waiting.keys()) - {file.path for file in found}
        return self._import(found, gone, known, progress)

    def import_paths(self, paths: Iterable[Path]) -> ImportReport:
        """Bring in these files, which may have been added, changed, or removed."""
        wanted = {path for path in paths if is_article_name(path.name)}
        with self._database.read() as session:
            waiting = [self._root / path for path in quarantine.quarantined_hashes(session)]
            known = publishing.known_files(session)
        found = [
            FoundFile(relative_path(full, self._root), full)
            for full in sorted(wanted.union(waiting[:MAX_RETRIED]))
            if full.is_symlink() or full.exists()
        ]
        gone = {relative_path(full, self._root) for full in wanted} - {f.path for f in found}
        return self._import(found, gone, known, None)

    def _import(
        self,
        found: Sequence[FoundFile],
        gone: set[str],
        known: dict[str, KnownFile],
        progress: Progress | None,
    ) -> ImportReport:
        report = ImportReport()
        publishes = not self._reviews_files or not known
        changed = []
        for number, file in enumerate(found, 1):
            read = read_article(file, self._root, _known_hash(file.path, known))
            if read is None:
                report.unchanged += 1
            else:
                changed.append(read)
            if progress:
                progress(number, len(found))
        run = _Run(self._root, self._clock, changed, gone, report, publishes=publishes)
        for start in range(0, len(changed), FILES_PER_TRANSACTION):
            with self._database.write() as session:
                for read in changed[start : start + FILES_PER_TRANSACTION]:
                    run.bring_in(session, read)
            run.write_ids_back()
        if gone or run.displaced:
            with self._database.write() as session:
                run.put_away(session)
        with self._database.read() as session:
            report.refused = quarantine.quarantined(session)
        if report.changed or report.moved or report.drafts:
            log.info(
                "imported published=%s drafts=%s moved=%s archived=%s refused=%s",
                len(report.published),
                len(report.drafts),
                len(report.moved),
                len(report.archived),
                len(report.refused),
            )
        return report


def _known_hash(path: str, known: dict[str, KnownFile]) -> str:
    before = known.get(path)
    return before.file_hash if before and before.stage is not Stage.ARCHIVED else ""


class _Run:
    """One import: decides for each file whose it is and what becomes of it."""

    def __init__(
        self,
        root: Path,
        clock: Clock,
        changed: Sequence[ReadFile],
        gone: set[str],
        report: ImportReport,
        *,
        publishes: bool,
    ) -> None:
        self._clock = clock
        self._gone = gone
        self._report = report
        self._publishes = publishes
        self._claims = IdClaims(root, changed, gone)
        self._write_backs: list[_WriteBack] = []
        self.displaced: set[str] = set()

    def bring_in(self, session: Session, read: ReadFile) -> None:
        """Make one file's content an article, or put the file into quarantine."""
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
            self._write_backs.append(_WriteBack(read.full, text, read.sha256))
        quarantine.release(session, read.path)
        displaced = publishing.free_path(session, read.path, article.id)
        if displaced:
            self.displaced.add(displaced)
        self._save(session, article, text, read.path)

    def _save(self, session: Session, article: Article, text: str, path: str) -> None:
        sha256 = sha256_of(text)
        before = publishing.known_file(session, article_id=article.id)
        at = self._clock.now()
        self.displaced.discard(article.id)
        if before and before.file_hash == sha256 and before.stage is not Stage.ARCHIVED:
            if before.path == path:
                self._report.unchanged += 1
            else:
                publishing.move(session, article.id, path, at, AUTHOR)
                self._report.moved.append(article.id)
            return
        new = NewRevision(
            article=article,
            path=path,
            markdown=text,
            sha256=sha256,
            author=AUTHOR,
            reason="import" if before is None else "file changed",
            excerpt=excerpt_of(article.body),
            verified_until=verified_until(article),
            at=at,
        )
        if self._publishes:
            publishing.publish(session, new)
            self._report.published.append(article.id)
        else:
            publishing.add_draft(session, new)
            self._report.drafts.append(article.id)

    def _refuse(self, session: Session, read: ReadFile, refusal: Refusal) -> None:
        at = self._clock.now()
        file = QuarantinedFile(read.path, refusal.line, refusal.zh, refusal.en, at)
        quarantine.set_aside(session, file, read.sha256)
        log.warning("quarantined path=%r line=%s reason=%s", read.path, refusal.line, refusal.en[:200])

    def write_ids_back(self) -> None:
        """Write new ids into their files; a file that cannot be written keeps its id by its path."""
        for back in self._write_backs:
            try:
                if not replace_text(back.full, back.text, back.former_hash):
                    log.info("file changed while its id was written back path=%r", back.full.name)
            except OSError as error:
                log.warning("cannot write the id back path=%r error=%s", back.full.name, error)
        self._write_backs.clear()

    def put_away(self, session: Session) -> None:
        """Archive articles whose file is gone or now holds another article."""
        at = self._clock.now()
        for path in sorted(self._gone):
            quarantine.release(session, path)
            known = publishing.known_file(session, path=path)
            if known:
                self._archive(session, known.article_id, "file removed", at)
        for article_id in sorted(self.displaced):
            known = publishing.known_file(session, article_id=article_id)
            if known and not known.path:
                self._archive(session, article_id, "file holds another article", at)

    def _archive(self, session: Session, article_id: str, reason: str, at: datetime) -> None:
        publishing.archive(session, article_id, at, AUTHOR, reason)
        self._report.archived.append(article_id)
