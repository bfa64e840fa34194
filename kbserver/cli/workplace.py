"""What commands work on: settings, database, folder and index, put together once."""

from __future__ import annotations

from dataclasses import dataclass

from kbserver.adapters.search_index import EmbeddedSearchIndex
from kbserver.app import make_index
from kbserver.config import Settings, load_settings
from kbserver.errors import N_, SettingError
from kbserver.services.article_folder import ArticleFolder
from kbserver.services.clock import SystemClock
from kbserver.services.folder_sync import FolderSync
from kbserver.services.folder_writing import FolderWriter
from kbserver.services.git_commits import GitCommitter
from kbserver.services.importing import ArticleImporter
from kbserver.services.indexing import IndexConsumer
from kbserver.store.database import Database
from kbserver.store.schema import migrate


@dataclass
class Workplace:
    """The parts of one installation, with its database migrated."""

    settings: Settings
    database: Database
    clock: SystemClock
    folder: FolderSync

    @classmethod
    def open(cls, settings: Settings | None = None) -> Workplace:
        """The installation that the environment names."""
        settings = settings or load_settings()
        database = Database.at(settings.database_url, settings.data_dir)
        migrate(database)
        clock = SystemClock()
        root = settings.articles_dir
        importer = ArticleImporter(database, clock, root, reviews_files=settings.review == "all")
        writer = FolderWriter(database, clock, ArticleFolder(root))
        committer = GitCommitter(database, clock, root) if settings.git_commit else None
        return cls(settings, database, clock, FolderSync(importer, writer, committer))

    def index(self) -> EmbeddedSearchIndex:
        """The search index of the data folder."""
        index = make_index(self.settings, self.database)
        if not isinstance(index, EmbeddedSearchIndex):
            raise SettingError(N_("KB_SEARCH_BACKEND is set to none, so there is no index."))
        return index

    def consumer(self, index: EmbeddedSearchIndex) -> IndexConsumer:
        """What brings that index up to date."""
        return IndexConsumer(self.database, index)

    def __enter__(self) -> Workplace:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()
