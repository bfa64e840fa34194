"""Both directions between folder and database, for those who run them: the worker and the commands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kbserver.services.folder_writing import FolderWriter
from kbserver.services.git_commits import GitCommitter
from kbserver.services.importing import ArticleImporter, ImportReport, Progress


@dataclass(frozen=True, slots=True)
class FolderSync:
    """The importer and the writer, in the order that overwrites nobody: first what the folder has is read."""

    importer: ArticleImporter
    writer: FolderWriter
    committer: GitCommitter | None = None
    """Commits what was written, where the settings ask for it."""

    def whole(self, progress: Progress | None = None) -> ImportReport:
        """Bring both sides in step, looking at everything; what every start does."""
        report = self.importer.import_folder(progress)
        self._commit(self.writer.reconcile())
        return report

    def changed(self, paths: Iterable[Path]) -> ImportReport:
        """Bring in these files."""
        return self.importer.import_paths(paths)

    def write_back(self) -> None:
        """Write what was published elsewhere since the last time."""
        self._commit(self.writer.catch_up())

    def _commit(self, written: list[str]) -> None:
        if self.committer:
            self.committer.catch_up(written)
