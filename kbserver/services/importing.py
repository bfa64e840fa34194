"""From files to revisions: the articles folder is read, and what changed in it is brought in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from indexer.frontmatter import is_article_name
from kbserver.domain.articles import QuarantinedFile, Stage
from kbserver.domain.folder import HeldFile, Hold, KnownFile
from kbserver.errors import N_, FolderUnavailable
from kbserver.services.article_files import FoundFile, articles_in, relative_path
from kbserver.services.article_reading import Refusal, read_article
from kbserver.services.import_run import ImportRun
from kbserver.services.ports import Clock
from kbserver.store import folder, held_files, quarantine
from kbserver.store.database import Database

FILES_PER_TRANSACTION = 200
"""Files committed together: each is whole or absent, and ten thousand do not wait for as many disks."""

FEWEST_TO_DOUBT = 5
"""An empty folder where this many articles were is taken for a missing disk, not for a decision."""

MAX_RETRIED = 200
"""Quarantined files looked at again when others change; one may have waited for another's id."""

log = logging.getLogger(__name__)
Progress = Callable[[int, int], None]


@dataclass
class ImportReport:
    """What an import did, by article id; `refused` names every file that is in quarantine now."""

    published: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    """Those whose file waits for review now and did not before."""
    conflicts: list[str] = field(default_factory=list)
    """Those of `drafts` that had been changed elsewhere too."""
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
class _Known:
    """What the database knows of the folder."""

    files: Mapping[str, KnownFile]
    held: Mapping[str, HeldFile]
    quarantined: Mapping[str, str]

    def hash_at(self, path: str) -> str:
        """The hash of the file's content that needs no second look, empty when there is none."""
        if path in self.held:
            return self.held[path].file_hash
        before = self.files.get(path)
        return before.file_hash if before else ""


class ArticleImporter:
    """Keeps the database in step with the articles folder; `reviews_files` as KB_REVIEW=all says."""

    def __init__(self, database: Database, clock: Clock, root: Path, *, reviews_files: bool) -> None:
        self._database = database
        self._clock = clock
        self._root = root
        self._reviews_files = reviews_files

    def import_folder(self, progress: Progress | None = None) -> ImportReport:
        """Bring in everything that changed since the last time; unchanged files cost a hash."""
        found = list(articles_in(self._root))
        known = self._known()
        written = [file for file in known.files.values() if file.file_hash]
        if not found and len(written) >= FEWEST_TO_DOUBT:
            raise FolderUnavailable(
                N_("The articles folder %(path)s is empty, though %(count)s articles came from it."),
                path=self._root,
                count=len(written),
            )
        gone = (known.files.keys() | known.quarantined.keys() | known.held.keys()) - {file.path for file in found}
        return self._import(found, gone, known, progress)

    def import_paths(self, paths: Iterable[Path]) -> ImportReport:
        """Bring in these files, which may have been added, changed, or removed."""
        wanted = {path for path in paths if is_article_name(path.name)}
        known = self._known()
        waiting = [self._root / path for path in known.quarantined]
        found = [
            FoundFile(relative_path(full, self._root), full)
            for full in sorted(wanted.union(waiting[:MAX_RETRIED]))
            if full.is_symlink() or full.exists()
        ]
        gone = {relative_path(full, self._root) for full in wanted} - {f.path for f in found}
        return self._import(found, gone, known, None)

    def _known(self) -> _Known:
        with self._database.read() as session:
            return _Known(
                folder.known_files(session),
                {held.path: held for held in held_files.all_held(session)},
                quarantine.quarantined_hashes(session),
            )

    def _import(
        self, found: Sequence[FoundFile], gone: set[str], known: _Known, progress: Progress | None
    ) -> ImportReport:
        report = ImportReport()
        changed = []
        for number, file in enumerate(found, 1):
            read = read_article(file, self._root, known.hash_at(file.path))
            if read is None:
                report.unchanged += 1
            else:
                changed.append(read)
            if progress:
                progress(number, len(found))
        is_first = bool(changed) and self._is_first()
        reviews = self._reviews_files and not is_first
        run = ImportRun(self._root, self._clock, changed, gone, report, is_reviewed=reviews)
        for start in range(0, len(changed), FILES_PER_TRANSACTION):
            with self._database.write() as session:
                for read in changed[start : start + FILES_PER_TRANSACTION]:
                    run.bring_in(session, read)
            run.write_ids_back()
        if run.displaced or any(_is_news(known, path) for path in gone):
            with self._database.write() as session:
                run.put_away(session)
        if is_first:
            with self._database.write() as session:
                folder.end_first_import(session)
        with self._database.read() as session:
            report.refused = quarantine.quarantined(session)
        _log(report)
        return report

    def _is_first(self) -> bool:
        with self._database.write() as session:
            return folder.begin_first_import(session)


def _is_news(known: _Known, path: str) -> bool:
    """Whether a file that is not there has just gone, and not long ago or never come."""
    if path in known.held:
        return known.held[path].hold is not Hold.REMOVED
    before = known.files.get(path)
    is_expected = before is not None and (before.stage is not Stage.PUBLISHED or not before.is_in_step)
    return path in known.quarantined or (before is not None and not is_expected)


def _log(report: ImportReport) -> None:
    if report.changed or report.moved or report.drafts:
        log.info(
            "imported published=%s drafts=%s conflicts=%s moved=%s archived=%s refused=%s",
            len(report.published),
            len(report.drafts),
            len(report.conflicts),
            len(report.moved),
            len(report.archived),
            len(report.refused),
        )
